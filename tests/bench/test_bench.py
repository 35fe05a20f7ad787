"""The benchmark's document: its shape and its names. Nothing here looks at how long anything took."""

import json
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, LinkDown
from tests.bench import broker
from tests.bench.figures import MODULES, chosen, compared
from tests.bench.floors.responder import answer_to
from tests.bench.samples import payload
from tests.bench.timing import Timed, interleaved
from ui.__main__ import main

KEYS = {"figure", "ours", "floor", "unit", "ratio", "goal", "met", "note"}


def test_the_document_is_one_list_of_figures(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["bench", "--json", "--only", "agent", "--only", "receipt"])
    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [each["figure"] for each in document] == ["one action of service_agent", "receipt, warm"]
    for each in document:
        assert set(each) == KEYS
        assert each["ours"] > 0
        assert each["floor"] > 0
        assert isinstance(each["met"], bool)


def test_the_commit_says_what_raw_sqlite_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--only", "commit"]) == 0
    assert "raw sqlite3 transaction" in capsys.readouterr().out


def test_an_unknown_figure_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--only", "coffee"]) == 2
    assert "coffee" in capsys.readouterr().err
    with pytest.raises(BadInput):
        chosen(["coffee"])


def test_figures_are_measured_in_the_order_of_the_table() -> None:
    assert chosen(["switch", "agent"]) == ("agent", "switch")
    assert chosen() == tuple(MODULES)


def test_a_goal_may_have_a_limit_besides_the_ratio() -> None:
    quick = compared("x", Timed(ours=20e-6, floor=1e-6), "us", 25, "", below=100)
    slow = compared("x", Timed(ours=120e-6, floor=10e-6), "us", 25, "", below=100)
    assert (quick.met, slow.met) == (True, False)
    assert quick.goal == "at most 25 x and under 100 us"


def test_work_is_measured_in_turn_and_the_first_round_does_not_count() -> None:
    seen: list[str] = []
    seconds = iter((9.0, 1.0, 3.0, 2.0))

    def ours() -> float:
        seen.append("A")
        return next(seconds)

    def floor() -> float:
        seen.append("B")
        return 1.0

    timed = interleaved(ours, floor, rounds=3)
    assert "".join(seen) == "ABABABAB"
    assert timed.ratio == 2.0


def test_a_missing_broker_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(broker, "_PLACES", str(tmp_path))
    with pytest.raises(LinkDown, match="Mosquitto"), broker.answered_broker(tmp_path):
        pass
    assert main(["bench", "--only", "round-trip"]) == 1
    assert "apt install mosquitto" in capsys.readouterr().err


def test_the_constant_answer_carries_the_id_that_was_asked_with() -> None:
    asked = json.loads(payload())
    answer = json.loads(answer_to(payload()))
    assert answer["correlation_id"] == asked["correlation_id"]
    assert answer["success"] is True
