"""A battery that came back with clearly more energy than it went out with: what went out and what came back side by side, what it means
for the swap (decision 28)."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import ReturnedMore
from kiosk.domain.language import mark, tr
from ui.pages.formatting import StationTime, battery_view, clock_words, kwh_words, moment_words, percent_of
from ui.widgets import BatteryView, Widgets
from ui.widgets.surfaces import Surface

LEFT, RIGHT = 7, 5  # shares of the two columns, as on the page of a reading
# why a supervisor lets the swap go on; the record keeps the English words
REASONS = {"home": mark("Charged at home"), "elsewhere": mark("Charged elsewhere"), "misread": mark("Wrong when issued")}
NO_SUPERVISOR = mark("Only a supervisor may go on. None is set up here.")


def sides_of(error: ReturnedMore, reading: BatteryTelemetry, here: StationTime, station_id: str) -> tuple[BatteryView, BatteryView]:
    """What went out, and what came back now, as cards; `station_id` is the station's own."""
    at = moment_words(error.issued_at, here.now, here.zone) if error.issued_at is not None else ""
    then = tr("Out, {time}", time=at) if at else tr("Out")
    full = reading.full_kwh
    out = BatteryView(
        name=then,
        battery_id="",
        kwh=kwh_words(error.issued_kwh),
        percent=int(error.issued_kwh / full * 100) if full else None,
        estimated=error.estimated,
        fitness=_place(error.station, station_id),
    )
    back = battery_view(reading, tr("Back now, {time}", time=clock_words(reading.timestamp, here.zone)))
    return out, BatteryView(
        name=back.name, battery_id="", kwh=back.kwh, percent=percent_of(reading), estimated=reading.estimated, measured=back.measured[:1]
    )


def _place(station: str, here: str) -> str:
    if not station:
        return ""
    return tr("At this station") if station.casefold() == here.casefold() else tr("At {station}", station=station)


class SideCard(Surface):
    """What is known of the battery at one of the two times; a sentence at the bottom."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(widgets)
        self._name, self._kwh = widgets.text("", "body", "muted"), widgets.figure("", "kWh", "number")
        self._percent, self._gauge = widgets.text("", "lead", wrap=False), widgets.gauge(small=True)
        self._estimate = widgets.say(tr("Estimate"), "attention")
        self._facts, self._below = widgets.facts(), widgets.say("", "muted")
        head = widgets.row(self._kwh, ..., self._percent, gap="m")
        widgets.lay_out(self, widgets.stack(self._name, head, self._estimate, self._gauge, self._facts, ..., self._below, gap="xs"), "pad")

    def show_side(self, view: BatteryView, below: str, tone: str, icon: str) -> None:
        self._name.set_words(view.name)
        self._kwh.set_figure(view.kwh, "kWh")
        self._percent.set_words("" if view.percent is None else f"{view.percent} %")
        self._gauge.set_level((view.percent or 0) / 100)
        self._gauge.describe(tr("Charge"), f"{view.percent} %")
        self._gauge.setVisible(view.percent is not None)
        self._estimate.setVisible(view.estimated)
        self._facts.show_facts(view.measured)
        self._facts.setVisible(bool(view.measured))
        self._below.show_notice(tone, below, icon)
        self._below.setVisible(bool(below))


class MoreView(QWidget):
    """Out and back side by side, the rules below; which of them is right, and what is counted, at the right."""

    given_back = Signal()

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._out, self._back = SideCard(widgets), SideCard(widgets)
        self._cap, self._who = widgets.say("", "text", "calculator-bold"), widgets.say("", "text", "identification-badge-bold")
        rules = widgets.panel(
            widgets.say(tr("The plan gets no credit for what was charged elsewhere."), "text", "lightning-bold"),
            self._cap,
            self._who,
            gap="s",
        )
        left = widgets.stack(widgets.columns((self._out, 1), (self._back, 1), gap="m"), rules, gap="m", grow=(0,))
        self.give_back = widgets.button(tr("Give it back"), "arrow-u-up-left-bold")
        self.give_back.clicked.connect(self.given_back)
        self._sum = widgets.facts()
        steps = (tr("Read wrongly: read again."), tr("Charged: ask a supervisor."), tr("The customer keeps it: give it back."))
        side = widgets.panel(
            widgets.text(tr("Which is right?"), "title"),
            widgets.rule(),
            widgets.numbered(*steps),
            self.give_back,
            ...,
            widgets.rule(),
            self._sum,
            gap="s",
        )
        self.setLayout(widgets.columns((widgets.body(left), LEFT), (side, RIGHT)))

    def show_more(self, error: ReturnedMore, sides: tuple[BatteryView, BatteryView], *, may_go_on: bool, may_give_back: bool) -> None:
        """`may_go_on` where a supervisor can be asked; `may_give_back` where that is a button of the page."""
        out, back = sides
        issued = kwh_words(error.issued_kwh)
        self._out.show_side(out, out.fitness, "muted", "storefront-bold")
        self._back.show_side(back, tr("{more} kWh more", more=kwh_words(error.more_kwh)), "attention", "warning-bold")
        self._cap.show_notice("text", tr("No more than {issued} kWh are counted, as it went out.", issued=issued), "calculator-bold")
        self._who.show_notice("attention", "" if may_go_on else tr(NO_SUPERVISOR), "identification-badge-bold")
        self._who.setVisible(not may_go_on)
        self.give_back.setVisible(may_give_back)
        name = tr("Counted")
        self._sum.show_facts(((tr("Came back with"), f"{kwh_words(error.kwh)} kWh"), (name, f"{issued} kWh")), strong=frozenset({name}))
