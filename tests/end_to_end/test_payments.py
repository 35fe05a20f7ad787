"""Payments between the ERP system, the platform and a kiosk that waits for them: the callback, Mosquitto, the kiosk's own wiring."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiosk.domain.errors import PaymentRefused
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.domain.times import iso_utc
from kiosk.platform.store.repository import PlatformStore
from tests.brokers import Mosquitto
from tests.builders import plan_with, rolled_back
from tests.end_to_end.world import NEW, Shop, booked, counter, plan_named, settings_in
from tests.platform.agent_counter import count
from tests.platform.http.confirming import deliver, delivery
from tests.platform.http.site import calling, context_on
from tests.platform.kiosks import platform_with


@asynccontextmanager
async def site(broker: Mosquitto, books: Path, plan: ServicePlan) -> AsyncIterator[httpx.AsyncClient]:
    """A platform with its HTTP side, as the ERP system calls it."""
    store = PlatformStore(books)
    async with platform_with(broker, books, plan) as service, calling(context_on(store, wake=service.wake)) as client:
        yield client
    store.close()


async def customer_pays(client: httpx.AsyncClient, swap: Swap, amount: str, receipt_id: str, **changes: Any) -> None:
    """With a phone: the ERP system confirms it to the platform."""
    facts = {"plan_id": swap.plan.id, "reference": swap.correlation_id, "payment_timestamp": iso_utc(datetime.now(UTC)), **changes}
    status, _answer = await deliver(client, delivery(amount, receipt_id, **facts))
    assert status == 200


async def told(shop: Shop, receipt_id: str) -> None:
    """The kiosk has heard of it."""
    await shop.heard.until(lambda event: isinstance(event, PaymentReceived) and event.receipt_id == receipt_id)


def short(name: str) -> ServicePlan:
    return plan_named(name, plan_with(used_kwh="398"))  # 1.6 kWh are missing: 1.28 USD


@pytest.mark.parametrize("reference", [{}, {"reference": None}, {"reference": "SO/2026/00017"}])
async def test_a_payment_by_phone_is_heard_and_completes_the_swap(
    mosquitto: Mosquitto, folder: Path, books: Path, reference: dict[str, Any]
) -> None:
    plan = short("phone")
    async with site(mosquitto, books, plan) as erp, counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.with_batteries(plan.id)
        await customer_pays(erp, swap, "1.28", "MP1", **reference)
        await told(shop, "MP1")
        swap = (await shop.kiosk.swaps.take_arrived(swap)).swap
        assert next_step(swap) is Step.REVIEW
        await shop.settled(await shop.kiosk.swaps.complete(swap))
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)
    assert count(books, "payment_events") == 1


async def test_money_in_another_currency_is_said_where_the_customer_waits_and_not_counted(
    mosquitto: Mosquitto, folder: Path, books: Path
) -> None:
    plan = short("foreign")
    async with site(mosquitto, books, plan) as erp, counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.with_batteries(plan.id)
        status, _answer = await deliver(erp, delivery("500", "MP1", plan_id=plan.id, reference=swap.correlation_id, currency="KES"))
        assert status == 422
        await told(shop, "MP1")
        arrival = await shop.kiosk.swaps.take_arrived(swap)
        assert [(each.amount, each.currency) for each in arrival.foreign] == [(Decimal(500), "KES")]
        assert (arrival.swap.payments, arrival.counted) == ((), ())


async def test_parts_by_phone_and_by_receipt_are_one_payment_in_the_books(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = short("parts")
    async with site(mosquitto, books, plan) as erp, counter(settings_in(folder, mosquitto)) as shop:
        swaps, swap = shop.kiosk.swaps, await shop.with_batteries(plan.id)
        await customer_pays(erp, swap, "0.50", "MP1")
        await told(shop, "MP1")
        swap = (await swaps.take_arrived(swap)).swap
        assert swaps.still_due(swap) == Decimal("0.78")
        swap = await swaps.confirm_payment(await swaps.take_payment(swap, Decimal("0.30"), "CASH-1", "CASH", part=True))
        swap = await swaps.confirm_payment(await swaps.take_payment(swap, Decimal("0.48"), "CASH-2", "CASH", part=True))
        assert next_step(swap) is Step.REVIEW
        await shop.settled(await swaps.complete(swap))
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)
    assert count(books, "payment_events") == 3


async def test_a_receipt_typed_with_another_amount_is_refused_and_the_right_one_counts(
    mosquitto: Mosquitto, folder: Path, books: Path
) -> None:
    plan = short("amount")
    async with site(mosquitto, books, plan) as erp, counter(settings_in(folder, mosquitto)) as shop:
        swaps, swap = shop.kiosk.swaps, await shop.with_batteries(plan.id)
        await customer_pays(erp, swap, "0.50", "MP1")
        await told(shop, "MP1")
        waiting = await swaps.take_payment(swap, Decimal("1.28"), "MP1", "MOBILE_MONEY")
        with pytest.raises(PaymentRefused, match=r"0\.5") as refused:
            await swaps.confirm_payment(waiting)
        swap = (await swaps.take_arrived(await swaps.drop_payment(waiting, refused.value))).swap
        assert (swap.amount_paid, swaps.still_due(swap)) == (Decimal("0.5"), Decimal("0.78"))


async def test_a_kept_swap_hears_of_its_payment_after_a_restart_before_anybody_takes_it_up(
    mosquitto: Mosquitto, folder: Path, books: Path
) -> None:
    plan, settings = short("kept"), settings_in(folder, mosquitto)
    async with site(mosquitto, books, plan) as erp:
        async with counter(settings) as shop:
            swap = await shop.with_batteries(plan.id)
            await shop.kiosk.swaps.keep(swap)
        async with counter(settings) as shop:
            await shop.link(up=True)
            await shop.kiosk.swaps.listen_for_kept()  # until the broker has granted it; the start does not wait for that
            await customer_pays(erp, swap, "1.28", "MP1")
            await told(shop, "MP1")
            swap = await shop.kiosk.swaps.resume(swap.correlation_id)
            swap = (await shop.kiosk.swaps.take_arrived(swap)).swap
            await shop.settled(await shop.kiosk.swaps.complete(swap))
    assert count(books, "payment_events") == 1


async def test_a_payment_made_while_the_kiosk_was_off_counts_by_its_receipt(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan, settings = short("off"), settings_in(folder, mosquitto)
    async with site(mosquitto, books, plan) as erp:
        async with counter(settings) as shop:
            swap = await shop.with_batteries(plan.id)
            await shop.kiosk.swaps.keep(swap)
        await customer_pays(erp, swap, "1.28", "MP1")
        async with counter(settings) as shop:
            swaps, swap = shop.kiosk.swaps, await shop.kiosk.swaps.resume(swap.correlation_id)
            assert (await swaps.take_arrived(swap)).counted == ()  # events are not kept by the broker
            swap = await swaps.confirm_payment(await swaps.take_payment(swap, Decimal("1.28"), "MP1", "MOBILE_MONEY"))
            await shop.settled(await swaps.complete(swap))
    assert count(books, "payment_events") == 1


async def test_parts_pay_for_the_older_sequence_too(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = rolled_back(short("older"))
    async with site(mosquitto, books, plan) as erp, counter(settings_in(folder, mosquitto)) as shop:
        swaps, swap = shop.kiosk.swaps, await shop.with_batteries(plan.id)
        await customer_pays(erp, swap, "0.50", "MP1")
        await told(shop, "MP1")
        swap = (await swaps.take_arrived(swap)).swap
        swap = await swaps.confirm_payment(await swaps.take_payment(swap, Decimal("0.78"), "CASH-1", "CASH"))
        await shop.settled(await swaps.complete(swap))
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)
    assert count(books, "payment_events") == 2
