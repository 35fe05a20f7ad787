"""The command `swap-kiosk`: JSON to standard output, logs and messages to standard error (contract, "The command").

Exit 0 done, 1 refused or failed with the reason, 2 wrong usage or unreadable input. Each command lives in a file of its own and
imports what it needs when it runs, so that `--help` is instant.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from kiosk.domain.errors import BadInput, KioskError
from kiosk.domain.messages import message_for

DONE, FAILED, MISUSED = 0, 1, 2
COMMANDS = ("calculate", "swap", "battery", "plans", "history", "outbox", "receipt", "platform", "doctor", "bench")


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
        say(message_for(error).sentence)
        return MISUSED
    except KioskError as error:
        message = message_for(error)
        say(" ".join((message.sentence, *message.steps)))
        return FAILED
    except BrokenPipeError:
        return DONE


def say(sentence: str) -> None:
    """A message for a person."""
    print(sentence, file=sys.stderr)


def print_json(value: Any) -> None:  # noqa: ANN401  any JSON value
    """One JSON document on standard output, numbers exact."""
    from kiosk.adapters.wire.exact_json import dumps

    print(dumps(value).decode())


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m kiosk`: the support commands, without a window."""
    parser, _ = make_parser()
    return run_command(parser, arguments)
