"""What `doctor` says of the counter's signature, of what it did not believe, and of a broker on which anybody may speak (D14)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.mqtt.refused_messages import RefusedMessages
from kiosk.station.adapters.station_identity import KEY, open_identity
from tests.brokers import Mosquitto
from tests.cli.terminal import Terminal
from tests.fakes import FakeClock
from tests.signing_platform import enrolment_file

Brokers = Callable[..., Mosquitto]
STATION = "STATION_XYZ"
PLATFORM = SigningKey.from_seed(bytes(32))


def finding(terminal: Terminal, broker: Mosquitto, more: str = "", name: str = "signing") -> dict[str, Any]:
    terminal.configure(broker, more)
    (found,) = [each for each in terminal.here("doctor", "--json").json if each["name"] == name]
    return dict(found)


def enrolled(terminal: Terminal, folder: Path) -> None:
    """The platform has registered this counter's key."""
    open_identity(terminal.data, STATION, enrolment_file(folder, PLATFORM.public, STATION)).finish_enrolment()


def test_a_broker_without_users_is_told(terminal: Terminal, mosquitto: Mosquitto) -> None:
    found = finding(terminal, mosquitto)
    assert (found["ok"], found["required"]) == (False, False)
    assert found["what"] == "Messages are not signed. Anybody may speak on this broker."
    assert "enrolment_file" in found["mend"]


def test_a_broker_that_lets_nobody_in_or_takes_nothing_from_them_is_not_open(
    terminal: Terminal, own_mosquitto: Brokers, tmp_path: Path
) -> None:
    acl = tmp_path / "acl"
    acl.write_text("user STATION_XYZ\ntopic readwrite #\n")
    acl.chmod(0o600)
    for lines in (("allow_anonymous false",), (f"acl_file {acl}",)):
        found = finding(terminal, own_mosquitto(*lines))
        assert (found["ok"], found["what"]) == (True, "Messages are not signed.")


def test_in_the_fields_dialect_there_are_no_signatures(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto)
    terminal.config.write_text(terminal.config.read_text().replace("[mqtt]", '[mqtt]\ndialect = "field"'))
    (found,) = [each for each in terminal.here("doctor", "--json").json if each["name"] == "signing"]
    assert found["what"] == "The dialect field has no signatures. Anybody may speak on this broker."


def test_an_enrolled_counter_says_its_key_and_whom_it_believes(terminal: Terminal, mosquitto: Mosquitto, tmp_path: Path) -> None:
    enrolled(terminal, tmp_path)
    found = finding(terminal, mosquitto)
    assert found["ok"]
    assert found["what"].startswith("STATION_XYZ signs with key ")
    assert PLATFORM.public.id in found["what"]
    assert finding(terminal, mosquitto, name="broker")["ok"]


def test_what_was_not_believed_is_said_with_its_reason(terminal: Terminal, mosquitto: Mosquitto, tmp_path: Path) -> None:
    enrolled(terminal, tmp_path)
    RefusedMessages(terminal.data, FakeClock()).note("rtrn/abs/station/STATION_XYZ/complete_service", "the message is not signed")
    found = finding(terminal, mosquitto)
    assert "1 message was not used. The last, at 2026-11-21T12:00:00Z on 'rtrn/abs/" in found["what"]
    assert found["what"].endswith("the message is not signed.")


def test_a_key_that_is_damaged_and_a_file_that_is_not_used_yet_are_told(terminal: Terminal, mosquitto: Mosquitto, tmp_path: Path) -> None:
    file = enrolment_file(tmp_path, PLATFORM.public, STATION)
    setting = {"SWAP_KIOSK_STATION__ENROLMENT_FILE": str(file)}
    terminal.configure(mosquitto)

    def signing() -> dict[str, Any]:
        (found,) = [each for each in terminal.here("doctor", "--json", **setting).json if each["name"] == "signing"]
        return dict(found)

    assert "made and not registered yet" in signing()["what"]
    file.chmod(0o644)
    found = signing()
    assert (found["ok"], found["required"]) == (False, True)
    assert "can be read by others" in found["what"]
    file.chmod(0o600)
    open_identity(terminal.data, STATION, file).finish_enrolment()
    (terminal.data / KEY).write_text("x")
    assert "holds no private key" in signing()["what"]
