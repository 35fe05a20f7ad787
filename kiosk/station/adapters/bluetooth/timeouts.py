"""How long the scanner waits for what; seconds of the loop's time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """`gather`: how long to go on listening after a first candidate, for another with the same tail. `gather_names`: the same where it has
    only a name, since such packs advertise once a second, and a second bearer of the name must be heard. `look_again`: how long to listen
    for more candidates when only wrong ids were read. `other`: how long another candidate may take once the battery asked for was read.
    `update`: the least time between two lists of sightings (at most three a second). `answer`: how long one question to a commodity
    battery, in one way of writing, may go without a valid answer. `suspect`: after so long without a candidate, links left open are ended,
    and an adapter that hears nothing is switched off and on. `adapter_back`: how long a reading waits for an adapter that vanished
    meanwhile; `poll`: how often it looks.
    """

    gather: float = 0.25
    gather_names: float = 1.5
    look_again: float = 1.5
    update: float = 1 / 3
    answer: float = 2.0
    other: float = 3.0
    suspect: float = 4.0
    adapter_back: float = 3.0
    poll: float = 0.2
