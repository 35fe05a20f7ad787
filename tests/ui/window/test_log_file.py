"""The log file of the counter: what a broker sends forges no line of it and does not roll it away."""

import logging
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.shared.mqtt.link import MqttMessage
from kiosk.station.adapters.mqtt.answer_subscriptions import log as answers_log
from ui.window.logs import FILE_NAME, start_logging

FORGED = "2026-11-30 08:00:00,000 INFO MainThread kiosk.station.services.outbox: all swaps are settled"


@pytest.fixture(autouse=True)
def former_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for each in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(each)
        each.close()
    root.setLevel(level)


def test_an_answer_forges_no_line_and_does_not_roll_the_log_away(tmp_path: Path) -> None:
    start_logging(tmp_path / "logs")
    message = MqttMessage(f"rtrn/abs/attendant/plan/P\n{FORGED}/complete_service_response", b"")
    for _ in range(3):
        answers_log.warning("%s on %s %s", "an answer", message.topic, "no plan " + "x" * 900_000)
    files = list((tmp_path / "logs").iterdir())
    lines = (tmp_path / "logs" / FILE_NAME).read_text().splitlines()
    assert [each.name for each in files] == [FILE_NAME]
    assert len(lines) == 3
    assert all(re.match(r"\d{4}-\d\d-\d\d .* WARNING MainThread kiosk\.station\.adapters\.mqtt", each) for each in lines)
    assert all(len(each) < 700 for each in lines)
    assert stat.S_IMODE(files[0].stat().st_mode) & 0o022 == 0
