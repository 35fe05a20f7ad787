"""The customer who was found: may this person swap, who it is, what is left; beside it the battery that comes back, read meanwhile, or
what to do where there is no swap.

The verdict is `kiosk.domain.swap.verdict`; here it is said. Nothing on this page chooses a battery.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import KioskError
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages import message_for
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.swap.swap import Swap, SwapRules, with_returned
from kiosk.domain.swap.verdict import Answer, Ground, SwapVerdict
from kiosk.domain.written import format_money, write_number
from kiosk.station.services.background_reads import BackgroundReads
from kiosk.station.services.customer_lookup import FoundCustomer
from ui.pages.formatting import FIT, StationTime, age_words, battery_view, clock_words, kwh_words, masked_name, shortened, swaps_words
from ui.widgets import Band, BatteryCard, BatteryView, BusyPanel, QuotaBar, QuotaView, StatusHero, Widgets
from ui.widgets.widgets import Item

FRESH = timedelta(minutes=1)
MAX_QUOTAS, SHORT_QUOTAS = 3, 2  # where steps stand below them, those that decide
LEFT, RIGHT = 6, 7  # shares of the two columns
WAITS = "hourglass-medium-bold"
TONES = {Answer.YES: "ok", Answer.NO: "stop", Answer.DOUBT: "attention"}
SENTENCES = {
    Ground.COVERED: mark("May swap: yes"),
    Ground.SWAPS_TO_PAY: mark("May swap: pay first"),
    Ground.SWAPS_USED_UP: mark("May swap: no"),
    Ground.ENERGY_TO_PAY: mark("May swap: pay first"),
    Ground.ENERGY_USED_UP: mark("May swap: no"),
    Ground.ENERGY_LITTLE: mark("May swap: perhaps"),
    Ground.STATE_UNKNOWN: mark("May swap: look first"),
    Ground.RENEWAL: mark("May swap: yes"),
}
PAID_UP = "CURRENT"


# -- what is known of the battery that comes back


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanwhileView:
    """The battery that comes back, while its customer is found: "" where none does. `fault` is why its reading will be refused."""

    battery: str
    near: bool = False
    reading_now: bool = False
    reading: BatteryTelemetry | None = None
    fault: KioskError | None = None

    @property
    def may_be_taken_back(self) -> bool:
        """Whether it is at the counter, as far as is known, and nothing that was read of it speaks against it."""
        return (self.near or self.reading_now or self.reading is not None) and self.fault is None


def meanwhile(swap: Swap, reads: BackgroundReads, rules: SwapRules, *, near: bool) -> MeanwhileView:
    """The battery that a found customer brings; whether it is `near` is heard."""
    battery = swap.plan.current_asset or ""
    if not battery:
        return MeanwhileView(battery="")
    if swap.incoming is not None:
        return MeanwhileView(battery=battery, reading=swap.incoming)
    reading = reads.valid(swap, battery)
    return MeanwhileView(
        battery=battery,
        near=near,
        reading_now=reads.reads_now == normalise_id(battery),
        reading=reading,
        fault=_fault(swap, reading, rules),
    )


def _fault(swap: Swap, reading: BatteryTelemetry | None, rules: SwapRules) -> KioskError | None:
    """Why the page of the returned battery will refuse this reading."""
    if reading is None:
        return None
    try:
        with_returned(swap, reading, rules)
    except KioskError as error:
        return error
    return None


def near_words(view: MeanwhileView, now: datetime) -> tuple[str, str]:
    """What is known of the battery that comes back, in words with their tone."""
    if not view.battery:
        return "", "muted"
    if view.reading is not None:
        if normalise_id(view.reading.battery_id) != normalise_id(view.battery):
            return tr("Another battery answered for {battery}", battery=view.battery), "attention"
        energy, age = kwh_words(view.reading.kwh_remaining), age_words(view.reading.timestamp, now)
        return tr("{battery} holds {energy} kWh, read {age} ago", battery=view.battery, energy=energy, age=age), "ok"
    if view.reading_now:
        return tr("{battery} is near, and is being read", battery=view.battery), "ok"
    if view.near:
        return tr("{battery} is near the counter", battery=view.battery), "ok"
    return tr("Listening for {battery}", battery=view.battery), "muted"


# -- the verdict in words


def reason_of(verdict: SwapVerdict, plan: ServicePlan) -> str:
    """Why, in one line or two."""
    price = format_money(verdict.price, plan.billing_currency) if verdict.price is not None else ""
    match verdict.ground:
        case Ground.SWAPS_TO_PAY:
            return tr("{used} One more costs {price}.", used=_all_used(plan), price=price)
        case Ground.SWAPS_USED_UP:
            return tr("{used} No price is known.", used=_all_used(plan))
        case Ground.ENERGY_TO_PAY:
            return tr("{left} One kWh costs {price}.", left=_energy_left(plan), price=price)
        case Ground.ENERGY_USED_UP:
            return tr("{left} No price is known.", left=_energy_left(plan))
        case Ground.ENERGY_LITTLE:
            return tr("{left} No price: what comes back decides.", left=_energy_left(plan))
        case Ground.STATE_UNKNOWN:
            return tr("State {state} is not known here.", state=plan.unknown_states[0])
        case Ground.RENEWAL:
            return tr("Renewal is due. {left}", left=_left(plan))
        case _:
            return tr("Paid up. {left}", left=_left(plan)) if plan.payment_state == PAID_UP else _left(plan)


def _all_used(plan: ServicePlan) -> str:
    quota = plan.swap_count.quota
    return tr("All {swaps} are used.", swaps=swaps_words(quota)) if quota > 0 else tr("This plan has no swaps.")


def _energy_left(plan: ServicePlan) -> str:
    left = ZERO if plan.electricity is None else plan.electricity.remaining
    return tr("{left} kWh left.", left=kwh_words(left)) if left > 0 else tr("No electricity left.")


def _left(plan: ServicePlan) -> str:
    """ "4 swaps and 55.5 kWh left." """
    count, energy = plan.swap_count, plan.electricity
    swaps = tr("Unlimited swaps") if count.unlimited else swaps_words(count.remaining)
    if energy is None:
        return tr("{swaps} left.", swaps=swaps)
    kwh = tr("unlimited kWh") if energy.unlimited else f"{kwh_words(energy.remaining)} kWh"
    return tr("{swaps} and {kwh} left.", swaps=swaps, kwh=kwh)


def steps_of(plan: ServicePlan) -> tuple[str, ...]:
    """What to do where there is no swap."""
    back = plan.current_asset
    take = (tr("Or take {battery} back, and keep the swap for later.", battery=back),) if back else ()
    return (tr("Tell the customer. Scan the card again once the plan is renewed."), *take)


def notes_of(found: FoundCustomer, here: StationTime) -> list[tuple[str, str, str]]:
    """Swaps that are not in the quotas yet, and when the plan was checked: tone, words, icon."""
    checked_at = found.swap.plan_as_of
    if abs(found.swap.started_at - checked_at) < FRESH:
        checked = ("muted", tr("Checked with the platform at {time}", time=clock_words(checked_at, here.zone)), "clock-bold")
    else:
        words = tr("Offline. Last checked {age} ago", age=age_words(checked_at, here.now))
        checked = ("attention", words, "clock-counter-clockwise-bold")
    pending = tr_count("Less {count} swap not yet confirmed", "Less {count} swaps not yet confirmed", found.pending)
    return [("attention", pending, WAITS), checked] if found.pending else [checked]


# -- the quotas


def quota_views(plan: ServicePlan) -> tuple[QuotaView, ...]:
    """Swaps, electricity, and the first service that is neither."""
    shown = [(tr("Swaps"), "", plan.swap_count)]
    if plan.electricity is not None:
        shown.append((tr("Electricity"), "kWh", plan.electricity))
    known = {plan.fleet.service_id, *(state.service_id for _, _, state in shown)}
    others = (state for state in plan.service_states if state.service_id not in known and not plan.is_electricity(state))
    shown += [(_service_name(plan, state), "", state) for state in others]
    return tuple(_quota(*each) for each in shown[:MAX_QUOTAS])


def _service_name(plan: ServicePlan, state: ServiceState) -> str:
    configured = plan.template.configuration(state.service_id)
    if configured is not None and configured.name:
        return configured.name
    return tr("Network") if "network" in state.service_id else state.service_id


def _quota(name: str, unit: str, state: ServiceState) -> QuotaView:
    if state.unlimited:
        return QuotaView(name=name, unlimited=True)
    return QuotaView(
        name=name,
        left=write_number(max(ZERO, state.remaining)),
        unit=tr("{unit} left", unit=unit) if unit else tr("left"),
        used=tr("{used} of {quota} used", used=write_number(state.used), quota=f"{write_number(state.quota)} {unit}".strip()),
        level=float(min(Decimal(1), state.used / state.quota)) if state.quota > 0 else 1.0,
    )


# -- the view


class FoundView(QWidget):
    """Left the verdict, who it is and what is left; right the battery that comes back, or the quotas and what to do."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._widgets = widgets
        self.band, self._name, self._plan = (
            Band(widgets, "ok", below="strong"),
            widgets.text("", "title"),
            widgets.text("", "body", "muted"),
        )
        self._facts = widgets.facts()
        self._near = widgets.say("", "ok", "bluetooth-bold")
        self._notes = [widgets.say("", "muted") for _ in range(2)]
        who = widgets.panel(self.band, self._name, self._plan, self._facts, ..., *self._notes, gap="xs")
        self._wanted, self.busy, self.card = StatusHero(widgets), BusyPanel(widgets), BatteryCard(widgets, NO_BATTERY, large=True)
        right = QWidget()
        self._near_panel = widgets.panel(self._near)
        self._right = QStackedLayout(right)  # with its widget from the start: what a layout of no widget shows is a window
        for widget in (self._wanted, self.busy, self.card, self._quotas_panel(widgets)):
            self._right.addWidget(widget)
        self.setLayout(widgets.columns((who, LEFT), (widgets.body(widgets.stack(right, self._near_panel, gap="m", grow=(0,))), RIGHT)))

    def _quotas_panel(self, widgets: Widgets) -> QWidget:
        self._bars = [QuotaBar(widgets, QuotaView(name="")) for _ in range(MAX_QUOTAS)]
        self._rules = [widgets.rule() for _ in self._bars[1:]]
        quotas: list[Item] = [self._bars[0]]
        for rule, bar in zip(self._rules, self._bars[1:], strict=True):
            quotas += (..., rule, ..., bar)
        self._steps, self._steps_rule = QWidget(), widgets.rule()
        self._steps_place = widgets.stack(self._steps)
        self.quotas = widgets.panel(*quotas, ..., self._steps_rule, self._steps_place, gap="s")
        return self.quotas

    def show_found(self, found: FoundCustomer, here: StationTime) -> None:
        """Who it is and what is left; the verdict comes by `show_verdict`, the battery by `show_battery`."""
        plan, quotas = found.swap.plan, quota_views(found.swap.plan)
        self._name.set_words(masked_name(plan))
        self._plan.set_words(f"{plan.template.name}, {shortened(plan.customer_id)}")
        for shown, note in zip(self._notes, (*notes_of(found, here), ("muted", "", "")), strict=False):
            shown.show_notice(*note)
        for shown_bar, quota in zip(self._bars, quotas, strict=False):
            shown_bar.show_quota(quota)

    def show_verdict(self, verdict: SwapVerdict, plan: ServicePlan) -> None:
        """May swap: yes, no, or a person has to look."""
        self.band.show_band(TONES[verdict.answer], tr(SENTENCES[verdict.ground]), reason_of(verdict, plan))
        refused, quotas = verdict.answer is Answer.NO, quota_views(plan)
        drawn = refused or plan.first_visit  # at the right
        shown = () if drawn else quotas[:SHORT_QUOTAS]
        self._facts.show_facts([(each.name, tr("Unlimited") if each.unlimited else each.used) for each in shown])
        count = min(len(quotas), SHORT_QUOTAS if refused else MAX_QUOTAS)
        for index, bar in enumerate(self._bars):
            bar.setVisible(index < count)
        for index, rule in enumerate(self._rules, 1):
            rule.setVisible(index < count)
        self._steps_rule.setVisible(refused)
        steps = self._widgets.numbered(*steps_of(plan)) if refused else self._widgets.numbered()
        steps.setVerticalSpacing(self._widgets.t.space("s"))
        self._steps = self._widgets.replace(self._steps_place, self._steps, steps)
        self._steps.setVisible(refused)

    def show_battery(self, view: MeanwhileView, now: datetime, *, refused: bool) -> None:
        """What is known of the battery that comes back. Where there is none, or no swap, the quotas are shown in its place."""
        words, tone = near_words(view, now)
        self._near.say(words, tone, "bluetooth-bold")
        self._near_panel.setVisible(bool(words) and not (refused or view.reading_now or view.reading is not None))
        if refused or not view.battery:
            self._right.setCurrentWidget(self.quotas)
        elif view.reading is not None:
            self.card.show_battery(read_card(view.reading, view.fault, now))
            self._right.setCurrentWidget(self.card)
        elif view.reading_now:
            self._right.setCurrentWidget(self.busy)
        else:
            what = tr("Put {battery} on the counter and switch it on.", battery=view.battery)
            self._wanted.show_hero("muted", "bluetooth-bold", tr("Returned battery"), what, tr("It is read by itself."))
            self._right.setCurrentWidget(self._wanted)


NO_BATTERY = BatteryView(name="", battery_id="", kwh="")


def read_card(reading: BatteryTelemetry, fault: KioskError | None, now: datetime) -> BatteryView:
    """The battery that was read meanwhile, with whether it will be taken back."""
    view = battery_view(reading, tr("Returned, read {age} ago", age=age_words(reading.timestamp, now)), checked=True)
    words = tr(FIT) if fault is None else message_for(fault).what
    return replace(view, fit=fault is None, fitness=words)
