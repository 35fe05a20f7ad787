"""The question that claims a transaction, and what each answer to it means (decision 27)."""

from decimal import Decimal

import pytest

from kiosk.domain.swap.swap import Swap
from kiosk.wire.claims import ClaimAnswer, claim_answer_from_payload, claim_to_payload
from kiosk.wire.completion_answers import Unintelligible
from kiosk.wire.exact_json import dumps, loads
from tests.builders import NOON, plan_of, swap_of, swap_with_batteries

SWAP = "TXN-01JHMN5Z000000000000000001"


def test_a_swap_with_energy_asks_for_its_net_energy() -> None:
    swap = swap_with_batteries()
    asked = loads(claim_to_payload(swap, NOON))
    assert swap.plan.electricity is not None
    assert (asked["action"], asked["correlation_id"], asked["plan_id"]) == ("VERIFY_SERVICE_QUOTA", swap.correlation_id, swap.plan.id)
    assert (asked["service_id"], asked["quantity"]) == (swap.plan.electricity.service_id, Decimal("25.6"))
    assert asked["attendant_station"] == swap.station_id


@pytest.mark.parametrize("swap", [swap_of(), swap_with_batteries(incoming="30.4", outgoing="4.8")], ids=["no batteries", "less comes out"])
def test_a_swap_without_energy_to_pay_asks_for_one_swap(swap: Swap) -> None:
    asked = loads(claim_to_payload(swap, NOON))
    assert (asked["service_id"], asked["quantity"]) == (plan_of().swap_count.service_id, Decimal(1))


def answered(*signals: str, **more: object) -> bytes:
    return dumps({"signals": list(signals), "correlation_id": SWAP, "metadata": {}, **more})


@pytest.mark.parametrize(
    ("payload", "read"),
    [
        (answered("QUOTA_AVAILABLE"), ClaimAnswer(correlation_id=SWAP, claimed=True)),
        (answered("QUOTA_EXHAUSTED", "TOPUP_REQUIRED"), ClaimAnswer(correlation_id=SWAP, claimed=True)),
    ],
)
def test_the_claim_stands_whether_the_plan_has_enough_or_not(payload: bytes, read: ClaimAnswer) -> None:
    assert claim_answer_from_payload("plan-1", payload) == read


@pytest.mark.parametrize(
    ("signal", "owned", "station_refused"),
    [("TRANSACTION_OWNED", True, False), ("STATION_UNKNOWN", False, True), ("SIGNATURE_INVALID", False, True)],
)
def test_a_refusal_says_whose_it_is(signal: str, owned: bool, station_refused: bool) -> None:  # noqa: FBT001  columns of a table
    read = claim_answer_from_payload("plan-1", answered("VALIDATION_FAILED", signal, metadata={"reason": "no"}))
    assert isinstance(read, ClaimAnswer)
    assert (read.claimed, read.owned, read.station_refused, read.reason) == (False, owned, station_refused, "no")


@pytest.mark.parametrize("payload", [b"", b"[]", answered(), answered("SOMETHING_ELSE")])
def test_what_says_neither_is_no_answer(payload: bytes) -> None:
    assert isinstance(claim_answer_from_payload("plan-1", payload), Unintelligible)
