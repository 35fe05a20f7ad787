"""Whole swaps against a platform that speaks the field dialect: the kiosk's own wiring, Mosquitto, simulated batteries."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.errors import CustomerUnknown, PaymentTooSmall, PlanUnavailable, PriceMissing
from kiosk.domain.swap.swap import Confirmation, Step, next_step
from kiosk.settings import Settings
from kiosk.shared.mqtt.link import MqttMessage
from kiosk.wire.exact_json import dumps, loads
from tests.brokers import Mosquitto
from tests.end_to_end.world import NEW, Shop, counter, settings_in
from tests.field.platform import Account, FieldPlatform, field_platform, link_to
from tests.station.adapters.mqtt.parties import Ears, linked
from tests.stores import store_of

SHORT: dict[str, Any] = {"used_kwh": Decimal(48)}  # of 50, where a swap of the simulated batteries takes 3.6
FAILURES = (
    "BATTERY_MISMATCH",
    "ASSET_VALIDATION_FAILED",
    "SECURITY_ALERT",
    "VALIDATION_FAILED",
    "PAYMENT_FAILED",
    "SERVICE_COMPLETION_FAILED",
    "SERVICE_REJECTED",
    "QUOTA_EXHAUSTED",
    "TOPUP_REQUIRED",
)


@dataclass
class Station:
    """A counter, the platform, and the one customer who comes."""

    shop: Shop
    platform: FieldPlatform
    account: Account

    @property
    def plan_id(self) -> str:
        return self.account.plan_id

    @property
    def books(self) -> tuple[int, Decimal, str | None]:
        """Swaps and kWh booked, and the battery held, as the platform has them."""
        return self.account.swaps, self.account.used_kwh, self.account.held


def field_settings(folder: Path, broker: Mosquitto, **mqtt: Any) -> Settings:
    return settings_in(folder, broker, dialect="field", **mqtt)


def account_of(**facts: Any) -> Account:
    """A customer whom no other test on this broker knows."""
    return replace(Account(f"field-{os.urandom(6).hex()}"), **facts)


@asynccontextmanager
async def station_on(broker: Mosquitto, folder: Path, **facts: Any) -> AsyncIterator[Station]:
    account = account_of(**facts)
    async with field_platform(broker, account) as platform, counter(field_settings(folder, broker)) as shop:
        yield Station(shop, platform, account)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kiosk"


async def test_an_ordinary_swap_is_booked_and_the_plan_is_told_anew(mosquitto: Mosquitto, folder: Path) -> None:
    async with station_on(mosquitto, folder) as station:
        done = await station.shop.kiosk.swaps.complete(await station.shop.with_batteries(station.plan_id))
        await station.shop.settled(done)
        (sent,) = station.platform.completions(station.plan_id)
        stored = store_of(station.shop.kiosk).outbox_entry(done.correlation_id).message
        again = await station.shop.identify(station.plan_id)
        receipt = (await station.shop.kiosk.receipts.make(done.correlation_id)).receipt
    assert station.books == (10, Decimal("15.9"), NEW)
    assert (sent.topic, sent.payload) == (stored.topic, stored.payload)
    assert again.plan.current_asset == NEW
    assert receipt.settled


async def test_a_first_visit_names_no_returned_battery(mosquitto: Mosquitto, folder: Path) -> None:
    async with station_on(mosquitto, folder, held=None, used_kwh=Decimal(0), swaps=0) as station:
        done = await station.shop.kiosk.swaps.complete(await station.shop.with_batteries(station.plan_id))
        await station.shop.settled(done)
        (sent,) = station.platform.completions(station.plan_id)
    service = loads(sent.payload)["data"]["service_data"]
    assert (service["new_battery_id"], service["energy_transferred"]) == (NEW, Decimal("4.4"))
    assert "old_battery_id" not in service
    assert station.books == (1, Decimal("4.4"), NEW)


async def test_a_plan_that_is_short_is_topped_up_with_the_swap_that_confirms_the_payment(mosquitto: Mosquitto, folder: Path) -> None:
    async with station_on(mosquitto, folder, **SHORT) as station:
        swap = await station.shop.with_batteries(station.plan_id)
        due = station.shop.kiosk.swaps.due(swap)
        assert (next_step(swap), due.cost, due.currency) == (Step.PAYMENT, Decimal(140), "KES")  # 1.6 kWh at 87, in whole shillings
        paid = await station.shop.pay(swap)
        assert paid.payment is not None
        assert (next_step(paid), paid.payment.confirmation) == (Step.REVIEW, Confirmation.NOT_NEEDED)
        done = await station.shop.kiosk.swaps.complete(paid)
        await station.shop.settled(done)
        (sent,) = station.platform.completions(station.plan_id)
    payment = loads(sent.payload)["data"]["payment_data"]
    assert payment == {
        "service_id": "service-electricity-kenya",
        "payment_amount": Decimal(140),
        "payment_reference": "MP4471",
        "payment_method": "MOBILE_MONEY",
        "payment_type": "TOP_UP",
    }
    assert (station.books, station.account.paid) == ((10, Decimal("51.6"), NEW), ["MP4471"])


async def test_a_receipt_over_less_than_is_due_is_no_part_because_nobody_could_confirm_it(mosquitto: Mosquitto, folder: Path) -> None:
    async with station_on(mosquitto, folder, **SHORT) as station:
        swap = await station.shop.with_batteries(station.plan_id)
        with pytest.raises(PaymentTooSmall) as short:
            await station.shop.kiosk.swaps.take_payment(swap, Decimal(100), "MP4471", "MOBILE_MONEY", part=True)
        assert (short.value.missing, short.value.currency) == (Decimal(40), "KES")
        assert next_step(await station.shop.pay(swap)) is Step.REVIEW


async def test_without_a_price_a_short_plan_does_not_swap(mosquitto: Mosquitto, folder: Path) -> None:
    async with station_on(mosquitto, folder, price=None, **SHORT) as station:
        swap = await station.shop.with_batteries(station.plan_id)
        with pytest.raises(PriceMissing):
            station.shop.kiosk.swaps.due(swap)
    assert station.platform.booked == []


async def test_a_customer_whom_nobody_knows_is_unknown(mosquitto: Mosquitto, folder: Path) -> None:
    async with station_on(mosquitto, folder) as station:
        with pytest.raises(CustomerUnknown):
            await station.shop.identify(f"{station.plan_id}-other")


@pytest.mark.parametrize("signal", FAILURES)
async def test_a_refused_completion_stays_for_a_person_and_sent_again_is_booked_once(
    mosquitto: Mosquitto, folder: Path, signal: str
) -> None:
    async with station_on(mosquitto, folder) as station:
        station.platform.manner.refusal = signal
        done = await station.shop.kiosk.swaps.complete(await station.shop.with_batteries(station.plan_id))
        answer = await station.shop.answer(done)
        assert (answer.settled, answer.reason) == (False, f"told to answer {signal}")
        assert (station.shop.state(done), station.platform.booked) == ("refused", [])
        station.platform.manner.refusal = ""
        station.shop.heard.heard.clear()
        await station.shop.kiosk.outbox.send_again(done.correlation_id)
        await station.shop.settled(done)
    assert (station.books, station.platform.booked) == ((10, Decimal("15.9"), NEW), [done.correlation_id])


async def test_a_platform_with_too_much_to_do_is_asked_again_until_it_has_booked(mosquitto: Mosquitto, folder: Path) -> None:
    async with station_on(mosquitto, folder) as station:
        station.platform.manner.refusal = "RATE_LIMIT_EXCEEDED"
        done = await station.shop.kiosk.swaps.complete(await station.shop.with_batteries(station.plan_id))
        await station.platform.completion_heard(station.plan_id, times=2)
        assert station.shop.state(done) == "unsettled"
        station.platform.manner.refusal = ""
        await station.shop.settled(done)
    assert station.platform.booked == [done.correlation_id]


@pytest.mark.parametrize("level", ["top", "data", "metadata"])
@pytest.mark.parametrize(("side", "suffix"), [("service", ""), ("service", "re_abs_x"), ("attendant", "-re")])
async def test_lost_answers_end_in_one_booking_however_the_platform_speaks(
    mosquitto: Mosquitto, folder: Path, level: str, side: str, suffix: str
) -> None:
    async with station_on(mosquitto, folder) as station:
        manner = station.platform.manner
        manner.level, manner.side, manner.suffix, manner.lost = level, side, suffix, 2
        done = await station.shop.kiosk.swaps.complete(await station.shop.with_batteries(station.plan_id))
        await station.shop.settled(done)
        heard = station.platform.completions(station.plan_id)
    assert len(heard) >= 3
    assert len({each.payload for each in heard}) == 1
    assert (station.books, station.platform.booked) == ((10, Decimal("15.9"), NEW), [done.correlation_id])


async def test_a_silent_platform_holds_up_nobody_and_the_cached_plan_serves(mosquitto: Mosquitto, folder: Path) -> None:
    account = account_of()
    async with field_platform(mosquitto, account) as platform, counter(field_settings(folder, mosquitto, answer_seconds=0.5)) as shop:
        await shop.identify(account.plan_id)
        platform.manner.silent = True
        done = await shop.kiosk.swaps.complete(await shop.with_batteries(account.plan_id))
        with pytest.raises(PlanUnavailable):
            await shop.identify("never-seen-here")
        assert shop.state(done) == "unsettled"
        platform.manner.silent = False
        await shop.settled(done)
    assert platform.booked == [done.correlation_id]


async def test_a_broker_that_dies_with_the_answer_books_nothing_twice(own_mosquitto: Callable[..., Mosquitto], folder: Path) -> None:
    broker = own_mosquitto()
    async with station_on(broker, folder) as station:
        swap = await station.shop.with_batteries(station.plan_id)
        station.platform.manner.lost = 1
        done = await station.shop.kiosk.swaps.complete(swap)
        await station.platform.completion_heard(station.plan_id)
        broker.kill()
        await station.shop.link(up=False)
        broker.start()
        await station.shop.settled(done)
    assert (station.books, station.platform.booked) == ((10, Decimal("15.9"), NEW), [done.correlation_id])


async def test_a_swap_completed_before_a_restart_is_sent_and_settled_after_it(mosquitto: Mosquitto, folder: Path) -> None:
    account = account_of(**SHORT)
    async with field_platform(mosquitto, account) as platform:
        async with counter(field_settings(folder, mosquitto)) as shop:
            paid = await shop.pay(await shop.with_batteries(account.plan_id))
            platform.manner.silent = True
            done = await shop.kiosk.swaps.complete(paid)
            await platform.completion_heard(account.plan_id)
        platform.manner.silent = False
        async with counter(field_settings(folder, mosquitto)) as shop:
            await shop.settled(done)
    assert len({each.payload for each in platform.completions(account.plan_id)}) == 1
    assert (platform.booked, account.paid) == ([done.correlation_id], ["MP4471"])


async def test_a_kiosk_killed_right_after_complete_sends_and_settles_at_its_next_start(mosquitto: Mosquitto, folder: Path) -> None:
    account = account_of(**SHORT)
    async with field_platform(mosquitto, account) as platform:
        died, correlation_id = await died_with(folder, mosquitto, account.plan_id)
        assert (died, platform.booked) == (-signal.SIGKILL, [])
        async with counter(field_settings(folder, mosquitto)) as shop:
            (row,) = store_of(shop.kiosk).history()
            await shop.settled(row.swap)
            assert await shop.kiosk.swaps.kept() == ()
    assert (platform.booked, account.paid, account.held) == ([correlation_id], ["MP4471"], NEW)


async def died_with(folder: Path, broker: Mosquitto, plan_id: str) -> tuple[int | None, str]:
    """A kiosk's end and the swap that it had stored."""
    arguments = ("-m", "tests.field.dying_kiosk", str(folder), str(broker.port), plan_id)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    return process.returncode, said.decode().strip()


