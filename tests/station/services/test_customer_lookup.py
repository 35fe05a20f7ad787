"""A code that was scanned or typed: the customer's new swap, what is pending, and what this kiosk keeps."""

from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.domain.errors import BadCustomerCode, CustomerUnknown
from kiosk.station.services.customer_lookup import EnteredCode, look_up, plan_checked_at, read_overview
from kiosk.station.services.open_completions import History
from tests.station.services.conftest import Counter


def kiosk_of(counter: Counter) -> Any:
    return SimpleNamespace(code_in_url="", swaps=counter.swaps, history=History(counter.store), plans=counter.plans)


@pytest.mark.parametrize("text", ["{plan_id}", "QR_CUSTOMER_{plan_id}", '{{"subscription": {{"code": "{plan_id}"}}}}'])
async def test_every_form_of_a_code_finds_the_customer(counter: Counter, text: str) -> None:
    plan_id = counter.know().plan_id
    found = await look_up(kiosk_of(counter), EnteredCode(text=text.format(plan_id=plan_id)))
    assert (found.swap.plan.id, found.pending) == (plan_id, 0)


async def test_swaps_that_are_not_confirmed_are_counted(counter: Counter) -> None:
    swap = await counter.swaps.complete(await counter.to_review())
    found = await look_up(kiosk_of(counter), EnteredCode(text=swap.plan.id))
    assert found.pending == 1


async def test_what_cannot_be_a_code_and_whom_nobody_knows_are_refused(counter: Counter) -> None:
    with pytest.raises(BadCustomerCode):
        await look_up(kiosk_of(counter), EnteredCode(text="a/b+c#", typed=True))
    with pytest.raises(CustomerUnknown):
        await look_up(kiosk_of(counter), EnteredCode(text="nobody", typed=True))


async def test_a_plan_that_is_kept_here_says_when_it_was_checked(counter: Counter) -> None:
    code = EnteredCode(text=counter.know().plan_id)
    assert await plan_checked_at(kiosk_of(counter), code) is None
    await look_up(kiosk_of(counter), code)
    assert await plan_checked_at(kiosk_of(counter), code) == counter.clock.now()


async def test_the_overview_has_what_was_kept_and_the_last_swap(counter: Counter) -> None:
    done = await counter.swaps.complete(await counter.to_review())
    await counter.swaps.keep(await counter.swaps.identify(counter.know()))
    overview = await read_overview(kiosk_of(counter))
    assert [kept.set_aside for kept in overview.kept] == [True]
    assert overview.last is not None
    assert overview.last.swap.correlation_id == done.correlation_id
