"""Finite state machines as data (decision 14): (state, input) -> (next state, outputs)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """In `state`, `input` leads to `next_state` and emits `outputs`."""

    state: str
    input: str
    next_state: str
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """What one input did; `ignored` when the current state has no transition for it."""

    state: str
    outputs: tuple[str, ...] = ()
    ignored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MealyFSM:
    """States, the initial one, and transitions. Raises ValueError when it contradicts itself."""

    id: str
    initial_state: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        known = set(self.states)
        if self.initial_state not in known:
            raise ValueError(f"the initial state {self.initial_state} is not among its states")
        for each in self.transitions:
            if not {each.state, each.next_state} <= known:
                raise ValueError(f"a transition from {each.state} on {each.input} to {each.next_state} names an unknown state")
        pairs = [(each.state, each.input) for each in self.transitions]
        if len(set(pairs)) != len(pairs):
            raise ValueError("two transitions share one state and input")

    def step(self, state: str, fsm_input: str) -> Stepped:
        """One input in `state`; an input without a transition leaves the state as it is and is ignored."""
        for each in self.transitions:
            if each.state == state and each.input == fsm_input:
                return Stepped(state=each.next_state, outputs=each.outputs)
        return Stepped(state=state, ignored=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class FsmInput:
    """An input for one of a plan's two cycles: `service_cycle` or `payment_cycle`."""

    cycle: str
    input: str


BATTERY_ISSUED = FsmInput(cycle="service_cycle", input="BATTERY_ISSUED")
BATTERY_RETURNED = FsmInput(cycle="service_cycle", input="BATTERY_RETURNED")
QUOTA_EXHAUSTED = FsmInput(cycle="service_cycle", input="QUOTA_EXHAUSTED")
PAYMENT_RECEIVED = FsmInput(cycle="payment_cycle", input="PAYMENT_RECEIVED")
