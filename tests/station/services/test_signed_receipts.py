"""A receipt is signed where the station has a key; one that cannot be signed is made all the same."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.domain.money.money import Collectable
from kiosk.domain.swap.swap import Swap
from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.printing import FolderArchive
from kiosk.station.ports import CompletedSwap, OutboxState
from kiosk.station.services.receipts import Receipts, facts_of
from kiosk.wire.signed_receipts import read_receipt
from tests.fakes import BlankPaper
from tests.station.adapters.store.values import ended_swap, make_payment
from tests.station.services.conftest import Counter

KEY = SigningKey.from_seed(bytes(range(32)))


@pytest.fixture
def code_of(counter: Counter, tmp_path: Path) -> Callable[..., str]:
    def code(swap: Swap, key: Callable[[], SigningKey | None] = lambda: KEY, *, training: bool = False) -> str:
        archive, station = FolderArchive(tmp_path), counter.swaps.station
        receipts = Receipts(counter.store, BlankPaper(), archive, counter.clock, station, Collectable(), training=training, signing_key=key)
        return receipts.receipt(CompletedSwap(swap=swap, state=OutboxState.SETTLED)).proof

    return code


def test_what_is_signed_is_what_the_swap_was(code_of: Callable[..., str]) -> None:
    swap = replace(ended_swap(payment=make_payment()), parts=(replace(make_payment("PAY-1"), amount=Decimal("2.50")),))
    read = read_receipt(code_of(swap))
    assert read.facts == facts_of(swap)
    assert (read.facts.transaction, read.facts.station, read.facts.amount) == (swap.correlation_id, swap.station_id, "17.5")
    assert KEY.public.signed(read.facts.signed_bytes, read.signature)


def test_where_nothing_was_paid_the_amount_is_zero_in_the_plans_currency(code_of: Callable[..., str]) -> None:
    facts = read_receipt(code_of(ended_swap())).facts
    assert (facts.amount, facts.currency) == ("0", "USD")


def test_without_a_key_in_training_and_with_a_value_that_cannot_be_signed_there_is_none(code_of: Callable[..., str]) -> None:
    def unusable() -> SigningKey:
        raise BadInput("station-key.pem", "can be read by others")

    assert code_of(ended_swap(), lambda: None) == ""
    assert code_of(ended_swap(), unusable) == ""
    assert code_of(ended_swap(), training=True) == ""
    assert code_of(replace(ended_swap(), station_id="ST|1")) == ""
