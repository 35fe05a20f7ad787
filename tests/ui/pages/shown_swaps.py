"""Swaps as far as they are when a page shows them."""

from dataclasses import replace
from decimal import Decimal

from kiosk.domain.swap.swap import Confirmation, Payment, Swap
from tests.builders import NOON, plan_with, swap_of, swap_with_batteries

NAME = "Amina Wanjiru"


def named(swap: Swap) -> Swap:
    return replace(swap, plan=replace(swap.plan, customer_name=NAME))


def begun() -> Swap:
    return named(swap_of())


def exhausted(*, used: str = "390", swaps_used: int = 6) -> Swap:
    return named(swap_with_batteries(plan_with(used_kwh=used, swaps_used=swaps_used)))


def payment(confirmation: Confirmation) -> Payment:
    return Payment(
        amount=Decimal("12.48"),
        currency="USD",
        receipt_id="MP4471KENYA",
        method="MOBILE_MONEY",
        recorded_at=NOON,
        confirmation=confirmation,
    )


def paid(*, confirmation: Confirmation = Confirmation.PLATFORM) -> Swap:
    return replace(exhausted(), payment=payment(confirmation))


def completed(swap: Swap) -> Swap:
    return replace(swap, completed_at=NOON)


def in_shillings(*, used: str = "380.4", swaps_used: int = 6) -> Swap:
    """A swap that owes 271 KES; more where no swap is left."""
    swap = exhausted(used=used, swaps_used=swaps_used)
    template, electricity = swap.plan.template, swap.plan.electricity
    assert electricity is not None
    priced = tuple(
        replace(each, unit_price=Decimal("45.20") if each.service_id == electricity.service_id else Decimal(12_345))
        for each in template.service_configurations
    )
    return replace(swap, plan=replace(swap.plan, template=replace(template, billing_currency="KES", service_configurations=priced)))
