"""The states of the payment page in cash, and with the longest sums."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kiosk.domain.money.money import Collectable
from tests.ui.pages.shown_swaps import in_shillings
from ui.pages.payment.page import PaymentPage


def in_whole_units(page: PaymentPage) -> None:
    swaps = page.context.kiosk.swaps
    swaps.rules = replace(swaps.rules, collectable=Collectable(units={"KES": Decimal(1)}))


def cash(given: str = "") -> Callable[[PaymentPage], None]:
    def prepare(page: PaymentPage) -> None:
        in_whole_units(page)
        page.enter(in_shillings())
        page.form.choose_method("CASH")
        page.form.view.methods.choose("CASH")
        if given:
            page.form.set_amount(Decimal(given))

    return prepare


def both_short(method: str) -> Callable[[PaymentPage], None]:
    """The longest sum there is: swaps and kWh are short, and the price is rounded up."""

    def prepare(page: PaymentPage) -> None:
        in_whole_units(page)
        page.enter(in_shillings(used="400.7", swaps_used=10))
        page.form.choose_method(method)
        page.form.view.methods.choose(method)

    return prepare


def why(page: PaymentPage) -> None:
    both_short("CASH")(page)
    page.flow.explain()


CASH_STATES: Mapping[str, Any] = {
    "cash": (PaymentPage, cash()),
    "cash, notes": (PaymentPage, cash("500")),
    "cash, part": (PaymentPage, cash("100")),
    "why": (PaymentPage, why),
    "both short": (PaymentPage, both_short("MOBILE_MONEY")),
    "cash, both short": (PaymentPage, both_short("CASH")),
}
