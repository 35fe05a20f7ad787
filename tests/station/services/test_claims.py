"""Whoever begins a transaction owns it before money is asked for it (decision 27)."""

import pytest

from kiosk.domain.errors import LinkDown, StationRefused, TransactionOwned
from kiosk.domain.swap.swap import Swap
from tests.builders import plan_with
from tests.station.services.conftest import Counter


async def short(counter: Counter) -> Swap:
    return await counter.to_review(plan_with(used_kwh="390", quota_kwh="400"))


async def test_a_station_that_does_not_sign_claims_nothing(counter: Counter) -> None:
    swap = await short(counter)
    assert not counter.swaps.needs_claim(swap)
    assert await counter.swaps.claim(swap)
    assert counter.payments.claimed == []


async def test_a_transaction_is_claimed_once(counter: Counter) -> None:
    counter.payments.claims = True
    swap = await short(counter)
    assert counter.swaps.needs_claim(swap)
    assert await counter.swaps.claim(swap)
    assert not counter.swaps.needs_claim(swap)
    assert await counter.swaps.claim(swap)
    assert counter.payments.claimed == [swap.correlation_id]


async def test_without_an_answer_the_swap_goes_on_and_is_claimed_later(counter: Counter) -> None:
    counter.payments.claims, counter.payments.no_claim = True, LinkDown("no network")
    swap = await short(counter)
    assert not await counter.swaps.claim(swap)
    assert counter.swaps.needs_claim(swap)
    counter.payments.no_claim = None
    assert await counter.swaps.claim(swap)


@pytest.mark.parametrize("refusal", [TransactionOwned("station-2 began it"), StationRefused("it was revoked")])
async def test_a_refused_claim_is_told_and_not_taken_for_one(counter: Counter, refusal: TransactionOwned | StationRefused) -> None:
    counter.payments.claims, counter.payments.no_claim = True, refusal
    swap = await short(counter)
    with pytest.raises(type(refusal)):
        await counter.swaps.claim(swap)
    assert counter.swaps.needs_claim(swap)
