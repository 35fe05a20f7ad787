"""How long the scanner waits for what; seconds of the loop's time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """`gather`: how long to go on listening after a first candidate, for another with the same tail. `look_again`: how long to listen for
    more candidates when only wrong ids were read. `update`: the least time between two lists of sightings (at most three a second).
    """

    gather: float = 0.25
    look_again: float = 1.5
    update: float = 1 / 3
