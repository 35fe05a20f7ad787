"""`plans sync`: the station's plans over HTTP where the platform has an HTTP side, else each cached plan by itself over the broker."""

from contextlib import closing

from kiosk.bootstrap import TERMINAL, plan_source_of, plan_sync_of, platform_client_of, session_of, signing_of
from kiosk.cli import print_message
from kiosk.domain.errors import KioskError
from kiosk.domain.language import tr_count
from kiosk.domain.messages import message_for
from kiosk.settings import Settings
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.http.client import PlatformClient
from kiosk.station.adapters.station_store import open_station_store
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.wire.customer_codes import parse_customer_code


async def sync_plans(settings: Settings) -> dict[str, str]:
    """The reason for each plan that could not be had. Raises StoreFailed, LinkDown; over HTTP also NotFound, BadInput."""
    client = platform_client_of(settings)
    with closing(open_station_store(settings.database_url, settings.data)) as store:
        return await (_each(settings, store) if client is None else _all(settings, store, client))


async def _all(settings: Settings, store: SqlStore, client: PlatformClient) -> dict[str, str]:
    """From where the last sync stopped."""
    try:
        done = await plan_sync_of(settings, client, store, lambda _event: None).sync()
    finally:
        await client.close()
    print_message(
        tr_count(
            "{count} plan of {station} new or changed", "{count} plans of {station} new or changed", done.plans, station=settings.station.id
        )
    )
    return dict(done.unreadable)


async def _each(settings: Settings, store: SqlStore) -> dict[str, str]:
    """What is cached, asked for anew: one that fails is named and the others go on."""
    signing, clock = signing_of(settings), SystemClock()
    session = session_of(settings, TERMINAL, signing)
    source = plan_source_of(settings, session, clock, own=signing.own)
    failed: dict[str, str] = {}
    await session.start()
    try:
        await session.wait_connected(settings.mqtt.connect_seconds)
        for cached in store.plans():
            try:
                asked = store.progress(cached.plan.id)
                plan = await source.identify(parse_customer_code(cached.plan.id), settings.mqtt.answer_seconds)
                store.put_plan(plan, clock.now(), asked)
            except KioskError as error:
                failed[cached.plan.id] = message_for(error).sentence
    finally:
        await session.stop()
    return failed
