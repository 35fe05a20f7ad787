"""What is shipped with the program: the two state machines, the templates, an example plan (resources/).

The machines stand in where a document has none (contract, plan document); their states and inputs are the field's, with the
specification's BATTERY_ISSUED, PAYMENT_RECEIVED and QUOTA_EXHAUSTED (decision 14). Each is read once.
"""

from functools import cache

import resources
from kiosk.domain.plan.fsm import MealyFSM, Transition
from kiosk.wire.exact_json import loads


@cache
def service_cycle() -> MealyFSM:
    """The machine of `service_state`."""
    return _machine("fsm/bss-service-cycle-v1.json")


@cache
def payment_cycle() -> MealyFSM:
    """The machine of `payment_state`."""
    return _machine("fsm/bss-payment-cycle-v1.json")


def plan_text(plan_id: str) -> str:
    """A shipped plan document as text. Raises FileNotFoundError."""
    return resources.read_text(f"plans/{plan_id}.json")


def _machine(name: str) -> MealyFSM:
    document = loads(resources.read_text(name))
    return MealyFSM(
        id=document["id"],
        initial_state=document["initial_state"],
        states=tuple(document["states"]),
        transitions=tuple(Transition(**{**each, "outputs": tuple(each["outputs"])}) for each in document["transitions"]),
    )
