"""A kiosk, built of parts in order. Training is another choice of parts, and of nothing else.

`build_kiosk` and `build_training` are called on the I/O loop and open the store: DataUnusable and StoreInUse are raised there, BadInput for
settings that cannot be used. Links are opened by `Kiosk.start`, which waits for none of them but the platform of training.
`deliver_outbox` is the terminal's own use of a kiosk: it is started to send what waits, and stopped.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from kiosk.bootstrap.health import health_watch_of
from kiosk.bootstrap.parts import (
    COUNTER,
    TERMINAL,
    TRAINING,
    archive_of,
    bindings_of,
    channels_of,
    enrolment_of,
    is_open_to_all,
    paper_of,
    people_of,
    people_sync_of,
    plan_source_of,
    plan_sync_of,
    plans_of,
    platform_client_of,
    printer_of,
    receipts_of,
    record_of,
    scanner_of,
    session_of,
    signing_of,
    station_of,
    stored_address_of,
    telemetry_of,
)
from kiosk.domain.errors import DataUnusable, StoreFailed
from kiosk.domain.file_faults import fault_phrase, fault_repair
from kiosk.settings import DatabaseSettings, MqttSettings, PlatformSettings, Settings
from kiosk.shared.private_folder import make_private
from kiosk.shared.system import Clock, SystemClock, correlation_id
from kiosk.station.adapters.bluetooth import RadioScanner, SimulatedEnvironment, build_scanner
from kiosk.station.adapters.printing import FilePrinter
from kiosk.station.adapters.receipts.process import ReceiptProcess
from kiosk.station.adapters.station_store import open_station_store
from kiosk.station.adapters.store.instance_lock import InstanceLock
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.events import Announce, EventHub
from kiosk.station.ports import KnownBatteries, OutboxEntry, OutboxState, Printer
from kiosk.station.services.background_reads import BackgroundReads
from kiosk.station.services.device_health import LinkState
from kiosk.station.services.kiosk import Kiosk, Work
from kiosk.station.services.money_back import MoneyBack
from kiosk.station.services.open_completions import History
from kiosk.station.services.outbox import Outbox
from kiosk.station.services.print_queue import PrintQueue
from kiosk.station.services.privacy import Retention
from kiosk.station.services.swaps import Swaps
from kiosk.training.environment import HOST, TrainingEnvironment
from kiosk.training.scenarios import PRACTICE_SUPERVISOR
from kiosk.training.sessions import TrainingSessions

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """What differs between a counter, the terminal and training. `opened_first` and `closed_last` surround the other starts and stops."""

    settings: Settings
    instance: str
    store: SqlStore
    clock: Clock
    make_scanner: Callable[[KnownBatteries], RadioScanner]
    printer: Printer
    make_training: Callable[[RadioScanner], TrainingSessions] | None = None
    opened_first: tuple[Work, ...] = ()
    closed_last: tuple[Work, ...] = ()


def build_kiosk(
    settings: Settings, announce: Announce, *, instance: str = TERMINAL, printer_factory: Callable[[str], Printer] | None = None
) -> Kiosk:
    """A kiosk for the counter or the terminal. `COUNTER` holds the data folder for itself. Raises StoreInUse, DataUnusable, BadInput."""
    lock = InstanceLock(settings.data)
    with _opening():
        make_private(settings.data)
        if instance == COUNTER:
            lock.acquire()
    try:
        with _opening():
            store = open_station_store(settings.database_url, settings.data)
        return _assemble(
            _Parts(
                settings=settings,
                instance=instance,
                store=store,
                clock=SystemClock(),
                make_scanner=lambda bindings: scanner_of(settings, bindings, stored_address_of(store)),
                printer=printer_of(settings, printer_factory),
                closed_last=(_as_work(lock.release),),
            ),
            announce,
        )
    except BaseException:
        lock.release()
        raise


def build_training(settings: Settings, announce: Announce, *, link_back_seconds: float = 15.0, phone_seconds: float = 8.0) -> Kiosk:
    """A kiosk in an environment of its own: loopback broker, reference platform, simulated batteries, a data folder that starts empty.

    Raises StoreInUse, DataUnusable.
    """
    folder = settings.data / "training"
    lock = InstanceLock(folder)
    with _opening():
        make_private(settings.data)
        lock.acquire()
    try:
        with _opening():
            _empty(folder)
            clock, store = SystemClock(), open_store(folder / "kiosk.sqlite")
        environment, room = TrainingEnvironment(folder), SimulatedEnvironment()
        return _assemble(
            _Parts(
                settings=_training_settings(settings, folder, environment.port),
                instance=TRAINING,
                store=store,
                clock=clock,
                make_scanner=lambda bindings: build_scanner("simulated", clock=clock, batteries=room, bindings=bindings),
                printer=FilePrinter(folder / "printed"),
                make_training=lambda scanner: TrainingSessions(
                    environment, room, store, clock, forget=scanner.forget, link_back_seconds=link_back_seconds, phone_seconds=phone_seconds
                ),
                opened_first=(environment.start,),
                closed_last=(environment.stop, _as_work(lock.release)),
            ),
            announce,
        )
    except BaseException:
        lock.release()
        raise


def _assemble(parts: _Parts, announce: Announce) -> Kiosk:
    """Every part after those that it needs; announcements reach the parts that need them first, `announce` last."""
    settings, store, clock = parts.settings, parts.store, parts.clock
    hub = EventHub()
    signing = signing_of(settings)
    session = session_of(settings, parts.instance, signing, hub.announce)
    link = LinkState(session)
    client = platform_client_of(settings)
    channel, payments = channels_of(settings, session, hub.announce, signing.own)
    with _opening():
        people = people_of(settings, store, clock, hub.announce)
    outbox = Outbox(store, channel, clock, hub.announce, people=people)
    source = plan_source_of(settings, session, clock, lambda: people.attendant_id, signing.own)
    plans = plans_of(settings, source, store, clock, outbox, hub.announce)
    telemetry = telemetry_of(settings, client, store, clock)
    bindings = bindings_of(settings, client, store, clock, hub.announce)
    scanner = parts.make_scanner(bindings)
    training = parts.make_training(scanner) if parts.make_training else None
    swaps = Swaps(
        plans=plans,
        scanner=scanner,
        store=store,
        channel=channel,
        payments=payments,
        outbox=outbox,
        clock=clock,
        ids=correlation_id,
        station=station_of(settings),
        rules=settings.rules,
        confirm_seconds=settings.mqtt.confirm_seconds,
        telemetry=telemetry,
        people=people,
    )
    reads = BackgroundReads(swaps, scanner, clock, hub.announce, valid_seconds=settings.scanner.reading_seconds, bindings=bindings)
    money_back = MoneyBack(store, payments, clock, swaps.station, people)
    maker = ReceiptProcess(paper_of(settings))
    record, at_window = record_of(settings, store, clock), parts.instance != TERMINAL
    signing.tell_heads(record)
    enrolment = enrolment_of(session, signing, record, outbox, client)
    health = (
        health_watch_of(settings, scanner, parts.printer, client, record, clock, hub.announce, ahead=signing.ahead) if at_window else None
    )
    keep_days = timedelta(days=settings.privacy.keep_days)
    retention = Retention(store, archive_of(settings), clock, keep_days) if parts.instance == COUNTER else None
    at_counter = client if parts.instance == COUNTER else None
    sync = plan_sync_of(settings, at_counter, store, hub.announce, outbox.catch_up) if at_counter else None
    people_sync = people_sync_of(settings, at_counter, store, people, clock)
    receipts = receipts_of(settings, store, maker, clock, training=training is not None)
    for part in (link, outbox, training, telemetry, sync, people_sync, bindings, reads, money_back, receipts, health):
        if part is not None:
            hub.subscribe(part.handle_event)
    hub.subscribe(announce)
    return Kiosk(
        swaps=swaps,
        plans=plans,
        history=History(store),
        outbox=outbox,
        receipts=receipts,
        printing=PrintQueue(parts.printer, clock, hub.announce),
        scanner=scanner,
        reads=reads,
        link=link,
        training=training,
        code_in_url=settings.barcode.url_pattern,
        telemetry=telemetry,
        bindings=bindings,
        health=health,
        open_to_all=training is None and is_open_to_all(settings, signing),
        money_back=money_back,
        record=record,
        people=people,
        background=tuple(
            part.run
            for part in (
                enrolment,
                health,
                telemetry,
                sync,
                people_sync,
                retention,
                bindings if at_window else None,
                record if at_window else None,
            )
            if part is not None
        ),
        opening=(
            *parts.opened_first,
            bindings.prepare,
            maker.start,
            session.start,
            *((link.wait_until_tried,) if training else ()),
            *((enrolment.first_contact,) if enrolment is not None and parts.instance == TERMINAL else ()),
        ),
        closing=(
            *((training.close,) if training else ()),
            session.stop,
            *((client.close,) if client else ()),
            maker.close,
            _as_work(store.close),
            *parts.closed_last,
        ),
    )


def _training_settings(settings: Settings, folder: Path, port: int) -> Settings:
    """The counter's own settings, with another broker and another folder, a supervisor to practise with, and no platform over HTTP."""
    mqtt = MqttSettings(host=HOST, port=port, **settings.mqtt.model_dump(include={"connect_seconds", "answer_seconds", "confirm_seconds"}))
    supervisors = (*settings.station.supervisors, PRACTICE_SUPERVISOR)
    station = settings.station.model_copy(update={"supervisors": supervisors, "enrolment_file": None})
    return settings.model_copy(
        update={
            "station": station,
            "mqtt": mqtt,
            "database": DatabaseSettings(),
            "data": folder,
            "topics": {},
            "platform": PlatformSettings(),
        }
    )


