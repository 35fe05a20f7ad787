"""Why this amount: how it comes about step by step, for the attendant and for the customer (decisions 2, 5, 9, 28)."""

from dataclasses import dataclass
from datetime import tzinfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.decimals import ZERO
from kiosk.domain.language import tr
from kiosk.domain.money.money import TopUp
from kiosk.domain.swap.swap import Swap
from kiosk.domain.written import MINUS, format_kwh, format_money, write_number
from ui.pages.formatting import TIMES, clock_words, shortened, swaps_words
from ui.pages.page_context import RebuiltPanel
from ui.widgets import Widgets

LADDER, SOURCE = 8, 4


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of the ladder; a `result` has a rule above it."""

    name: str
    about: str
    sign: str
    value: str
    result: bool = False


def ladder_of(swap: Swap, due: TopUp, zone: tzinfo | None) -> tuple[Rung, ...]:
    """From the readings to what has to be paid; a quota that is not short has no lines."""
    exact = due.amount_kwh * (due.price_kwh or ZERO) + due.amount_swaps * (due.price_swap or ZERO)
    rounded, paid = due.cost - exact, swap.amount_paid
    return (
        *(_energy(swap, due, zone) if due.price_kwh is not None else ()),
        *(_swaps(due) if due.price_swap is not None else ()),
        Rung(tr("Exact amount"), "", "=", format_money(exact, due.currency), result=True),
        *((Rung(tr("Rounded up"), tr("to what can be paid"), "+", format_money(rounded, due.currency)),) if rounded else ()),
        *((Rung(tr("Paid already"), "", MINUS, format_money(paid, due.currency)),) if paid else ()),
    )


def _energy(swap: Swap, due: TopUp, zone: tzinfo | None) -> tuple[Rung, ...]:
    quota, electricity, price = swap.quota, swap.plan.electricity, due.price_kwh
    if quota is None or electricity is None or price is None or swap.outgoing is None or swap.outgoing.kwh_remaining is None:
        return ()
    left = quota.remaining_kwh or ZERO
    used = tr("{used} of {quota} used", used=write_number(electricity.used), quota=write_number(electricity.quota))
    read, counted = swap.incoming, swap.counted_kwh
    returned: tuple[Rung, ...] = ()
    if read is not None and counted is not None:
        returned = (Rung(tr("Returned battery"), _read(read, zone), MINUS, format_kwh(counted)),)
    return (
        Rung(tr("New battery"), _read(swap.outgoing, zone), "", format_kwh(swap.outgoing.kwh_remaining)),
        *returned,
        Rung(tr("This swap gives"), "", "=", format_kwh(quota.net_kwh or ZERO), result=True),
        Rung(tr("Left in the plan") if left >= 0 else tr("Used beyond the plan"), used, MINUS if left >= 0 else "+", format_kwh(abs(left))),
        Rung(tr("Missing"), "", "=", format_kwh(due.amount_kwh), result=True),
        Rung(tr("Price"), tr("for 1 kWh"), TIMES, format_money(price, due.currency)),
    )


def _read(reading: BatteryTelemetry, zone: tzinfo | None) -> str:
    return tr("{battery}, {time}", battery=shortened(reading.battery_id, 16), time=clock_words(reading.timestamp, zone))


def _swaps(due: TopUp) -> tuple[Rung, ...]:
    return (
        Rung(tr("Missing"), "", "" if due.price_kwh is None else "+", swaps_words(due.amount_swaps), result=True),
        Rung(tr("Price"), tr("for 1 swap"), TIMES, format_money(due.price_swap or ZERO, due.currency)),
    )


class WhyView(QWidget):
    """The ladder, and where it comes from."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._widgets = widgets
        self._ladder, self._source = RebuiltPanel(widgets), RebuiltPanel(widgets)
        self.setLayout(widgets.columns((self._ladder, LADDER), (self._source, SOURCE)))

    def show_why(self, swap: Swap, due: TopUp, zone: tzinfo | None) -> None:
        """Of a swap that has to be paid."""
        widgets, rungs = self._widgets, ladder_of(swap, due, zone)
        grid = QGridLayout()
        grid.setHorizontalSpacing(widgets.t.space("m"))
        grid.setVerticalSpacing(widgets.t.space("none"))  # ten lines, and each may take two
        grid.setColumnStretch(1, 1)
        for rung in rungs:
            self._add(grid, rung)
        still = format_money(max(ZERO, due.cost - swap.amount_paid), due.currency)
        total = widgets.row(widgets.text(tr("To pay"), "lead"), ..., widgets.text(still, "title", wrap=False), gap="m")
        self._ladder.rebuild(widgets.stack(grid, ..., widgets.rule(), total, gap="s"))
        swaps = swap.plan.swap_count
        left, quota = (write_number(each) for each in (max(ZERO, swaps.remaining), swaps.quota))
        facts = widgets.facts(
            (tr("Plan"), swap.plan.template.name),
            (tr("Version"), swap.plan.template.version),
            (tr("Checked"), clock_words(swap.plan_as_of, zone)),
            (tr("Swaps left"), tr("Unlimited") if swaps.unlimited else tr("{left} of {quota}", left=left, quota=quota)),
        )
        self._source.rebuild(
            widgets.stack(
                widgets.text(tr("Where it comes from"), "lead"),
                widgets.rule(),
                facts,
                ...,
                widgets.say(tr("Swaps that the platform has not confirmed yet are counted already."), "muted", "info-bold"),
            )
        )

    def _add(self, grid: QGridLayout, rung: Rung) -> None:
        widgets, line = self._widgets, grid.rowCount()
        if rung.result:
            grid.addWidget(widgets.rule(), line, 0, 1, 4)
            line += 1
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        grid.addWidget(widgets.text(rung.name, "strong" if rung.result else "body", wrap=False), line, 0)
        grid.addWidget(widgets.text(rung.about, "small", "muted"), line, 1)
        grid.addWidget(widgets.text(rung.sign, "body", "muted", wrap=False), line, 2)
        grid.addWidget(widgets.text(rung.value, "strong", wrap=False), line, 3, right)
