"""Where Back leads, for every page that has one."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.errors import StepImpossible
from kiosk.domain.swap.swap import Confirmation, Payment, Step, Swap
from kiosk.domain.swap.ways import step_before
from tests.builders import NOON, plan_with, swap_of, swap_with_batteries

FIRST = swap_of(plan_with(holds=None))
SHORT = swap_with_batteries(plan_with(used_kwh="390"))


@pytest.mark.parametrize(
    ("swap", "shown", "before"),
    [
        (swap_of(), Step.RETURNED, Step.CUSTOMER),
        (replace(swap_with_batteries(), outgoing=None), Step.NEW, Step.RETURNED),
        (FIRST, Step.NEW, Step.CUSTOMER),
        (SHORT, Step.PAYMENT, Step.NEW),
        (swap_with_batteries(), Step.REVIEW, Step.NEW),
    ],
)
def test_back_is_the_page_before(swap: Swap, shown: Step, before: Step) -> None:
    assert step_before(swap, shown) is before


def paid() -> Swap:
    payment = Payment(
        amount=Decimal("12.48"), currency="USD", receipt_id="MP1", method="CASH", recorded_at=NOON, confirmation=Confirmation.PLATFORM
    )
    return replace(SHORT, payment=payment)


@pytest.mark.parametrize(
    ("swap", "shown"), [(paid(), Step.PAYMENT), (paid(), Step.REVIEW), (replace(swap_with_batteries(), completed_at=NOON), Step.DONE)]
)
def test_after_a_payment_and_after_the_end_there_is_no_way_back(swap: Swap, shown: Step) -> None:
    with pytest.raises(StepImpossible):
        step_before(swap, shown)
