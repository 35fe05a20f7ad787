"""The command `swap-kiosk`: the terminal's commands of `kiosk.cli`, and `run`, `train`, `demo`, `bench`, which need the window."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kiosk.shared.private_folder import close_umask

if TYPE_CHECKING:  # the first picture is waited for: `run` and `train` import nothing that they do not paint with
    import argparse

    from ui.window.main_window import Window


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and run; the window's commands skip all that the others need, since their first picture is waited for."""
    close_umask()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["run"], ["train"]):
        try:
            return open_window(training=given == ["train"])
        except ModuleNotFoundError as error:
            from kiosk.cli import FAILED, missing_package_message, print_message

            print_message(missing_package_message(error))
            return FAILED
    from kiosk.cli import make_parser, run_command

    parser, commands = make_parser()
    add_window_commands(commands)
    return run_command(parser, given)


def add_window_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from pathlib import Path

    from kiosk.domain.language import tr

    for name, words in (("run", tr("the kiosk, for the counter")), ("train", tr("training mode: its own platform, broker and batteries"))):
        commands.add_parser(name, help=words).set_defaults(run=lambda _options, name=name: open_window(training=name == "train"))
    demo = commands.add_parser("demo", help=tr("training mode that goes through one swap by itself"))
    demo.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help=tr("where pictures and receipt go (demo)"))
    demo.add_argument("--json", action="store_true", help=tr("one JSON document at the end"))
    demo.set_defaults(run=_demo)
    _add_bench(commands)


def _add_bench(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The benchmark lies beside the tests: it is there in a checkout only."""
    from pathlib import Path

    root = Path(__file__).resolve().parents[1]
    if (root / "tests" / "bench" / "command.py").is_file():
        sys.path.insert(0, str(root))
        from tests.bench.command import add_to

        add_to(commands)


def open_window(*, training: bool, watch: "Callable[[Window], None] | None" = None) -> int:
    """The window until it is closed; `watch` gets it before it runs."""
    import gc

    gc.disable()  # nothing is garbage yet: a look for it would hold up the first picture
    from ui.window.boot_settings import read_boot_settings
    from ui.window.main_window import run_window

    return run_window(read_boot_settings(training=training), shown=watch)


def _demo(options: "argparse.Namespace") -> int:
    screenless = sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if screenless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from ui.window.demo import run_demo

    return run_demo(options.out, as_json=options.json, watched=not screenless)


if __name__ == "__main__":
    sys.exit(main())
