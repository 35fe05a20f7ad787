"""The command `swap-kiosk`: the terminal's commands of `kiosk.cli`, and `run`, `train`, `demo`, `bench`, which need the window."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the first picture is waited for: `run` and `train` import nothing that they do not paint with
    import argparse

WINDOW_COMMANDS = {"run", "train"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and run; the window's commands skip all that the others need, since their first picture is waited for."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["run"], ["train"]):
        return _open(training=given == ["train"])
    from kiosk.cli import make_parser, run_command

    parser, commands = make_parser()
    _add_window_commands(commands)
    return run_command(parser, given)


def _add_window_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from pathlib import Path

    from ui.bench.command import add_to as add_bench

    running = commands.add_parser("run", help="the kiosk, for the counter")
    running.set_defaults(run=lambda _options: _open(training=False))
    training = commands.add_parser("train", help="training mode: its own platform, broker and batteries")
    training.set_defaults(run=lambda _options: _open(training=True))
    demo = commands.add_parser("demo", help="training mode driving itself through one swap")
    demo.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="where pictures and receipt go (demo)")
    demo.add_argument("--json", action="store_true", help="one JSON document at the end")
    demo.set_defaults(run=_demo)
    add_bench(commands)


def _open(*, training: bool) -> int:
    from ui.app import run_window
    from ui.look import read_look

    return run_window(read_look(training=training))


def _demo(options: "argparse.Namespace") -> int:
    screenless = sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if screenless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from ui.demo import run_demo

    return run_demo(options.out, as_json=options.json, watched=not screenless)


if __name__ == "__main__":
    sys.exit(main())
