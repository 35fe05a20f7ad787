"""The unit of packaging/platform starts a program that takes every option it is given."""

import re
from configparser import ConfigParser
from pathlib import Path

from kiosk.cli import make_parser

SHIPPED = Path(__file__).parents[2] / "packaging" / "platform"


def command_line() -> list[str]:
    """ExecStart with the settings of platform.env, as systemd makes it."""
    unit = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep the case of names
    unit.read_string((SHIPPED / "swap-platform.service").read_text().replace("\\\n", " "))
    settings = dict(each.split("=", 1) for each in (SHIPPED / "platform.env").read_text().splitlines() if each and each[0] != "#")
    values = {**settings, "CREDENTIALS_DIRECTORY": "/run/credentials"}
    words = unit["Service"]["ExecStart"].split()
    return [re.sub(r"\$\{(\w+)\}", lambda name: values[name[1]], each) for each in words]


def test_every_option_of_the_unit_is_the_programs() -> None:
    program, *arguments = command_line()
    assert program.endswith("/swap-kiosk")
    options = make_parser()[0].parse_args(arguments)
    assert (options.workers, options.http, options.payments) == (2, "127.0.0.1:8080", "confirmed")
    assert str(options.database).startswith("postgresql+psycopg:///")
