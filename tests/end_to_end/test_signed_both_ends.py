"""A whole kiosk that enrols at the reference platform, and what both sign (decisions 26, 27, 37)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kiosk.domain.errors import StationRefused, TransactionOwned
from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.stations.signing_key_file import open_signing_key
from kiosk.platform.store.key_list import KeyList
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.station_register import StationRegister
from kiosk.platform.store.station_values import StationMode
from kiosk.settings import Settings
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.station_identity import STATE
from kiosk.wire.enrolment import EnrolmentFile, make_secret, secret_hash
from tests.brokers import Mosquitto
from tests.builders import plan_with
from tests.end_to_end.world import counter, plan_named, settings_in
from tests.platform.kiosks import link_to
from tests.station.adapters.mqtt.signing_station import until

PLAN = plan_named("both-ends", plan_with(used_kwh="397.5"))
OTHERS = plan_named("both-ends-other", plan_with(used_kwh="397.5"))


@asynccontextmanager
async def platform_on(broker: Mosquitto, folder: Path) -> AsyncIterator[tuple[PlatformStore, StationRegister, KeyList]]:
    """The reference platform with a key of its own; it answers enrolled stations only."""
    store, clock = PlatformStore(folder / "books.sqlite"), SystemClock()
    keys, register = KeyList(store), StationRegister(store)
    key, _made = open_signing_key(folder / "signing-key.pem", keys, clock.now())
    for plan in (PLAN, OTHERS):
        store.insert_plan(plan, clock.now())
    register.set_mode(StationMode.ENROLLED, clock.now(), "the desk")
    service = PlatformService(link_to(broker, "platform"), store, key=key)
    await service.start()
    try:
        await service.wait_ready(10)
        yield store, register, keys
    finally:
        await service.stop()
        store.close()


def enrolled(settings: Settings, folder: Path, register: StationRegister, keys: KeyList) -> Settings:
    """The settings of a counter that was given an enrolment file."""
    station, now, secret = settings.station.id, SystemClock().now(), make_secret()
    register.add(station, secret_hash(secret), now, "the desk")
    current = keys.current()
    assert current is not None
    made = EnrolmentFile(station=station, platform_key=current.key, secret=secret, expires=now + timedelta(days=1), broker_user=station)
    file = folder / f"{station}.enrolment.json"
    file.write_bytes(made.write())
    file.chmod(0o600)
    return settings.model_copy(update={"station": settings.station.model_copy(update={"enrolment_file": file})})


def told(books: Path, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(f"sqlite:///{books}")
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()


async def test_a_counter_enrols_claims_and_settles_and_its_record_is_known(mosquitto: Mosquitto, folder: Path, tmp_path: Path) -> None:
    async with platform_on(mosquitto, tmp_path) as (_store, register, keys):
        settings = enrolled(settings_in(folder, mosquitto, "st-1"), tmp_path, register, keys)
        async with counter(settings) as shop:
            await until((folder / STATE).exists)
            swap = await shop.with_batteries(PLAN.id)
            assert await shop.kiosk.swaps.claim(swap)
            swap = await shop.kiosk.swaps.confirm_payment(await shop.pay(swap))
            done = await shop.kiosk.swaps.complete(swap)
            await shop.settled(done)
        assert told(tmp_path / "books.sqlite", "SELECT station_id FROM platform_claims") == [("st-1",)]
        assert told(tmp_path / "books.sqlite", "SELECT DISTINCT station_id FROM platform_station_heads") == [("st-1",)]
        assert told(tmp_path / "books.sqlite", "SELECT * FROM platform_record_forks") == []


async def test_another_station_completes_nothing_of_it_and_a_revoked_one_is_told_so(
    mosquitto: Mosquitto, folder: Path, tmp_path: Path
) -> None:
    async with platform_on(mosquitto, tmp_path) as (_store, register, keys):
        first = enrolled(settings_in(folder, mosquitto, "st-1"), tmp_path, register, keys)
        second = enrolled(settings_in(tmp_path / "second", mosquitto, "st-2"), tmp_path, register, keys)
        async with counter(first) as shop, counter(second) as thief:
            await until((folder / STATE).exists)
            await until((tmp_path / "second" / STATE).exists)
            swap = await shop.with_batteries(PLAN.id)
            assert await shop.kiosk.swaps.claim(swap)
            stolen = await thief.with_batteries(PLAN.id)
            with pytest.raises(TransactionOwned):
                await thief.kiosk.swaps.claim(replace(stolen, correlation_id=swap.correlation_id))
            register.revoke("st-2", SystemClock().now(), SystemClock().now(), "the desk")
            with pytest.raises(StationRefused):
                await thief.identify(OTHERS.id)
            done = await shop.kiosk.swaps.complete(await shop.kiosk.swaps.confirm_payment(await shop.pay(swap)))
            await shop.settled(done)
