"""`bench [--json] [--only FIGURE] [--completions N]`: ours beside the floor that the same work cannot beat, interleaved in one run."""

import argparse
from dataclasses import asdict

from kiosk.cli import DONE, FAILED, print_json, print_message
from kiosk.domain.errors import LinkDown


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments."""
    parser = commands.add_parser("bench", help="the project's benchmark", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--only", action="append", default=[], metavar="FIGURE", help="this figure only; may be repeated")
    parser.add_argument("--completions", type=int, metavar="N", help="how many platform-memory is measured over (5000; by hand: 100000)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Goals are shown, met or not: a benchmark judges nobody. A figure that cannot be measured here is said, and is exit 1."""
    from tests.bench.figures import COMPLETIONS, Figure, chosen, measure

    found: list[Figure] = []
    lacking = False
    for name in chosen(options.only):
        try:
            for figure in measure(name, options.completions or COMPLETIONS):
                found.append(figure)
                if not options.json:
                    print(figure.line(), flush=True)
        except LinkDown as missing:
            lacking = True
            print_message(f"{name}: {missing.reason}")
    if options.json:
        print_json([asdict(each) for each in found])
    return FAILED if lacking else DONE
