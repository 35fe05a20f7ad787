"""The terminal speaks the configured language: help, descriptions, errors of usage, and what commands say."""

import argparse
import re
from collections.abc import Iterator

import pytest

import kiosk.cli
from kiosk.cli import make_parser, parsers_in, run_command
from kiosk.domain.language import ENGLISH, use_language
from kiosk.shared.translations import PSEUDO
from tests.cli.terminal import Terminal
from ui.__main__ import add_window_commands

DEVELOPERS = {"bench"}  # in a checkout only: its words are not in the catalogue


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> Iterator[argparse.ArgumentParser]:
    """All commands in the pseudo-language, the window's too."""
    monkeypatch.setenv("SWAP_KIOSK_UI__LANGUAGE", PSEUDO)
    parser, commands = make_parser()
    add_window_commands(commands)
    kiosk.cli.add_common_options(parser)
    yield parser
    use_language(ENGLISH)


def translated(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    return [each for each in parsers_in(parser) if not DEVELOPERS & set(each.prog.split())]


def outside_brackets(text: str) -> list[str]:
    """What stands in no brackets, line by line: brackets of the pseudo-language span lines and lie in each other."""
    found, depth = [""], 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == "\n":
            found.append("")
        elif depth == 0 and character != "]":
            found[-1] += character
    return found


def is_sentence(line: str) -> bool:
    """Two words of a language one after the other; options, METAVARS, {choices} and names of commands are none."""
    return re.search(r"(?<![-\w{,])[a-z]{2,} +[a-z]{2,}", line) is not None


def test_every_commands_help_is_translated(parser: argparse.ArgumentParser) -> None:
    sentences = {}
    for each in translated(parser):
        _usage, _, rest = each.format_help().partition("\n\n")  # of the usage argparse's own word alone is for people
        lines = [line for line in outside_brackets(rest) if is_sentence(line) and not DEVELOPERS & set(line.split())]
        if lines:
            sentences[each.prog] = lines
    assert sentences == {}


def test_argparse_speaks_the_same_language(parser: argparse.ArgumentParser, capsys: pytest.CaptureFixture[str]) -> None:
    help_text = parser.format_help()
    for word in ("usage:", "positional arguments", "options", "show this help message and exit"):
        assert f"[{word}" in help_text
    with pytest.raises(SystemExit) as end:
        parser.parse_args(["swap"])
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert "[the following arguments are required: --customer, --outgoing" in said


def test_every_argument_has_words(parser: argparse.ArgumentParser) -> None:
    silent = [
        f"{each.prog} {action.metavar or action.dest}"
        for each in translated(parser)
        for action in each._actions
        if not action.help and not isinstance(action, argparse._SubParsersAction)
    ]
    assert silent == []


def test_every_command_has_words(parser: argparse.ArgumentParser) -> None:
    places = [
        (each.prog, action) for each in parsers_in(parser) for action in each._actions if isinstance(action, argparse._SubParsersAction)
    ]
    silent = [f"{prog} {name}" for prog, place in places for name in place.choices if not _help_of(place, name)]
    assert silent == []


def _help_of(place: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str) -> str:
    return next((each.help or "" for each in place._choices_actions if each.dest == name), "")


def test_the_file_chooses_the_language(terminal: Terminal) -> None:
    terminal.configure(more=f'[ui]\nlanguage = "{PSEUDO}"')
    ran = terminal.here("outbox", "resolve", "TXN-1", "--note", " ")
    assert (ran.code, ran.out) == (2, "")
    assert "[is empty" in ran.err


def test_a_language_that_is_not_there_is_english(terminal: Terminal) -> None:
    ran = terminal.here("outbox", "resolve", "TXN-1", "--note", " ", SWAP_KIOSK_UI__LANGUAGE="xx")
    assert "is empty" in ran.err
    assert "[" not in ran.err


def test_what_the_agent_answers_is_english_in_every_language(terminal: Terminal) -> None:
    from tests.builders import SPECIFICATION, plan_with

    plan = terminal.plan_file(plan_with(used_kwh="399", quota_kwh="400"))
    request = (SPECIFICATION / "complete_service_request.json").read_bytes()
    ran = [terminal.run("calculate", "--plan", str(plan), given=request, SWAP_KIOSK_UI__LANGUAGE=each) for each in ("en", PSEUDO)]
    assert [each.code for each in ran] == [0, 0]
    assert "~" not in ran[1].out
    assert ran[0].json["signals"] == ran[1].json["signals"]


def test_the_language_is_chosen_when_the_command_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for language, word in ((PSEUDO, "[the following"), ("en", "the following")):
        monkeypatch.setenv("SWAP_KIOSK_UI__LANGUAGE", language)
        with pytest.raises(SystemExit):
            run_command(make_parser()[0], ["receipt"])
        assert word in capsys.readouterr().err
