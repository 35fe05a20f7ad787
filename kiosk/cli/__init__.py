"""The command `swap-kiosk`: JSON to standard output, logs and messages to standard error (contract, "The command").

Exit 0 done, 1 refused or failed with the reason, 2 wrong usage or unreadable input. Each command lives in a file of its own and
imports what it needs when it runs, so that `--help` is instant. The parsers are made when a command runs, in the language of
`[ui] language`.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, Any, override

from kiosk.cli.argparse_words import translate_argparse
from kiosk.domain.errors import BadInput, DataUnusable, KioskError, StepImpossible, StoreFailed
from kiosk.domain.language import tr, use_language
from kiosk.domain.messages import message_for
from kiosk.shared.log_lines import lines_to
from kiosk.shared.private_folder import close_umask
from kiosk.shared.quick_settings import chosen_language, read_table

if TYPE_CHECKING:
    from kiosk.station.adapters.store.sql_store import SqlStore

DONE, FAILED, MISUSED = 0, 1, 2
COMMANDS = (
    "calculate",
    "swap",
    "battery",
    "plans",
    "history",
    "outbox",
    "receipt",
    "money",
    "audit",
    "counter_people",
    "privacy",
    "platform",
    "doctor",
)
LOG_LEVELS = ("debug", "info", "warning", "error")
_MAX_SECONDS = 86_400
type Actions = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  argparse has no public name for where commands are added
type Argument = tuple[tuple[str, ...], dict[str, Any]]
type Run = Callable[[argparse.Namespace], int]


def make_parser() -> tuple[argparse.ArgumentParser, Actions]:
    """The parser in the configured language, and the place where more commands are added."""
    use_language(chosen_language(read_table()))
    translate_argparse()
    parser = argparse.ArgumentParser(prog="swap-kiosk", description=tr("The counter software of a battery-swap station."))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"kiosk.cli.{name}").add_to(commands)
    return parser, commands


def run_command(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Parse and run one command; every foreseen failure is a sentence and an exit code."""
    add_common_options(parser)
    options = parser.parse_args(arguments)
    to_stderr = lines_to(logging.StreamHandler(sys.stderr), "%(levelname)s %(name)s: %(message)s")
    logging.basicConfig(level=getattr(options, "log_level", "warning").upper(), handlers=[to_stderr])
    run: Run = options.run
    try:
        return run(options)
    except KioskError as error:
        print_message(_message_of(error, options.command))
        return MISUSED if isinstance(error, BadInput) else FAILED
    except ModuleNotFoundError as error:
        print_message(missing_package_message(error))
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains while it ends
        return DONE
    except KeyboardInterrupt:
        print_message(tr("Interrupted."))
        return FAILED


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """`--version` and `--log-level` on this parser and on every one below it."""
    level = tr("which messages of the program are shown: {levels} (warning)", levels=", ".join(LOG_LEVELS))
    for each in parsers_in(parser):
        each.add_argument("--version", action=_ShowVersion, help=tr("version, commit, Python and Qt"))
        each.add_argument("--log-level", type=str.lower, choices=LOG_LEVELS, default=argparse.SUPPRESS, metavar="LEVEL", help=level)


