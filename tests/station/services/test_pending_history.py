"""What is shown of a plan over any history: batteries return, answers are lost, the plan is told at any moment (decisions 19, 33)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.errors import LinkDown, PlanUnavailable
from kiosk.domain.money.money import Collectable
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode
from kiosk.domain.swap.pending_swaps import plan_after_swap
from kiosk.domain.swap.swap import Swap, completion
from kiosk.station.adapters.store.sql_store import open_store
from tests.builders import plan_with, reading, swap_of
from tests.station.services.conftest import Counter

PLENTY = plan_with(used_kwh="500", quota_kwh="2000", swaps_used=0, swaps=1000, holds="BAT-A")
BATTERIES = ("BAT-A", "BAT-B", "BAT-C")


@dataclass
class Shop:
    """A counter and a platform that books what it is sent, each answer delivered or lost; `truth` is the plan with all that was done."""

    counter: Counter
    there: ServicePlan = PLENTY
    truth: ServicePlan = PLENTY
    sent: list[Swap] = field(default_factory=list)  # completed, oldest first
    booked_there: int = 0
    answered: int = 0
    meanwhile: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tell = self.counter.teller.identify

        async def crossed(code: CustomerCode, timeout_seconds: float) -> ServicePlan:
            told = await tell(code, timeout_seconds)
            happens, self.meanwhile = self.meanwhile, ()
            for each in happens:
                getattr(self, each)()
            return told

        self.counter.teller.identify = crossed  # type: ignore[method-assign]  # things happen while the answer is on its way

    async def look(self) -> ServicePlan:
        """As an attendant sees it; with `meanwhile` on its way."""
        return (await self.counter.plans.find(self.counter.know(self.there))).plan

    async def look_offline(self) -> ServicePlan:
        """The same without the platform."""
        self.counter.teller.failure = LinkDown("no network")
        try:
            return await self.look()
        finally:
            self.counter.teller.failure = None

    def swap(self, issued: str, returned_kwh: str, issued_kwh: str) -> None:
        """The customer gets another battery."""
        held = self.truth.current_asset or ""
        if issued == held:
            return
        begun = swap_of(self.truth, f"TXN-{len(self.sent):026}")
        swap = replace(begun, incoming=reading(held, returned_kwh), outgoing=reading(issued, issued_kwh))
        now = self.counter.clock.now()
        done = replace(swap, completed_at=now)
        self.counter.store.complete(done, self.counter.channel.message(done, completion(swap, now)))
        self.truth = plan_after_swap(self.truth, done, Collectable())
        self.sent.append(done)

    def swap_again(self) -> None:
        """Any other battery, in the middle of something."""
        self.swap("BAT-B" if self.truth.current_asset != "BAT-B" else "BAT-A", "1", "20")

    def book(self) -> None:
        """The platform books what it has not booked and was completed first; its answer is lost."""
        if self.booked_there < len(self.sent):
            self.there = plan_after_swap(self.there, self.sent[self.booked_there], Collectable())
            self.booked_there += 1
            self.counter.teller.plans[self.there.id] = self.there

    def answer(self) -> None:
        """The head is sent again, and this time the answer arrives."""
        if self.booked_there == self.answered:
            self.book()
        if self.answered < self.booked_there:
            entry = self.counter.store.outbox_entry(self.sent[self.answered].correlation_id)
            self.counter.channel.settle(entry.message)
            self.counter.outbox.catch_up()
            self.answered += 1


ISSUED_KWH = st.integers(0, 40).map(str)
STEPS = st.one_of(
    st.tuples(st.just("swap"), st.sampled_from(BATTERIES), ISSUED_KWH, ISSUED_KWH),
    st.sampled_from(["book", "answer"]).map(lambda name: (name,)),
    st.just(("look_offline",)),
    st.lists(st.sampled_from(["swap_again", "book", "answer"]), max_size=3).map(lambda meanwhile: ("look", *meanwhile)),
)


async def _step(shop: Shop, name: str, *rest: str) -> None:
    if name not in {"look", "look_offline"}:
        getattr(shop, name)(*rest)
        return
    if name == "look":
        shop.meanwhile = rest
    try:
        shown = await (shop.look() if name == "look" else shop.look_offline())
    except PlanUnavailable:  # never told until now
        return
    _check_not_above(shown, shop.truth)


def _check_not_above(shown: ServicePlan, truth: ServicePlan) -> None:
    assert shown.current_asset == truth.current_asset
    for each, true in zip(shown.service_states, truth.service_states, strict=True):
        assert each.remaining <= true.remaining


async def _run(folder: Path, steps: Sequence[tuple[str, ...]]) -> None:
    store = open_store(folder / "kiosk.sqlite")
    try:
        shop = Shop(Counter(store))
        for step in steps:
            await _step(shop, *step)
        while shop.answered < len(shop.sent):
            shop.answer()
        _check_not_above(await shop.look(), shop.truth)
        assert await shop.look() == shop.truth
        assert await shop.look_offline() == shop.truth
    finally:
        store.close()


@settings(max_examples=25)
@given(steps=st.lists(STEPS, max_size=14))
def test_what_is_shown_is_never_above_the_platforms_and_after_all_answers_equals_it(steps: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder), steps))


RETURNS = [  # an answer is lost, the plan is told, and the customer gets the same battery again
    ("swap", "BAT-B", "1", "20"),
    ("book",),
    ("look",),
    ("answer",),
    ("swap", "BAT-C", "2", "30"),
    ("answer",),
    ("swap", "BAT-B", "3", "25"),
    ("look_offline",),
]


def test_a_battery_that_comes_back_hides_no_swap_completed_after_the_plan_was_told(tmp_path: Path) -> None:
    asyncio.run(_run(tmp_path, RETURNS))


def test_of_two_swaps_that_issued_the_battery_told_the_first_is_taken_for_booked(tmp_path: Path) -> None:
    waiting = [("swap", "BAT-B", "1", "20"), ("swap", "BAT-C", "2", "30"), ("swap", "BAT-B", "3", "25")]
    asyncio.run(_run(tmp_path, [("look",), *waiting, ("book",), ("look",), ("look_offline",)]))


def test_a_swap_that_gave_energy_back_is_not_counted_twice(tmp_path: Path) -> None:
    waiting = [("swap", "BAT-B", "1", "20"), ("swap", "BAT-C", "40", "1"), ("swap", "BAT-B", "1", "2")]
    steps = [("look",), *waiting, ("book",), ("book",), ("book",), ("look",), ("look_offline",)]
    asyncio.run(_run(tmp_path, steps))
