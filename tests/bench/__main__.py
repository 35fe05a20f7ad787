"""`python -m tests.bench`: the benchmark, as `swap-kiosk bench` runs it."""

import sys

from kiosk.cli import make_parser, run_command
from tests.bench.command import add_to

if __name__ == "__main__":
    parser, commands = make_parser()
    add_to(commands)
    sys.exit(run_command(parser, ["bench", *sys.argv[1:]]))
