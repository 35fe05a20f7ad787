"""`doctor` at brokers whose access list forbids something (real Mosquitto; case 19)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli.doctor_access import Access, Probe, find_access
from kiosk.shared.mqtt.link import LinkSettings
from kiosk.shared.mqtt.session import MqttSession
from tests.brokers import Mosquitto, run
from tests.cli.terminal import Terminal

Brokers = Callable[..., Mosquitto]
NO_WRITE, NO_READ = "topic read #\ntopic write emit/#\n", "topic write #\n"
STATION = """topic write call/uxi/attendant/plan/#
topic write emit/uxi/attendant/plan/#
topic read rtrn/abs/attendant/plan/#
topic read echo/abs/attendant/plan/#
"""


def guarded(brokers: Brokers, folder: Path, rules: str) -> Mosquitto:
    file = folder / "acl"
    file.write_text(rules)
    file.chmod(0o600)
    return brokers(f"acl_file {file}")


def broker_finding(terminal: Terminal, broker: Mosquitto) -> tuple[int, dict[str, Any]]:
    terminal.configure(broker)
    ran = terminal.here("doctor", "--json")
    (finding,) = [each for each in ran.json if each["name"] == "broker"]
    return ran.code, finding


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (NO_WRITE, "The broker does not let this kiosk publish to call/uxi/attendant/plan/doctor-STATION_XYZ/probe."),
        (NO_READ, "The broker does not let this kiosk read rtrn/abs/station/STATION_XYZ/probe."),
    ],
)
def test_what_the_access_list_forbids_is_said_with_its_topic(
    terminal: Terminal, own_mosquitto: Brokers, tmp_path: Path, rules: str, said: str
) -> None:
    code, finding = broker_finding(terminal, guarded(own_mosquitto, tmp_path, rules))
    assert (code, finding["ok"]) == (1, False)
    assert said in finding["what"]
    assert "access list" in finding["mend"]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("topic readwrite #\n", "This kiosk may publish and read."),
        (STATION + "topic readwrite rtrn/abs/station/STATION_XYZ/probe\n", "This kiosk may publish and read."),
        (STATION, "This kiosk may publish. Whether it may read is known with the first answer."),
    ],
)
def test_a_list_that_allows_what_a_swap_needs_is_ok(
    terminal: Terminal, own_mosquitto: Brokers, tmp_path: Path, rules: str, said: str
) -> None:
    _, finding = broker_finding(terminal, guarded(own_mosquitto, tmp_path, rules))
    assert finding["ok"]
    assert said in finding["what"]


def test_a_broker_of_mqtt_3_1_1_cannot_say_and_doctor_says_that(own_mosquitto: Brokers, tmp_path: Path) -> None:
    broker = guarded(own_mosquitto, tmp_path, NO_WRITE)

    async def scene() -> Access:
        session = MqttSession(LinkSettings(host=broker.host, port=broker.port, client_id="doctor"))
        session._older_only = True
        await session.start()
        try:
            await session.wait_connected(10)
            return await find_access(session, Probe(publish="call/x/probe", answers=("rtrn/x/answer",), own="rtrn/own/probe"))
        finally:
            await session.stop()

    found = run(scene())
    assert (found.ok, found.what) == (True, "It cannot say whether this kiosk may publish: that needs MQTT 5.")
