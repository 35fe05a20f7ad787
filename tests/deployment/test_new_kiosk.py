"""A whole kiosk of today at the packaged broker: it hears its own prefix alone, enrolled or not, and that is enough for a swap."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.stations.signing_key_file import open_signing_key
from kiosk.platform.store.key_list import KeyList
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.station_register import StationRegister
from kiosk.settings import Settings
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.station_identity import STATE
from tests.builders import plan_of
from tests.deployment.deployed import CERTIFICATES, PLATFORM, STATION, Deployed
from tests.end_to_end.test_signed_both_ends import enrolled
from tests.end_to_end.world import counter, plan_named, settings_in
from tests.station.adapters.mqtt.signing_station import until

PLAN = plan_named("at-the-packaged-broker", plan_of())


def settings_at(deployed: Deployed, folder: Path) -> Settings:
    """As packaging/platform/README.md says."""
    settings, broker = settings_in(folder, deployed.broker.port, STATION), deployed.broker
    mqtt = {
        "host": broker.host,
        "tls_ca": CERTIFICATES / "ca.pem",
        "username": STATION,
        "password_file": deployed.folder / f"{STATION}.password",
    }
    return settings.model_copy(update={"mqtt": settings.mqtt.model_copy(update=mqtt)})


@pytest.mark.parametrize("signs", [True, False], ids=["enrolled", "not enrolled"])
async def test_a_kiosk_swaps_at_the_packaged_broker(deployed: Deployed, tmp_path: Path, *, signs: bool) -> None:
    store, clock = PlatformStore(tmp_path / "books.sqlite"), SystemClock()
    async with AsyncExitStack() as stack:
        stack.callback(store.close)
        store.insert_plan(PLAN, clock.now())
        keys = KeyList(store)
        key, _made = open_signing_key(tmp_path / "signing-key.pem", keys, clock.now())
        service = PlatformService(deployed.link(PLATFORM), store, key=key)
        await service.start()
        stack.push_async_callback(service.stop)
        await service.wait_ready(10)
        settings = settings_at(deployed, tmp_path / "kiosk")
        if signs:
            settings = enrolled(settings, tmp_path, StationRegister(store), keys)
        async with counter(settings) as shop:
            if signs:
                await until((tmp_path / "kiosk" / STATE).exists)
            done = await shop.kiosk.swaps.complete(await shop.with_batteries(PLAN.id))
            await shop.settled(done)
