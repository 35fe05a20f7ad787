"""What the operator decides for the whole platform."""

from dataclasses import dataclass, field

from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.money.money import Collectable
from kiosk.wire.actions import Topics


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRules:
    """What the platform's configuration decides."""

    limits: FitnessLimits = field(default_factory=FitnessLimits)
    collectable: Collectable = field(default_factory=Collectable)
    topics: Topics = field(default_factory=Topics)
