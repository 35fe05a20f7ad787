"""What of a message is signed, byte for byte, and what every change of it does."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.shared.signing_keys import PublicKey, SigningKey, read_signing_key
from kiosk.wire.signed_messages import MessageRole, Signature, SignedParts, is_far, is_signed, read_signature, sign, signed_bytes

KEY = SigningKey.from_seed(bytes(range(32)))
AT = datetime(2026, 1, 31, 8, 15, 0, 123_999, tzinfo=UTC)
PARTS = SignedParts(
    role=MessageRole.REQUEST,
    topic="call/uxi/attendant/plan/plan-1/complete_service",
    payload=b'{"action":"COMPLETE_SERVICE"}',
    correlation="TXN-01",
    response_topic="rtrn/abs/station/st-1/complete_service",
)
DIGEST = hashlib.sha256(PARTS.payload).hexdigest().encode()
SIGNED = sign(PARTS, KEY, "st-1", AT, "7:lines:ab")


def test_the_signed_bytes_are_these_lines() -> None:
    assert signed_bytes(PARTS, "st-1", SIGNED.time, "7:lines:ab") == (
        b"swap-kiosk-message-1\nrequest\nst-1\ncall/uxi/attendant/plan/plan-1/complete_service\nTXN-01\n"
        b"rtrn/abs/station/st-1/complete_service\n2026-01-31T08:15:00.123Z\n7:lines:ab\n"
        + hashlib.sha256(PARTS.payload).hexdigest().encode()
        + b"\n"
    )


def test_what_was_signed_is_signed_and_nothing_else_is() -> None:
    assert is_signed(PARTS, SIGNED, KEY.public)
    changed = (
        replace(PARTS, role=MessageRole.ANSWER),
        replace(PARTS, topic=PARTS.topic + "x"),
        replace(PARTS, payload=PARTS.payload + b" "),
        replace(PARTS, correlation=""),
        replace(PARTS, response_topic=""),
    )
    assert not any(is_signed(each, SIGNED, KEY.public) for each in changed)
    for name, value in (
        ("station", "st-2"),
        ("time", "2026-01-31T08:15:00.124Z"),
        ("audit", ""),
        ("signature", SIGNED.signature[:-4] + "AAA="),
    ):
        assert not is_signed(PARTS, replace(SIGNED, **{name: value}), KEY.public), name
    assert not is_signed(PARTS, SIGNED, SigningKey.make().public)


def test_a_line_break_moves_nothing_from_one_line_to_the_next() -> None:
    with pytest.raises(BadInput):
        sign(replace(PARTS, correlation="TXN-01\nrtrn"), KEY, "st-1", AT)
    assert not is_signed(replace(PARTS, topic="a\nb"), SIGNED, KEY.public)


def test_the_properties_are_read_back_as_they_were_sent() -> None:
    assert read_signature(SIGNED.properties) == SIGNED
    without = sign(PARTS, KEY, "st-1", AT)
    assert [name for name, _ in without.properties] == ["sk-station", "sk-time", "sk-signature"]
    assert read_signature((("traceparent", "x"), *without.properties)) == without
    assert read_signature((("traceparent", "x"),)) is None


@pytest.mark.parametrize(
    "properties",
    [
        SIGNED.properties[1:],
        SIGNED.properties[:-1],
        (*SIGNED.properties, SIGNED.properties[0]),
        (("sk-station", "st-1\n"), *SIGNED.properties[1:]),
        (SIGNED.properties[0], ("sk-time", "2026-01-31T08:15:00Z"), *SIGNED.properties[2:]),
        (SIGNED.properties[0], ("sk-time", "2026-13-31T08:15:00.123Z"), *SIGNED.properties[2:]),
        (("sk-station", "x" * 201), *SIGNED.properties[1:]),
    ],
)
def test_a_part_of_a_signature_is_none(properties: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(BadInput):
        read_signature(properties)


def test_ten_minutes_are_near_and_more_is_far() -> None:
    cut = SIGNED.at
    assert not is_far(SIGNED, cut + timedelta(minutes=10))
    assert not is_far(SIGNED, cut - timedelta(minutes=10))
    assert is_far(SIGNED, cut + timedelta(minutes=10, milliseconds=1))
    assert is_far(SIGNED, cut - timedelta(minutes=10, milliseconds=1))


def test_a_key_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    KEY.keep(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_signing_key(file).public == KEY.public
    with pytest.raises(FileExistsError):
        SigningKey.make().keep(file)
    file.chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600"):
        read_signing_key(file)
    assert "PRIVATE" not in repr(KEY)


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_without_a_key_is_said(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(BadInput, match="no private key"):
        read_signing_key(file)


def test_base64_has_one_spelling() -> None:
    text = KEY.public.text
    assert PublicKey.read(text) == KEY.public
    for each in (text.rstrip("="), text + "\n", text[:-2] + "B=", ""):
        with pytest.raises(BadInput):
            PublicKey.read(each)
    assert not KEY.public.signed(b"", Signature(station="", time="", audit="", signature="").signature)


def test_what_is_derived_is_another_for_each_purpose() -> None:
    assert KEY.derive("swap-kiosk-audit-1") == SigningKey.from_seed(bytes(range(32))).derive("swap-kiosk-audit-1")
    assert len({KEY.derive("swap-kiosk-audit-1"), KEY.derive("other"), bytes(range(32))}) == 3
