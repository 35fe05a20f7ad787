"""How long the scanner waits for what; seconds of the loop's time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Every default is what real batteries and adapters need; tests shorten them."""

    gather: float = 0.25
    """How long to go on listening after a first candidate, for another with the same tail."""
    gather_names: float = 1.5
    """The same where batteries have only a name: they advertise once a second, and a second one with the name must be received."""
    look_again: float = 1.5
    """How long to listen for more candidates when only wrong ids were read."""
    update: float = 1 / 3
    """The least time between two lists of sightings."""
    answer: float = 2.0
    """How long one question to a commodity battery, in one way of writing, may go without a valid answer."""
    other: float = 3.0
    """How long another candidate may take once the battery asked for was read."""
    suspect: float = 4.0
    """After so long without a candidate, links left open are ended, and an adapter that receives nothing is switched off and on."""
    adapter_back: float = 3.0
    """How long a reading waits for an adapter that vanished meanwhile."""
    poll: float = 0.2
    """How often it looks for that adapter."""
