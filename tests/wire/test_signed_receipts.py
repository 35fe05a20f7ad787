"""A receipt's code: what is signed, byte for byte, and what a check finds of each change."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.errors import BadInput
from kiosk.shared.signing_keys import SigningKey
from kiosk.wire.exact_json import dumps
from kiosk.wire.published_keys import PublishedKey, read_published_keys
from kiosk.wire.signed_receipts import ReceiptFacts, ReceiptOutcome, SignedReceipt, read_receipt, sign_receipt

KEY, OTHER = SigningKey.from_seed(bytes(range(32))), SigningKey.from_seed(bytes(range(1, 33)))
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
FACTS = ReceiptFacts.of_swap(
    transaction="TXN-01JD4Z6Q7W8X9Y0Z1A2B3C4D5E",
    station="STATION_XYZ",
    at=datetime(2026, 1, 31, 11, 15, 0, 999_000, tzinfo=timezone(timedelta(hours=3))),
    net_kwh=Decimal("25.600"),
    amount=Decimal("1.2E+3"),
    currency="KES",
)
SIGNED = sign_receipt(FACTS, KEY)


def keys(*, station: str = "STATION_XYZ", key: SigningKey = KEY, until: datetime | None = None) -> tuple[PublishedKey, ...]:
    return (PublishedKey(key=key.public, valid_from=SINCE, valid_until=until, station=station),)


def outcome(receipt: SignedReceipt, published: tuple[PublishedKey, ...]) -> ReceiptOutcome:
    return receipt.checked(published, NOW).outcome


def test_the_signed_bytes_are_these_lines() -> None:
    assert FACTS.signed_bytes == (
        b"swap-kiosk-receipt-1\nTXN-01JD4Z6Q7W8X9Y0Z1A2B3C4D5E\nSTATION_XYZ\n2026-01-31T08:15:00Z\n25.6\n1200\nKES\n"
    )
    assert FACTS.digest == hashlib.sha256(FACTS.signed_bytes).hexdigest()


def test_the_code_has_these_parts_and_reads_back() -> None:
    assert SIGNED.code == (
        f"SKR1|TXN-01JD4Z6Q7W8X9Y0Z1A2B3C4D5E|STATION_XYZ|2026-01-31T08:15:00Z|25.6|1200|KES|{KEY.public.id}|{KEY.sign(FACTS.signed_bytes)}"
    )
    assert read_receipt(f" {SIGNED.code}\r\n") == SIGNED


def test_the_code_and_its_digest_are_the_published_vector() -> None:
    """The page for integrators holds this very code: who writes a check tries it against the page."""
    page = (Path(__file__).parents[2] / "docs/integrator/receipts.md").read_text(encoding="utf-8")
    for vector in (SIGNED.code, FACTS.digest, KEY.public.text, KEY.public.id):
        assert vector in page


def test_the_code_names_no_customer_and_no_plan() -> None:
    assert set(ReceiptFacts.__dataclass_fields__) == {"transaction", "station", "time", "net_kwh", "amount", "currency"}


def test_energy_that_is_not_tracked_is_empty_and_a_negative_one_keeps_its_sign() -> None:
    def net(value: Decimal | None) -> str:
        return ReceiptFacts.of_swap(transaction="T", station="S", at=NOW, net_kwh=value, amount=Decimal("0.00"), currency="USD").net_kwh

    assert [net(each) for each in (None, Decimal("-1.50"), Decimal("-0.0"), Decimal(100))] == ["", "-1.5", "0", "100"]


def test_what_the_station_signed_is_valid() -> None:
    assert outcome(SIGNED, keys()) is ReceiptOutcome.VALID
    assert outcome(SIGNED, keys(until=NOW + timedelta(days=1))) is ReceiptOutcome.VALID


@pytest.mark.parametrize("name", ReceiptFacts.__dataclass_fields__)
def test_each_value_that_was_changed_shows(name: str) -> None:
    values: dict[str, Any] = {name: f"{getattr(FACTS, name)}0"}
    changed = replace(SIGNED, facts=replace(FACTS, **values))
    assert outcome(read_receipt(changed.code), keys(station=changed.facts.station)) is ReceiptOutcome.ALTERED


def test_a_value_that_moved_to_its_neighbours_place_shows() -> None:
    moved = replace(FACTS, net_kwh=FACTS.amount, amount=FACTS.net_kwh)
    assert outcome(replace(SIGNED, facts=moved), keys()) is ReceiptOutcome.ALTERED


@pytest.mark.parametrize("signature", ["", "AAAA", SIGNED.signature[:-2], SIGNED.signature.rstrip("="), OTHER.sign(FACTS.signed_bytes)])
def test_another_signature_shows(signature: str) -> None:
    assert outcome(replace(SIGNED, signature=signature), keys()) is ReceiptOutcome.ALTERED


def test_a_key_that_nobody_published_is_unknown_and_so_is_another_stations() -> None:
    assert outcome(SIGNED, ()) is ReceiptOutcome.UNKNOWN_KEY
    assert outcome(sign_receipt(FACTS, OTHER), keys()) is ReceiptOutcome.UNKNOWN_KEY
    assert outcome(SIGNED, keys(station="STATION_ABC")) is ReceiptOutcome.UNKNOWN_KEY


def test_a_key_that_ended_sends_to_the_platform_however_old_the_receipt_says_it_is() -> None:
    verdict = SIGNED.checked(keys(until=NOW), NOW)
    assert (verdict.outcome, verdict.ended_at) == (ReceiptOutcome.ENDED, NOW)
    forged = replace(SIGNED, facts=replace(FACTS, amount="1"))
    assert outcome(forged, keys(until=NOW)) is ReceiptOutcome.ALTERED


@pytest.mark.parametrize("bad", ["a|b", "a\nb", "a\x00", "a\x7f", "a\u2028b", "\x85"])
@pytest.mark.parametrize("name", ReceiptFacts.__dataclass_fields__)
def test_a_bar_or_a_control_character_is_refused_before_signing(name: str, bad: str) -> None:
    with pytest.raises(BadInput):
        sign_receipt(replace(FACTS, **{name: bad}), KEY)


@pytest.mark.parametrize("name", ["transaction", "station"])
def test_a_receipt_without_transaction_or_station_is_not_signed(name: str) -> None:
    with pytest.raises(BadInput):
        sign_receipt(replace(FACTS, **{name: ""}), KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TXN-1",
        "SKR2" + SIGNED.code[4:],
        SIGNED.code.lower(),
        SIGNED.code.rpartition("|")[0],
        SIGNED.code + "|",
        SIGNED.code.replace("KES", "K\x1bS"),
        "SKR1|" + "x" * 1000,
        "|".join(["SKR1", *[""] * 8]),
    ],
)
def test_what_is_no_code_or_was_cut_is_said(text: str) -> None:
    with pytest.raises(BadInput):
        read_receipt(text)


def test_published_keys_read_back_as_they_are_published() -> None:
    published = (
        *keys(until=NOW + timedelta(days=3)),
        PublishedKey(key=OTHER.public, valid_from=SINCE, station="ST-1", revoked_since=NOW),
        PublishedKey(key=OTHER.public, valid_from=SINCE),
    )
    assert read_published_keys(dumps({"keys": [each.as_json() for each in published], "after": None})) == published


def test_a_key_counts_until_its_end_or_until_it_was_revoked() -> None:
    end, revoked = NOW + timedelta(days=3), NOW - timedelta(days=1)
    assert keys()[0].ended_at is None
    assert keys(until=end)[0].ended_at == end
    assert replace(keys(until=end)[0], revoked_since=revoked).ended_at == revoked


@pytest.mark.parametrize("change", [{"key": "AAAA"}, {"key": None}, {"from": "yesterday"}, {"until": "2026-01-01T00:00:00"}])
def test_a_published_key_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        read_published_keys(dumps({"keys": [{**keys()[0].as_json(), **change}]}))


@pytest.mark.parametrize("document", [b"", b"null", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [{}]}'])
def test_a_document_without_keys_is_refused(document: bytes) -> None:
    with pytest.raises(BadInput):
        read_published_keys(document)
