"""Training mode: what can be practised, and how a scenario begins."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One situation to practise: what it is about, the customer's code, the battery to choose, and what the trainee will meet, in order."""

    id: str
    title: str
    about: str
    customer_code: str
    new_battery_id: str
    steps: tuple[str, ...]


class Training(Protocol):
    """The world of training mode: a platform and batteries that can be set up for a scenario. Absent at a real counter."""

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What can be practised, in the order of the training screen."""
        ...

    async def begin(self, scenario_id: str) -> Scenario:
        """Put plans, batteries and faults in place for one scenario. Raises NotFound."""
        ...
