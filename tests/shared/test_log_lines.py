"""Nothing that came from outside makes a line of the log by itself, or a long one."""

import io
import logging
from collections.abc import Callable

import pytest

from kiosk.shared.log_lines import MAX_CHARACTERS, LogLines, lines_to, shown

FORGED = "2026-11-30 08:00:00,000 INFO MainThread kiosk: all swaps settled"
FORM = "%(levelname)s %(name)s: %(message)s"


@pytest.fixture
def written() -> Callable[..., str]:
    """What a handler of ours writes of one record."""

    def write(message: str, *arguments: object, error: BaseException | None = None) -> str:
        stream = io.StringIO()
        handler = lines_to(logging.StreamHandler(stream), FORM)
        info = (type(error), error, error.__traceback__) if error is not None else None
        handler.handle(logging.LogRecord("kiosk", logging.WARNING, "file", 1, message, arguments, info))
        return stream.getvalue()

    return write


@pytest.mark.parametrize("cut", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\N{LINE SEPARATOR}", "\N{PARAGRAPH SEPARATOR}"])
def test_what_comes_from_outside_makes_no_line_of_its_own(written: Callable[..., str], cut: str) -> None:
    for form, value in (("plan %s", f"P{cut}{FORGED}"), ("plan %r", f"P{cut}{FORGED}"), ("failed: %s", ValueError(f"P{cut}{FORGED}"))):
        text = written(form, value)
        assert len(text.splitlines()) == 1
        assert text.startswith("WARNING kiosk: ")
    assert len(written(f"plan P{cut}{FORGED}").splitlines()) == 1  # a library that writes the text into its message


@pytest.mark.parametrize("character", ["\x1b[2J", "\x07", "\x00", "\N{RIGHT-TO-LEFT OVERRIDE}", "\udce9"])
def test_what_a_terminal_would_obey_is_written_out(written: Callable[..., str], character: str) -> None:
    text = written("plan %s", f"P{character}")
    assert character not in text
    text.encode()


@pytest.mark.parametrize("value", ["x" * 900_000, b"x" * 900_000, ValueError("x" * 900_000), ["x" * 900_000], {"x" * 900_000: 1}])
def test_a_text_of_900_kb_is_cut(written: Callable[..., str], value: object) -> None:
    for form in ("answer %s", "answer %r", "%s, %s"):
        assert len(written(form, *[value] * form.count("%"))) < 2 * MAX_CHARACTERS + 120
    assert len(written("x" * 900_000)) < 2_200


def test_the_message_of_an_exception_cannot_forge_lines_either(written: Callable[..., str]) -> None:
    def refuse() -> None:
        raise ValueError(f"no plan\n{FORGED}\n" + f"{FORGED}\n" * 9_000 + "x" * 900_000)

    with pytest.raises(ValueError, match="no plan") as failed:
        refuse()
    first, *others = written("not handled", error=failed.value).splitlines()
    assert first == "WARNING kiosk: not handled"
    assert all(each.startswith("    ") for each in others)
    assert len(others) < 250
    assert all(len(each) < MAX_CHARACTERS + 50 for each in others)
    assert others[0] == "    Traceback (most recent call last):"


def test_what_is_short_and_can_be_printed_stays_as_it_is(written: Callable[..., str]) -> None:
    assert written("%s of %d, %.1f s, %5s%%: %s", "plan-1", 3, 0.25, "é", None) == "WARNING kiosk: plan-1 of 3, 0.2 s,     é%: None\n"
    assert written("%(plan)s", {"plan": "P\n"}) == "WARNING kiosk: 'P\\n'\n"
    assert written("100%") == "WARNING kiosk: 100%\n"
    assert shown("10\N{NO-BREAK SPACE}kWh") == "10 kWh"
    assert shown("y" * 300) == "y" * 200 + "... (300 characters)"


def test_other_handlers_see_the_record_as_it_was() -> None:
    record = logging.LogRecord("kiosk", logging.INFO, "file", 1, "plan %s", ("P\n",), None)
    LogLines(FORM).format(record)
    assert (record.msg, record.args) == ("plan %s", ("P\n",))