def parsers_in(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """The parser and all of its commands' and their actions'."""
    places = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001  no public way to them
    return [parser, *(found for place in places for each in place.choices.values() for found in parsers_in(each))]


class _ShowVersion(argparse.Action):
    """Prints the versions and ends with 0."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:  # noqa: A002  argparse's name
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    @override
    def __call__(self, parser: argparse.ArgumentParser, *_values: object) -> None:
        from kiosk.cli.versions import version_lines

        print("\n".join(version_lines()))
        parser.exit(DONE)


def missing_package_message(error: ModuleNotFoundError) -> str:
    """What to say where a part of Swap Kiosk is not installed. Raises the error again when what is missing is our own."""
    name = (error.name or "").partition(".")[0]
    if name in {"", "kiosk", "ui", "resources"}:
        raise error
    return tr(
        "This command needs {package}, which is not installed: only a part of Swap Kiosk is here. "
        "{command}, or {other}, installs all of it.",
        package=name,
        command="`packaging/set-up run`",
        other="`pip install 'swap-kiosk[training]'`",
    )


def _message_of(error: KioskError, command: str) -> str:
    """Without what only holds at a counter's window."""
    message = message_for(error)
    if isinstance(error, StoreFailed) and command == "platform":
        return tr("The platform's database cannot be used. {reason}", reason=message.why)
    return message.sentence if isinstance(error, StepImpossible | BadInput) else " ".join((message.sentence, *message.steps))


def add_command(commands: Actions, name: str, run: Run, words: str, *arguments: Argument, about: str | None = None) -> None:
    """A command that `run` does, with its arguments; `words` stand in the list of commands, `about` in its own help."""
    parser = commands.add_parser(name, help=words, description=about)
    parser.set_defaults(run=run)
    for names, options in arguments:
        parser.add_argument(*names, **options)


def add_group(commands: Actions, name: str, words: str, about: str) -> Actions:
    """A command that has commands of its own, and the place where they are added."""
    return commands.add_parser(name, help=words, description=about).add_subparsers(dest=f"{name}_command", required=True, metavar="ACTION")


def argument(*names: str, **options: object) -> Argument:
    """An argument of a command, in the words of argparse."""
    return names, options


def json_option() -> Argument:
    """`--json`."""
    return argument("--json", action="store_true", help=tr("print one JSON document"))


def database_option() -> Argument:
    """The platform's `--database`."""
    return argument(
        "--database", required=True, metavar="URL", help=tr("an SQLAlchemy URL, e.g. {example}", example="sqlite:///platform.sqlite")
    )


def seconds(text: str) -> float:
    """A wait in seconds, as an argument."""
    try:
        wait = float(text)
    except ValueError:
        wait = -1.0
    if not 0 <= wait <= _MAX_SECONDS:
        raise argparse.ArgumentTypeError(tr("{text} is not a number of seconds between 0 and {most}", text=text, most=_MAX_SECONDS))
    return wait


def at_least_one(text: str) -> int:
    """A count, as an argument."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(tr("{text} is not a count", text=text))
    return int(text)


def print_message(sentence: str) -> None:
    """A message for a person. No-break spaces are for lines that are broken; people and scripts look for ordinary ones."""
    print(sentence.replace("\N{NO-BREAK SPACE}", " "), file=sys.stderr)


def print_json(value: Any) -> None:  # noqa: ANN401  any JSON value
    """One JSON document on standard output, numbers exact."""
    from kiosk.wire.exact_json import dumps

    print(dumps(value).decode())


def print_rows(rows: Sequence[dict[str, Any]], *, as_json: bool, line: Callable[[dict[str, Any]], str] | None = None) -> None:
    """One JSON document, or a line each; without `line` it has the facts that there are."""
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print(line(row) if line else "  ".join(str(fact) for fact in row.values() if fact not in {None, ""}))


def opened_store() -> "closing[SqlStore]":
    """The data of the kiosk that the settings name, also beside a running one; closed afterwards. Raises BadInput, DataUnusable."""
    from kiosk.domain.file_faults import fault_phrase, fault_repair
    from kiosk.settings import load_settings
    from kiosk.shared.private_folder import make_private
    from kiosk.station.adapters.station_store import open_station_store

    settings = load_settings()
    try:
        make_private(settings.data)
        return closing(open_station_store(settings.database_url, settings.data))
    except StoreFailed as error:
        raise DataUnusable(error.reason, error.repair) from error
    except OSError as error:
        raise DataUnusable(fault_phrase(error), fault_repair(error)) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m kiosk`: the support commands, without a window."""
    close_umask()
    parser, _ = make_parser()
    return run_command(parser, arguments)