@contextmanager
def _opening() -> Iterator[None]:
    """What cannot be stored while the data is opened concerns no swap. Raises DataUnusable."""
    try:
        yield
    except StoreFailed as error:
        raise DataUnusable(error.reason, error.repair) from error
    except OSError as error:
        raise DataUnusable(fault_phrase(error), fault_repair(error)) from error


def _as_work(call: Callable[[], None]) -> Work:
    async def work() -> None:
        call()

    return work


def _empty(folder: Path) -> None:
    """Training begins anew: nothing of an earlier one is left."""
    for pattern in ("kiosk.sqlite*", "platform.sqlite*", "printed/*.pdf", "receipts/*.pdf", "battery-secrets/*", "people-pepper"):
        for file in folder.glob(pattern):
            file.unlink()


async def deliver_outbox(settings: Settings, correlation_id: str | None, seconds: float) -> tuple[OutboxEntry, ...]:
    """Send what is unsettled until it is answered or the time is over; returns what was asked for and is not settled."""
    changed = asyncio.Event()
    kiosk = build_kiosk(settings, lambda _: changed.set())

    async def waiting() -> bool:
        if correlation_id:
            return (await kiosk.outbox.entry(correlation_id)).state is OutboxState.UNSETTLED
        return any(each.state is OutboxState.UNSETTLED for each in await kiosk.outbox.entries())

    try:
        entries = (await kiosk.outbox.entry(correlation_id),) if correlation_id else await kiosk.outbox.entries()
        asked = [each.message.correlation_id for each in entries if correlation_id or each.state is OutboxState.UNSETTLED]
        with contextlib.suppress(TimeoutError):
            if await waiting():
                await kiosk.start()
            async with asyncio.timeout(seconds):
                while await waiting():
                    changed.clear()
                    await changed.wait()
        left = [await kiosk.outbox.entry(each) for each in asked]
        return tuple(entry for entry in left if entry.state in {OutboxState.UNSETTLED, OutboxState.REFUSED})
    finally:
        await kiosk.stop()


@asynccontextmanager
async def open_scanner(settings: Settings) -> AsyncIterator[RadioScanner]:
    """A scanner for one command, started and stopped. It knows what is bound here and where batteries were read before, as far as the store
    can be opened. Raises BadInput.
    """
    async with AsyncExitStack() as stack:
        client = platform_client_of(settings)
        if client is not None:
            stack.push_async_callback(client.close)
        try:
            store = stack.enter_context(closing(open_station_store(settings.database_url, settings.data)))
            bindings = bindings_of(settings, client, store, SystemClock())
            await bindings.load()
            scanner = scanner_of(settings, bindings, stored_address_of(store))
        except StoreFailed as error:
            log.warning("read without what is bound here: %s", error.reason)
            scanner = scanner_of(settings)
        await scanner.start()
        stack.push_async_callback(scanner.stop)
        yield scanner
