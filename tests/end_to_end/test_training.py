"""Each of training's scenarios, through `build_training` and the services: embedded broker, reference platform, simulated batteries."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest

from kiosk.bootstrap import build_training
from kiosk.domain.errors import BatteryDamaged, NotApproved, PaymentRefused, ReturnedMore, WrongBattery
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.swap.swap import Confirmation, Step, Swap, next_step
from kiosk.settings import Settings
from kiosk.station.events import Event
from kiosk.station.ports import Scenario, Training
from kiosk.training.scenarios import PRACTICE_SUPERVISOR
from tests.end_to_end.world import Shop, facts
from tests.platform.agent_counter import rows
from tests.station.adapters.mqtt.parties import Ears
from tests.stores import store_of

IDS = [
    "normal",
    "first_visit",
    "exhausted",
    "wrong_battery",
    "damaged_battery",
    "payment_failure",
    "unreachable",
    "paid_by_phone",
    "more_energy",
]


@dataclass
class Trainee(Shop):
    """A kiosk in training."""

    folder: Path = Path()

    @property
    def practice(self) -> Training:
        assert self.kiosk.training is not None
        return self.kiosk.training

    async def begin(self, scenario_id: str) -> tuple[Scenario, Swap]:
        """The scenario, with its customer identified."""
        scenario = await self.practice.begin(scenario_id)
        return scenario, await self.identify(scenario.customer_code)

    async def to_the_end(self, swap: Swap) -> Swap:
        """Completed, answered, and in the platform's books exactly once."""
        assert next_step(swap) is Step.REVIEW
        done = await self.kiosk.swaps.complete(swap)
        await self.settled(done)
        assert self.events() == [(done.correlation_id,)]
        return done

    def events(self) -> list[tuple[str]]:
        return rows(self.folder / "training" / "platform.sqlite", "SELECT correlation_id FROM platform_service_events")

    def payments(self) -> list[tuple[str, str]]:
        return rows(self.folder / "training" / "platform.sqlite", "SELECT receipt_id, amount FROM platform_payment_events")


@pytest.fixture
async def training(tmp_path: Path) -> AsyncIterator[Trainee]:
    heard: Ears[Event] = Ears()
    kiosk = build_training(Settings(data=tmp_path), heard, link_back_seconds=0.5, phone_seconds=0.1)
    try:
        await kiosk.start()
        yield Trainee(kiosk, heard, tmp_path)
    finally:
        await kiosk.stop()


async def test_every_scenario_of_the_specification_is_one_choice(training: Trainee) -> None:
    assert [each.id for each in training.practice.scenarios] == IDS
    assert all(each.title and each.about and each.steps for each in training.practice.scenarios)


async def test_a_normal_swap(training: Trainee) -> None:
    scenario, swap = await training.begin("normal")
    assert next_step(swap) is Step.RETURNED
    swap = await training.returned(swap, swap.plan.current_asset or "")
    done = await training.to_the_end(await training.new(swap, scenario.new_battery_id))
    printed = await training.kiosk.receipts.make(done.correlation_id, counted=True)
    assert "TRAINING" in pypdfium2.PdfDocument(printed.pdf)[0].get_textpage().get_text_range().upper()


async def test_a_first_visit(training: Trainee) -> None:
    scenario, swap = await training.begin("first_visit")
    assert next_step(swap) is Step.NEW
    done = await training.to_the_end(await training.new(swap, scenario.new_battery_id))
    assert done.incoming is None


async def test_quota_exhausted_then_paid_then_resumed(training: Trainee) -> None:
    scenario, swap = await training.begin("exhausted")
    swap = await training.new(await training.returned(swap, swap.plan.current_asset or ""), scenario.new_battery_id)
    assert next_step(swap) is Step.PAYMENT
    due = training.kiosk.swaps.due(swap).cost
    swap = await training.kiosk.swaps.confirm_payment(await training.pay(swap))
    await training.kiosk.swaps.keep(swap)
    (kept,) = await training.kiosk.swaps.kept()
    assert kept.set_aside
    resumed = await training.kiosk.swaps.resume(swap.correlation_id)
    assert facts(resumed) == facts(swap)
    await training.to_the_end(resumed)
    assert training.payments() == [("MP4471", str(due))]


async def test_a_wrong_battery_then_the_right_one(training: Trainee) -> None:
    scenario, swap = await training.begin("wrong_battery")
    expected = swap.plan.current_asset or ""
    with pytest.raises(WrongBattery) as wrong:
        await training.returned(swap, expected)
    assert wrong.value.expected_id == expected
    assert wrong.value.read_id != expected
    swap = await training.returned(swap, expected)
    await training.to_the_end(await training.new(swap, scenario.new_battery_id))