async def test_a_paid_swap_kept_over_a_restart_goes_on_with_its_payment(mosquitto: Mosquitto, folder: Path) -> None:
    account = account_of(**SHORT)
    async with field_platform(mosquitto, account) as platform:
        async with counter(field_settings(folder, mosquitto)) as shop:
            paid = await shop.pay(await shop.with_batteries(account.plan_id))
        async with counter(field_settings(folder, mosquitto)) as shop:
            resumed = await shop.kiosk.swaps.resume(paid.correlation_id)
            assert next_step(resumed) is Step.REVIEW
            done = await shop.kiosk.swaps.complete(resumed)
            await shop.settled(done)
    assert (platform.booked, account.paid, account.held) == ([paid.correlation_id], ["MP4471"], NEW)


@pytest.mark.parametrize("first", ["field", "spec"])
async def test_a_completion_that_waits_while_the_dialect_is_changed_is_sent_in_its_own(
    mosquitto: Mosquitto, folder: Path, first: str
) -> None:
    then = "spec" if first == "field" else "field"
    account = account_of()
    async with field_platform(mosquitto, account) as platform, linked(link_to(mosquitto, "spec-platform")) as spec:
        heard: Ears[MqttMessage] = Ears()
        await spec.ready(spec.listen(f"call/uxi/attendant/plan/{account.plan_id}/complete_service", heard))
        async with counter(settings_in(folder, mosquitto, dialect=first)) as shop:
            swap = await shop.with_batteries(account.plan_id)
            platform.manner.silent = True
            done = await shop.kiosk.swaps.complete(swap)
            stored = store_of(shop.kiosk).outbox_entry(done.correlation_id).message
        platform.manner.silent = False
        async with counter(settings_in(folder, mosquitto, dialect=then)) as shop:
            if first == "spec":
                await heard.until(lambda each: each.payload == stored.payload)
                answer = {"signals": ["SERVICE_COMPLETED_SUCCESS"], "correlation_id": done.correlation_id}
                spec.publish(f"rtrn/abs/attendant/plan/{account.plan_id}/complete_service_response", dumps(answer))
            await shop.settled(done)
    assert platform.booked == ([done.correlation_id] if first == "field" else [])
