"""`platform serve`: the reference ABS platform, agent over MQTT."""

import argparse
import contextlib
from pathlib import Path

from kiosk.cli import DONE


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments."""
    parser = commands.add_parser("platform", help="the reference platform", description=__doc__)
    actions = parser.add_subparsers(dest="platform_command", required=True, metavar="ACTION")
    serving = actions.add_parser("serve", help="answer kiosks until interrupted")
    serving.add_argument("--broker", required=True, metavar="URL", help="mqtt://host:port")
    serving.add_argument("--database", required=True, metavar="URL", help="an SQLAlchemy URL, e.g. sqlite:///platform.sqlite")
    serving.add_argument("--http", metavar="HOST:PORT", help="accepted for later versions; nothing is served there yet")
    serving.add_argument("--import", dest="import_dir", type=Path, metavar="DIR", help="plan documents to start with")
    serving.set_defaults(run=serve)


def serve(options: argparse.Namespace) -> int:
    """Until interrupted; the database keeps everything."""
    from kiosk.platform.serve import run as serve_platform

    with contextlib.suppress(KeyboardInterrupt):
        serve_platform(options.broker, options.database, options.import_dir)
    return DONE