async def test_a_damaged_battery_goes_to_inspection(training: Trainee) -> None:
    scenario, swap = await training.begin("damaged_battery")
    with pytest.raises(BatteryDamaged) as damaged:
        await training.returned(swap, swap.plan.current_asset or "")
    swap = await training.returned(swap, swap.plan.current_asset or "", inspection=damaged.value.reasons[0])
    done = await training.to_the_end(await training.new(swap, scenario.new_battery_id))
    assert store_of(training.kiosk).completed_swap(done.correlation_id).swap.inspection == damaged.value.reasons[0]


async def test_a_battery_charged_at_home_with_the_supervisor_of_training(training: Trainee) -> None:
    scenario, swap = await training.begin("more_energy")
    battery = swap.plan.current_asset or ""
    with pytest.raises(ReturnedMore) as stopped:
        await training.returned(swap, battery)
    assert (stopped.value.kwh > Decimal(3), stopped.value.issued_kwh) == (True, Decimal("2.2"))
    reading = await training.kiosk.swaps.read(swap, battery, lambda _phase: None)
    with pytest.raises(NotApproved):
        await training.kiosk.swaps.accept_more(swap, reading, "ATT-001", "Charged at home")
    swap = await training.kiosk.swaps.accept_more(swap, reading, PRACTICE_SUPERVISOR, "Charged at home")
    done = await training.to_the_end(await training.new(swap, scenario.new_battery_id))
    assert done.outgoing is not None
    assert done.outgoing.kwh_remaining is not None
    assert abs((done.net_kwh or 0) - (done.outgoing.kwh_remaining - Decimal("2.2"))) <= Decimal("0.05")
    (state, reason) = rows(training.folder / "training" / "platform.sqlite", "SELECT state, reason FROM platform_refusals")[0]
    assert state == "returned_more"
    assert battery in reason


async def test_a_payment_by_phone_arrives_by_itself(training: Trainee) -> None:
    scenario, swap = await training.begin("paid_by_phone")
    swap = await training.new(await training.returned(swap, swap.plan.current_asset or ""), scenario.new_battery_id)
    due = training.kiosk.swaps.due(swap).cost
    await training.heard.until(lambda event: isinstance(event, PaymentReceived))
    arrival = await training.kiosk.swaps.take_arrived(swap)
    assert [each.amount for each in arrival.counted] == [due]
    await training.to_the_end(arrival.swap)
    assert [amount for _receipt, amount in training.payments()] == [str(due)]


async def test_a_payment_that_fails_then_one_that_does_not(training: Trainee) -> None:
    scenario, swap = await training.begin("payment_failure")
    swap = await training.new(await training.returned(swap, swap.plan.current_asset or ""), scenario.new_battery_id)
    swap = await training.pay(swap, "MP0000")
    with pytest.raises(PaymentRefused) as refused:
        await training.kiosk.swaps.confirm_payment(swap)
    swap = await training.kiosk.swaps.drop_payment(swap, refused.value)
    swap = await training.kiosk.swaps.confirm_payment(await training.pay(swap))
    assert swap.payment is not None
    assert swap.payment.confirmation is Confirmation.PLATFORM
    await training.to_the_end(swap)
    assert [receipt for receipt, _amount in training.payments()] == ["MP4471"]


async def test_an_unreachable_platform_and_a_link_that_comes_back_by_itself(training: Trainee) -> None:
    scenario, swap = await training.begin("unreachable")
    swap = await training.new(await training.returned(swap, swap.plan.current_asset or ""), scenario.new_battery_id)
    done = await training.kiosk.swaps.complete(swap)
    assert training.state(done) == "unsettled"
    assert training.waiting.unsettled == 1
    assert not (await training.kiosk.receipts.make(done.correlation_id)).receipt.settled
    assert training.events() == []
    await training.settled(done)
    assert training.waiting.unsettled == 0
    assert training.events() == [(done.correlation_id,)]
    assert (await training.kiosk.receipts.make(done.correlation_id)).receipt.settled


async def test_scenarios_follow_one_another_and_a_second_run_meets_nothing_of_the_first(training: Trainee) -> None:
    for scenario_id in ("unreachable", "normal", "normal"):  # left in mid-swap, without a link, then begun anew
        scenario, swap = await training.begin(scenario_id)
    await training.link(up=True)
    assert await training.kiosk.swaps.kept() != ()
    swap = await training.returned(swap, swap.plan.current_asset or "")
    await training.to_the_end(await training.new(swap, scenario.new_battery_id))
