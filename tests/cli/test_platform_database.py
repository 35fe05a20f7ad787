"""A platform's database that cannot be opened is told as what it is."""

import pytest

from kiosk.cli import main


def test_a_database_that_does_not_answer_is_said_without_a_counter_in_mind(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    assert main(["platform", "serve", "--broker", "mqtt://127.0.0.1:1", "--database", nowhere]) == 1
    told = capsys.readouterr().err
    assert "The platform's database cannot be used." in told
    assert "Connection refused" in told
    assert "battery" not in told
