"""Help everywhere, at once; wrong usage is exit 2 and a word on standard error."""

import subprocess
import sys

import pytest

from kiosk.cli import COMMANDS, main, make_parser
from tests.cli.terminal import ROOT, Terminal

CONTRACT = ("calculate", "swap", "battery", "plans", "history", "outbox", "receipt", "platform", "doctor")
SHORT_OF_HELP = """
import sys
from kiosk.cli import main
try:
    main(["--help"])
except SystemExit as end:
    assert end.code == 0
heavy = {"PySide6", "alembic", "bleak", "iotcore", "paho", "platformdirs", "pydantic", "pydantic_settings", "reportlab"}
heavy |= {"sqlalchemy", "ulid"}
print("imported:", sorted(heavy & {each.split(".")[0] for each in sys.modules}))
"""
USAGES: tuple[tuple[str, ...], ...] = (
    *((each,) for each in CONTRACT),
    ("battery", "scan"),
    ("battery", "read"),
    ("plans", "import"),
    ("plans", "list"),
    ("plans", "show"),
    ("plans", "sync"),
    ("outbox", "list"),
    ("outbox", "retry"),
    ("outbox", "resolve"),
    ("platform", "serve"),
    *(("platform", "station", each) for each in ("add", "list", "rotate", "revoke", "mode", "free", "held", "book", "dismiss")),
    ("platform", "key", "rotate"),
)


def test_help_needs_none_of_the_heavy_libraries() -> None:
    done = subprocess.run([sys.executable, "-c", SHORT_OF_HELP], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    assert done.stdout.rstrip().endswith("imported: []")
    for command in CONTRACT:
        assert f"    {command} " in done.stdout


def test_every_command_of_the_contract_is_there() -> None:
    assert set(CONTRACT) <= set(COMMANDS)


@pytest.mark.parametrize("usage", USAGES, ids=" ".join)
def test_every_command_has_help(usage: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*usage, "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: swap-kiosk {' '.join(usage)}")


WRONG: tuple[tuple[str, ...], ...] = (
    (),
    ("fly",),
    ("calculate",),
    ("swap",),
    ("swap", "--customer", "C"),
    ("swap", "--outgoing", "B"),
    ("battery",),
    ("battery", "read"),
    ("plans",),
    ("plans", "import"),
    ("plans", "show"),
    ("outbox",),
    ("outbox", "resolve", "TXN-1"),
    ("receipt",),
    ("platform",),
    ("platform", "serve"),
    ("history", "--limit", "-1"),
    ("history", "--limit", "0"),
    ("history", "--limit", "many"),
    ("history", "--yaml"),
    ("battery", "scan", "--seconds", "nan"),
    ("battery", "scan", "--seconds", "-1"),
    ("outbox", "retry", "--wait", "soon"),
    ("swap", "--customer", "C", "--outgoing", "B", "--wait", "inf"),
    ("swap", "--customer", "C", "--outgoing", "B", "--payment-amount", "NaN", "--payment-receipt-id", "R", "--payment-method", "M"),
    ("swap", "--customer", "C", "--outgoing", "B", "--payment-amount", "-5", "--payment-receipt-id", "R", "--payment-method", "M"),
    ("swap", "--customer", "C", "--outgoing", "B", "--payment-amount", "0", "--payment-receipt-id", "R", "--payment-method", "M"),
    ("swap", "--customer", "C", "--outgoing", "B", "--payment-amount", "ten", "--payment-receipt-id", "R", "--payment-method", "M"),
)


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_is_exit_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    said = capsys.readouterr()
    assert (end.value.code, said.out) == (2, "")
    assert "usage: swap-kiosk" in said.err


@pytest.fixture(params=[("--payment-amount", "5"), ("--payment-receipt-id", "R"), ("--payment-method", "CASH")], ids=lambda pair: pair[0])
def one_of_three(request: pytest.FixtureRequest) -> tuple[str, str]:
    name, value = request.param
    return name, value


def test_a_payment_is_given_whole_or_not_at_all(one_of_three: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["swap", "--customer", "C", "--outgoing", "B", *one_of_three]) == 2
    assert "go together" in capsys.readouterr().err


def test_exit_codes_reach_the_shell(terminal: Terminal) -> None:
    assert terminal.run("--help").code == 0
    wrong = terminal.run("fly")
    assert (wrong.code, wrong.out) == (2, "")


def test_the_window_can_add_commands_of_its_own() -> None:
    parser, commands = make_parser()
    commands.add_parser("run").set_defaults(run=lambda _options: 0)
    assert parser.parse_args(["run"]).run(None) == 0


def test_an_interrupted_command_says_so_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_path: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk.cli.calculate.read_plan_file", interrupted)
    assert main(["calculate", "--plan", "plan.json"]) == 1
    assert capsys.readouterr().err == "Interrupted.\n"
