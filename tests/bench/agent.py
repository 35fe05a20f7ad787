"""One action of `service_agent` beside the bare Decimal operations. The action is COMPLETE_SERVICE, the dearest of an ordinary visit.

Every call meets a plan of its own, as at a platform: nothing that the plan remembers from an earlier call helps.
"""

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.swap.swap import completion
from tests.bench import samples
from tests.bench.figures import Figure, compared
from tests.bench.floors import decimals
from tests.bench.timing import interleaved, per_call

_CALLS = 50
_ROUNDS = 150


def agent() -> Iterator[Figure]:
    """One figure."""
    swap = samples.sample_swap()
    request, context = completion(swap, samples.NOON), AgentContext(now=samples.NOON)
    plan, swaps = swap.plan, swap.plan.swap_count
    numbers = (samples.RETURNED_KWH, samples.ISSUED_KWH, samples.USED_KWH, samples.QUOTA_KWH, swaps.used, swaps.quota)

    def ours() -> float:
        plans = [replace(plan) for _ in range(_CALLS)]
        began = perf_counter()
        for each in plans:
            service_agent(request, each, context)
        return (perf_counter() - began) / _CALLS

    timed = interleaved(ours, per_call(lambda: decimals.complete(*numbers), _CALLS), rounds=_ROUNDS)
    note = "COMPLETE_SERVICE with receipt and event; floor: its checks, rounding and sums in Decimal, no more"
    yield compared("one action of service_agent", timed, "us", 25, note, below=100)
