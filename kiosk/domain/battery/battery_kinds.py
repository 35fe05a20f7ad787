"""The names of the kinds of battery that can be read, as configuration, simulated batteries and readings spell them.

"oves" is the only kind that tells an id of its own; every other is known by the name it advertises. The commodity kinds are those of the
library that reads them, which a test compares with this list.
"""

from collections.abc import Iterable

OVES = "oves"

COMMODITY = (
    "abc",
    "ag",
    "allpowers",
    "ant",
    "ant_leg",
    "braunpwr",
    "buknuwo",
    "c4s",
    "cbtpwr",
    "cbtpwr_vb",
    "daly",
    "daren",
    "dometic",
    "dpwrcore",
    "ecoworthy",
    "eg4",
    "ej",
    "ejpro",
    "eleksol",
    "epoch_pro",
    "felicity",
    "gobel",
    "greenway",
    "humsienk",
    "jbd",
    "jk",
    "lipower",
    "lithionics",
    "myvolta",
    "neey",
    "ogt",
    "pace",
    "pro",
    "pwrboozt",
    "pwrxtreme",
    "pylontech",
    "redodo",
    "renogy",
    "renogy_pro",
    "roypow",
    "saftkiste",
    "saihang",
    "seplos",
    "seplos_v2",
    "superb",
    "superb_v2",
    "tdt",
    "tianpwr",
    "topband",
    "vatrer",
    "ws_nova",
    "x123smart",
)

KNOWN = (OVES, *COMMODITY)


def unknown_among(names: Iterable[str]) -> str | None:
    """The first name that is no kind of battery."""
    return next((name for name in names if name not in KNOWN), None)
