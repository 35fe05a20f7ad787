"""The specification's integration tests: the kiosk's own wiring, Mosquitto, the reference platform, simulated batteries."""

from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest

from kiosk.domain.errors import BatteryDamaged, PaymentRefused, PaymentUsed, SameBattery, StepImpossible, WrongBattery
from kiosk.domain.swap.swap import Confirmation, Step, next_step
from kiosk.platform.payment_proof import ScriptedPayments
from kiosk.station.events import OutboxChanged
from kiosk.wire.exact_json import loads
from tests.brokers import Mosquitto
from tests.builders import plan_with
from tests.end_to_end.world import NEW, RETURNED, booked, counter, facts, plan_named, settings_in
from tests.platform.agent_counter import count
from tests.platform.kiosks import kiosk_on, platform_with
from tests.stores import store_of


async def test_from_the_customers_code_to_the_printed_receipt(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("whole")
    async with kiosk_on(mosquitto) as ears, platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.with_batteries(plan.id)
        assert next_step(swap) is Step.REVIEW
        done = await shop.kiosk.swaps.complete(swap)
        await shop.settled(done)
        await ears.until(lambda: ears.events(plan.id))
        printed = await shop.kiosk.receipts.make(done.correlation_id, counted=True)
        again = await shop.identify(plan.id)
    assert booked(books, plan.id) == (Decimal(7), Decimal("348.1"), NEW)
    assert again.plan.current_asset == NEW
    assert again.plan.electricity is not None
    assert again.plan.electricity.used == Decimal("348.1")
    (event,) = ears.events(plan.id)
    assert event["service_data"]["net_delivered_kwh"] == Decimal("3.6")
    assert event["service_context"]["transaction_id"] == done.correlation_id == printed.receipt.transaction_id
    assert printed.receipt.settled
    words = pypdfium2.PdfDocument(printed.pdf)[0].get_textpage().get_text_range()
    assert "3.6" in words
    assert (folder / "receipts" / f"{done.correlation_id}.pdf").read_bytes() == printed.pdf


async def test_the_bytes_that_left_are_the_bytes_that_were_stored(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("bytes")
    async with kiosk_on(mosquitto) as ears, platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        sent: list[bytes] = []
        await ears.session.ready(
            ears.session.listen(f"call/uxi/attendant/plan/{plan.id}/complete_service", lambda message: sent.append(message.payload))
        )
        done = await shop.kiosk.swaps.complete(await shop.with_batteries(plan.id))
        await shop.settled(done)
        stored = store_of(shop.kiosk).outbox_entry(done.correlation_id).message.payload
    assert set(sent) == {stored}
    request = loads(stored)
    assert (request["incoming_kwh"], request["outgoing_kwh"], request["payment_occurred"]) == (Decimal("0.8"), Decimal("4.4"), False)
    assert b'"outgoing_kwh":4.4,' in stored


async def test_quota_exhausted_then_paid_then_the_service_goes_on(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("short", plan_with(used_kwh="398"))
    async with kiosk_on(mosquitto) as ears, platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.with_batteries(plan.id)
        assert next_step(swap) is Step.PAYMENT
        assert (shop.kiosk.swaps.due(swap).cost, shop.kiosk.swaps.due(swap).currency) == (Decimal("1.28"), "USD")
        with pytest.raises(StepImpossible):
            await shop.kiosk.swaps.complete(swap)
        swap = await shop.kiosk.swaps.confirm_payment(await shop.pay(swap))
        assert swap.payment is not None
        assert swap.payment.confirmation is Confirmation.PLATFORM
        with pytest.raises(StepImpossible, match="recorded"):
            await shop.kiosk.swaps.back(swap)
        done = await shop.kiosk.swaps.complete(swap)
        await shop.settled(done)
        await ears.until(lambda: len(ears.events(plan.id)) == 2)
        receipt = (await shop.kiosk.receipts.make(done.correlation_id)).receipt
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)
    assert sorted(event["event_type"] for event in ears.events(plan.id)) == ["PAYMENT_RECEIVED", "SERVICE_COMPLETED"]
    assert receipt.paid is not None
    assert (receipt.paid.amount, receipt.paid.bought_kwh) == (Decimal("1.28"), Decimal("1.6"))


async def test_a_paid_swap_kept_for_later_survives_a_restart_and_is_completed(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("kept", plan_with(used_kwh="398"))
    settings = settings_in(folder, mosquitto)
    async with platform_with(mosquitto, books, plan):
        async with counter(settings) as shop:
            paid = await shop.kiosk.swaps.confirm_payment(await shop.pay(await shop.with_batteries(plan.id)))
            await shop.kiosk.swaps.keep(paid)
        async with counter(settings) as shop:
            (kept,) = await shop.kiosk.swaps.kept()
            assert kept.set_aside
            assert facts(kept.swap) == facts(paid)
            resumed = await shop.kiosk.swaps.resume(kept.swap.correlation_id)
            assert next_step(resumed) is Step.REVIEW
            done = await shop.kiosk.swaps.complete(resumed)
            await shop.settled(done)
            assert await shop.kiosk.swaps.kept() == ()
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)
    assert (count(books, "payment_events"), count(books, "service_events")) == (1, 1)


@pytest.mark.parametrize("steps", [1, 2, 3])
async def test_a_swap_cut_off_at_any_step_is_offered_again_where_it_was(
    mosquitto: Mosquitto, folder: Path, books: Path, steps: int
) -> None:
    plan = plan_named("cut")
    settings = settings_in(folder, mosquitto)
    async with platform_with(mosquitto, books, plan):
        async with counter(settings) as shop:
            swap = await shop.identify(plan.id)
            if steps > 1:
                swap = await shop.returned(swap, RETURNED)
            if steps > 2:
                swap = await shop.new(swap, NEW)
        async with counter(settings) as shop:
            (kept,) = await shop.kiosk.swaps.kept()
            assert not kept.set_aside
            resumed = await shop.kiosk.swaps.resume(swap.correlation_id)
    assert facts(resumed) == facts(swap)
    assert next_step(resumed) is (Step.RETURNED, Step.NEW, Step.REVIEW)[steps - 1]


async def test_a_first_visit_skips_the_return(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("first", plan_with(holds=None, used_kwh="0", swaps_used=0))
    async with platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.identify(plan.id)
        assert next_step(swap) is Step.NEW
        done = await shop.kiosk.swaps.complete(await shop.new(swap, NEW))
        await shop.settled(done)
        request = loads(store_of(shop.kiosk).outbox_entry(done.correlation_id).message.payload)
    assert (request["incoming_battery_id"], request["incoming_kwh"]) == (None, None)
    assert booked(books, plan.id) == (Decimal(1), Decimal("4.4"), NEW)


async def test_wrong_damaged_and_the_same_battery_stop_nothing_else(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("errors", plan_with(holds="BAT-68000"))
    async with platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.identify(plan.id)
        with pytest.raises(WrongBattery) as wrong:
            await shop.returned(swap, RETURNED)
        assert (wrong.value.expected_id, wrong.value.read_id) == ("BAT-68000", RETURNED)
        with pytest.raises(BatteryDamaged) as damaged:
            await shop.returned(swap, "BAT-68000")
        assert "68" in damaged.value.reasons[0]
        swap = await shop.returned(swap, "BAT-68000", inspection="too hot")
        with pytest.raises(SameBattery):
            await shop.new(swap, "BAT-68000")
        done = await shop.kiosk.swaps.complete(await shop.new(swap, NEW))
        await shop.settled(done)
        assert store_of(shop.kiosk).completed_swap(done.correlation_id).swap.inspection == "too hot"
    assert booked(books, plan.id) == (Decimal(7), Decimal("347.8"), NEW)


async def test_a_refused_payment_is_dropped_and_another_receipt_pays(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("refused", plan_with(used_kwh="398"))
    script = ScriptedPayments(refused={"MP0000": "this receipt was never paid"})
    async with platform_with(mosquitto, books, plan, verifier=script), counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.pay(await shop.with_batteries(plan.id), "MP0000")
        with pytest.raises(PaymentRefused, match="never paid") as refused:
            await shop.kiosk.swaps.confirm_payment(swap)
        swap = await shop.kiosk.swaps.drop_payment(swap, refused.value)
        assert next_step(swap) is Step.PAYMENT
        done = await shop.kiosk.swaps.complete(await shop.kiosk.swaps.confirm_payment(await shop.pay(swap)))
        await shop.settled(done)
    assert (count(books, "payment_events"), count(books, "service_events")) == (1, 1)


async def test_a_receipt_pays_once_here_and_at_the_platform(mosquitto: Mosquitto, tmp_path: Path, books: Path) -> None:
    one, two = plan_named("once", plan_with(used_kwh="398")), plan_named("twice", plan_with(used_kwh="398", holds="BAT-13579"))
    async with platform_with(mosquitto, books, one, two), counter(settings_in(tmp_path / "a", mosquitto, "A")) as shop:
        done = await shop.kiosk.swaps.complete(await shop.kiosk.swaps.confirm_payment(await shop.pay(await shop.with_batteries(one.id))))
        await shop.settled(done)
        short = await shop.with_batteries(two.id, "BAT-77777")
        with pytest.raises(PaymentUsed):
            await shop.pay(short, " mp4471 ")
        async with counter(settings_in(tmp_path / "b", mosquitto, "B")) as other:
            swap = await other.pay(await other.with_batteries(two.id, "BAT-77777"), "MP4471")
            with pytest.raises(PaymentUsed):
                await other.kiosk.swaps.confirm_payment(swap)
    assert count(books, "payment_events") == 1


async def test_the_status_line_hears_of_every_change(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("status")
    async with platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        done = await shop.kiosk.swaps.complete(await shop.with_batteries(plan.id))
        await shop.settled(done)
        changes = [each.unsettled for each in shop.heard.heard if isinstance(each, OutboxChanged)]
    assert changes[0] == 0
    assert 1 in changes
    assert changes[-1] == 0
