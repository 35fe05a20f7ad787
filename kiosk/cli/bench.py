"""`bench [--json]`: ours beside the floor that the same work cannot beat, interleaved in one run."""

import argparse
from dataclasses import asdict

from kiosk.cli import DONE, print_json


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments."""
    parser = commands.add_parser("bench", help="the project's benchmark", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--only", action="append", metavar="FIGURE", help="this figure only; may be repeated")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Goals are shown, met or not; a benchmark judges nobody."""
    from kiosk.bench import figures

    results = figures(options.only)
    if options.json:
        print_json([asdict(result) for result in results])
    else:
        for each in results:
            print(each.line())
    return DONE
