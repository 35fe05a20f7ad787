"""The command `swap-kiosk`: JSON to standard output, logs and messages to standard error (contract, "The command").

Exit 0 done, 1 refused or failed with the reason, 2 wrong usage or unreadable input. Each command lives in a file of its own and
imports what it needs when it runs, so that `--help` is instant.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from kiosk.domain.errors import BadInput, KioskError, StepImpossible, StoreFailed
from kiosk.domain.messages import message_for

DONE, FAILED, MISUSED = 0, 1, 2
_MAX_SECONDS = 86_400
COMMANDS = ("calculate", "swap", "battery", "plans", "history", "outbox", "receipt", "platform", "doctor")


def make_parser() -> tuple[argparse.ArgumentParser, "argparse._SubParsersAction[argparse.ArgumentParser]"]:
    """The parser and the place where more commands are added."""
    parser = argparse.ArgumentParser(prog="swap-kiosk", description="The counter software of a battery-swap station.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"kiosk.cli.{name}").add_to(commands)
    return parser, commands


def run_command(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Parse and run one command; every foreseen failure is a sentence and an exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except BadInput as error:
        print_message(message_for(error).sentence)
        return MISUSED
    except KioskError as error:
        print_message(_message_of(error, options.command))
        return FAILED
    except ModuleNotFoundError as error:
        print_message(missing_package_message(error))
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains while it ends
        return DONE
    except KeyboardInterrupt:
        print_message("Interrupted.")
        return FAILED


def missing_package_message(error: ModuleNotFoundError) -> str:
    """What to say where a part of Swap Kiosk is not installed. Raises the error again when what is missing is our own."""
    name = (error.name or "").partition(".")[0]
    if name in {"", "kiosk", "ui", "resources"}:
        raise error
    whole = "`packaging/set-up run`, or `pip install 'swap-kiosk[training]'`, installs all of it"
    return f"This command needs {name}, which is not installed: only a part of Swap Kiosk is here. {whole}."


def _message_of(error: KioskError, command: str) -> str:
    """Without what only holds at a counter's window."""
    message = message_for(error)
    if isinstance(error, StoreFailed) and command == "platform":
        return f"The platform's database cannot be used. {message.why}"
    return message.sentence if isinstance(error, StepImpossible) else " ".join((message.sentence, *message.steps))


def seconds(text: str) -> float:
    """A wait in seconds, as an argument."""
    try:
        wait = float(text)
    except ValueError:
        wait = -1.0
    if not 0 <= wait <= _MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds between 0 and {_MAX_SECONDS}")
    return wait


def at_least_one(text: str) -> int:
    """A count, as an argument."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a count")
    return int(text)


def print_message(sentence: str) -> None:
    """A message for a person."""
    print(sentence, file=sys.stderr)


def print_json(value: Any) -> None:  # noqa: ANN401  any JSON value
    """One JSON document on standard output, numbers exact."""
    from kiosk.wire.exact_json import dumps

    print(dumps(value).decode())


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m kiosk`: the support commands, without a window."""
    parser, _ = make_parser()
    return run_command(parser, arguments)
