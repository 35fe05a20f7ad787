"""Packs that ask for a password: it is given where one is kept, told apart from a wrong one, and never in the log."""

import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest

from kiosk.domain.errors import ReadingPrevented
from kiosk.domain.read_obstacle import ReadObstacle
from kiosk.station.adapters.bluetooth.battery_protocol import Notification, Peripheral
from kiosk.station.adapters.bluetooth.protocol_registry import load_kinds
from tests.station.adapters.bluetooth.cases import device_of
from tests.station.adapters.bluetooth.packs import read, recordings

CODE = "482613"
RECORDED = recordings()["JBD-D"]
UNLOCK = b"\xff\xaa\x15"


def locked_jbd(written: list[bytes], secret: str = CODE) -> Peripheral:
    """The recorded pack; it says whether the password is right."""
    answered = dict(RECORDED.exchange)

    def on_write(uuid: str, request: bytes) -> Sequence[Notification]:
        written.append(request)
        assert logging.getLogger("bleak").getEffectiveLevel() > logging.DEBUG or not request.startswith(UNLOCK)
        if request.startswith(UNLOCK):
            refused = request[4:-1] != secret.encode()
            told = bytes((0x15, 0x01, refused))
            return [(RECORDED.notify, b"\xff\xaa" + told + bytes((sum(told) & 0xFF,)))]
        return [(RECORDED.notify, each) for each in answered.get(request, ())]

    return replace(RECORDED.peripheral(), on_write=on_write)


def test_the_password_is_given_before_the_values_are_asked_for() -> None:
    written: list[bytes] = []
    assert read(locked_jbd(written), secret=CODE).voltage == RECORDED.volts
    assert written[0].startswith(UNLOCK)
    assert CODE.encode() in written[0]


def test_without_a_password_none_is_sent() -> None:
    written: list[bytes] = []
    assert read(locked_jbd(written)).voltage == RECORDED.volts
    assert not any(each.startswith(UNLOCK) for each in written)


@pytest.mark.parametrize("wrong", ["000000", "pässwörd"])
def test_a_wrong_password_is_told_as_one(wrong: str) -> None:
    with pytest.raises(ReadingPrevented) as refused:
        read(locked_jbd([]), secret=wrong)
    assert refused.value.obstacle is ReadObstacle.UNLOCK_REFUSED
    assert wrong not in str(refused.value)


def test_a_family_that_takes_no_password_is_not_given_one() -> None:
    assert not load_kinds()["jk"].accept_secret
    assert str(read(device_of(29), secret=CODE).voltage) == "13.405"


def test_a_password_is_in_no_log_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for secret in (CODE, "000000"):
        try:
            read(locked_jbd([]), secret=secret)
        except ReadingPrevented as refused:
            logging.getLogger().warning("refused: %r", refused)
        for spelled in (secret, secret.encode().hex(), secret.encode().hex(" ")):
            assert spelled not in caplog.text
    assert caplog.text  # the rest is logged as ever
    assert logging.getLogger("bleak").level == logging.NOTSET
