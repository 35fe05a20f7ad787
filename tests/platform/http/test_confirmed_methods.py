"""A receipt that was confirmed, shown at the counter with another method: refused at once, so that it can be typed again."""

from pathlib import Path

import pytest

from kiosk.platform.payment_proof import VERIFIERS
from kiosk.platform.store.repository import PlatformStore
from tests.builders import NOON, plan_with
from tests.platform.agent_counter import SWAP, Counter, payment
from tests.platform.http.confirming import deliver, delivery, stored
from tests.platform.http.site import calling, context_on

PAYMENTS = "SELECT method, owner FROM platform_payment_events"


@pytest.mark.parametrize("reference", ["", SWAP])
@pytest.mark.parametrize("policy", VERIFIERS)
async def test_a_confirmed_receipt_shown_with_another_method_is_refused_and_pays_with_its_own(
    tmp_path: Path, policy: str, reference: str
) -> None:
    store = PlatformStore(tmp_path / "platform.sqlite")
    store.put_plan(plan_with(used_kwh="390"), NOON)
    counter = Counter(store=store, verifier=VERIFIERS[policy]())
    document = delivery("12.48", "PAY-1") | ({"reference": reference} if reference else {})
    async with calling(context_on(store, clock=counter.clock), bearer=False) as erp:
        assert (await deliver(erp, document))[1]["verdict"] == "BOOKED"
    refused = counter.ask("process_payment", payment(payment_method="CASH"))
    assert refused["signals"] == ["PAYMENT_FAILED"]
    assert "recorded as MOBILE_MONEY" in refused["metadata"]["reason"]
    assert counter.ask("process_payment", payment())["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]
    assert stored(store, PAYMENTS) == [("MOBILE_MONEY", SWAP)]
    store.close()
