"""Wiring: the only place that chooses adapters. Training is another choice of them, and stands nowhere else.

`build_kiosk` and `build_training` are called on the I/O loop and open the store: StoreFailed and StoreInUse are raised there, BadInput for
settings that cannot be used. Links are opened by `Kiosk.start`, which waits for none of them but the practice platform.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk.domain.errors import BadInput
from kiosk.settings import DatabaseSettings, MqttSettings, PlatformSettings, Settings
from kiosk.shared.clock import Clock
from kiosk.shared.mqtt.link import LinkSettings, client_id
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.system import SystemClock, UlidIds
from kiosk.station.adapters.bluetooth import EstimatePolicy, FleetFilter, RadioScanner, SimulatedEnvironment, build_scanner
from kiosk.station.adapters.http.client import PlatformAddress, PlatformClient
from kiosk.station.adapters.http.reading_reports import HttpTelemetry
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.adapters.mqtt.dialects import EitherDialect
from kiosk.station.adapters.mqtt.field.field_completion_channel import FieldCompletions
from kiosk.station.adapters.mqtt.field.field_payment_channel import FieldPayments
from kiosk.station.adapters.mqtt.field.field_plan_source import FieldPlans
from kiosk.station.adapters.mqtt.payment_channel import MqttPayments
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.station.adapters.printing import CupsPrinter, FilePrinter, NoPrinter
from kiosk.station.adapters.receipts.archive import FolderArchive
from kiosk.station.adapters.receipts.paper import Paper
from kiosk.station.adapters.receipts.process import ReceiptProcess
from kiosk.station.adapters.store.instance_lock import InstanceLock
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.events import Announce, Event
from kiosk.station.ports import CompletionChannel, OutboxEntry, OutboxState, PaymentDesk, PlanSource, Printer
from kiosk.station.services.battery_records import BatteryRecords
from kiosk.station.services.device_health import HealthWatch
from kiosk.station.services.history import History
from kiosk.station.services.kiosk import Kiosk
from kiosk.station.services.outbox import Outbox
from kiosk.station.services.plan_sync import Pace, PlanSync
from kiosk.station.services.plans import Plans
from kiosk.station.services.print_queue import PrintQueue
from kiosk.station.services.receipts import Receipts
from kiosk.station.services.swaps import Station, Swaps
from kiosk.station.services.telemetry import Telemetry
from kiosk.training.broker import HOST
from kiosk.training.environment import MOST_RETRY_SECONDS, PracticeSide
from kiosk.training.sessions import TrainingGround
from kiosk.wire.topics import Topics

TERMINAL = "terminal"
COUNTER = "counter"
PRACTICE = "training"


@dataclass(kw_only=True)
class _Parts:
    """What differs between a counter, the terminal and training."""

    settings: Settings
    store: SqlStore
    clock: Clock
    scanner: RadioScanner
    printer: Printer
    instance: str
    printer_factory: Callable[[str], Printer] | None = None
    training: bool = False
    heard: list[Announce] = field(default_factory=list)


def build_kiosk(
    settings: Settings, announce: Announce, *, instance: str = TERMINAL, printer_factory: Callable[[str], Printer] | None = None
) -> Kiosk:
    """A kiosk for the counter or the terminal. `COUNTER` holds the data folder for itself. Raises StoreInUse, StoreFailed, BadInput."""
    lock = InstanceLock(settings.data)
    if instance == COUNTER:
        lock.acquire()
    try:
        parts = _Parts(
            settings=settings,
            store=open_store(settings.database_url),
            clock=SystemClock(),
            scanner=scanner_of(settings),
            printer=printer_of(settings, printer_factory),
            instance=instance,
        )
        kiosk = _assembled(parts, announce)
    except BaseException:
        lock.release()
        raise
    kiosk.closing = (*kiosk.closing, _released(lock))
    return kiosk


def build_training(settings: Settings, announce: Announce, *, link_back_seconds: float = 15.0, phone_seconds: float = 8.0) -> Kiosk:
    """A kiosk in a world of its own: loopback broker, reference platform, simulated batteries, a data folder that starts empty.

    Raises StoreInUse, StoreFailed.
    """
    folder = settings.data / "training"
    lock = InstanceLock(folder)
    lock.acquire()
    try:
        waits = {"link_back_seconds": link_back_seconds, "phone_seconds": phone_seconds}
        kiosk, end = _practice(settings, folder, announce, waits)
    except BaseException:
        lock.release()
        raise
    kiosk.closing = (*kiosk.closing, end, _released(lock))
    return kiosk


def _practice(settings: Settings, folder: Path, announce: Announce, waits: dict[str, float]) -> tuple[Kiosk, Callable[[], Awaitable[None]]]:
    """The kiosk, and how its world ends."""
    _emptied(folder)
    clock, side, room = SystemClock(), PracticeSide(folder), SimulatedEnvironment()
    counter = settings.mqtt
    mqtt = MqttSettings(
        host=HOST,
        port=side.port,
        connect_seconds=counter.connect_seconds,
        answer_seconds=counter.answer_seconds,
        confirm_seconds=counter.confirm_seconds,
    )
    parts = _Parts(
        settings=settings.model_copy(
            update={"mqtt": mqtt, "database": DatabaseSettings(), "data": folder, "topics": {}, "platform": PlatformSettings()}
        ),
        store=open_store(folder / "kiosk.sqlite"),
        clock=clock,
        scanner=build_scanner("simulated", clock=clock, batteries=room),
        printer=FilePrinter(folder / "printed"),
        instance=PRACTICE,
        training=True,
    )
    ground = TrainingGround(side, room, parts.store, clock, **waits)
    parts.heard.append(ground.hear)
    kiosk = _assembled(parts, announce)
    kiosk.practice = ground
    kiosk.opening = (side.start, *kiosk.opening, kiosk.link_tried)
    kiosk.closing = (ground.close, *kiosk.closing)
    return kiosk, side.stop


def _assembled(parts: _Parts, announce: Announce) -> Kiosk:
    settings, store, clock = parts.settings, parts.store, parts.clock

    def hear(event: Event) -> None:
        kiosk.hear(event)

    session = MqttSession(link_of(settings, parts.instance), hear)
    client = platform_client_of(settings)
    telemetry = _telemetry_of(parts, client) if client else None
    plans, swaps, outbox = _counter_work(parts, session, hear, telemetry)
    maker = ReceiptProcess(paper_of(settings))
    collectable = settings.rules.collectable
    kiosk = Kiosk(
        swaps=swaps,
        plans=plans,
        history=History(store),
        battery_records=BatteryRecords(store, clock),
        outbox=outbox,
        receipts=Receipts(
            store,
            maker,
            archive_of(settings),
            clock,
            station_of(settings),
            collectable,
            training=parts.training,
            zone=zone_of(settings),
            language=settings.ui.language,
        ),
        printing=PrintQueue(parts.printer, clock, hear),
        scanner=parts.scanner,
        close_store=store.close,
        announce=_to_all(announce, parts.heard),
        telemetry=telemetry,
        background=_background(parts, client, telemetry, outbox, hear),
        opening=(maker.start, session.start),
        closing=(session.stop, *((client.close,) if client else ()), maker.close),
    )
    return kiosk


def _telemetry_of(parts: _Parts, client: PlatformClient) -> Telemetry:
    """What reports readings; a link that is back wakes it."""
    limits, station = parts.settings.rules.limits, parts.settings.station
    telemetry = Telemetry(parts.store, HttpTelemetry(client), parts.clock, station_id=station.id, limits=limits)
    parts.heard.append(telemetry.hear)
    return telemetry


def _background(
    parts: _Parts, client: PlatformClient | None, telemetry: Telemetry | None, outbox: Outbox, hear: Announce
) -> tuple[Callable[[], Coroutine[None, None, None]], ...]:
    """What else runs: scanner and printer are watched where there is a window; where the platform has an HTTP side readings are reported,
    and at the counter the station's plans are kept.
    """
    health = HealthWatch(parts.scanner, parts.printer, hear)
    watched = () if parts.instance == TERMINAL else (health.run,)  # nobody looks at a status line there
    reporting = (*watched, telemetry.run) if telemetry else watched
    if client is None or parts.instance != COUNTER:
        return reporting
    sync = plan_sync_of(parts.settings, client, parts.store, hear, outbox.catch_up)
    parts.heard.append(sync.hear)
    return (*reporting, sync.run)


def _counter_work(parts: _Parts, session: MqttSession, hear: Announce, telemetry: Telemetry | None) -> tuple[Plans, Swaps, Outbox]:
    """All that talks to the platform: plans and payments are asked for there, completions are sent there."""
    settings, store, clock = parts.settings, parts.store, parts.clock
    topics, station, rules = topics_of(settings), station_of(settings), settings.rules
    completions, desk = _dialect_of(settings, session, topics, hear)
    outbox = Outbox(store, completions, clock, hear)
    source = plan_source_of(settings, session, clock)
    plans = Plans(
        source,
        store,
        clock,
        hear,
        collectable=rules.collectable,
        answer_seconds=settings.mqtt.answer_seconds,
        offline_limit=timedelta(hours=settings.plans.offline_hours),
        catch_up=outbox.catch_up,
    )
    swaps = Swaps(
        plans=plans,
        scanner=parts.scanner,
        store=store,
        channel=completions,
        desk=desk,
        outbox=outbox,
        clock=clock,
        ids=UlidIds(),
        station=station,
        rules=rules,
        confirm_seconds=settings.mqtt.confirm_seconds,
        telemetry=telemetry,
    )
    return plans, swaps, outbox


def _to_all(announce: Announce, heard: list[Announce]) -> Announce:
    def tell(event: Event) -> None:
        for each in (*heard, announce):
            each(event)

    return tell


def _released(lock: InstanceLock) -> Callable[[], "asyncio.Future[None]"]:
    def release() -> "asyncio.Future[None]":
        lock.release()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    return release


def _emptied(folder: Path) -> None:
    """Practice begins anew: nothing of an earlier training is met again."""
    for file in (
        *folder.glob("kiosk.sqlite*"),
        *folder.glob("platform.sqlite*"),
        *folder.glob("printed/*.pdf"),
        *folder.glob("receipts/*.pdf"),
    ):
        file.unlink()


# ---------------------------------------------------------------- from settings


def link_of(settings: Settings, instance: str) -> LinkSettings:
    """Where the broker is; a client id for each station and instance, and for each command at the terminal, where several may run."""
    mqtt = settings.mqtt
    if instance == TERMINAL:
        instance = f"{TERMINAL}-{os.getpid()}"
    return LinkSettings(
        host=mqtt.host,
        port=mqtt.port,
        client_id=client_id("swap-kiosk", settings.station.id, instance),
        tls_ca=mqtt.tls_ca,
        tls_cert=mqtt.tls_cert,
        tls_key=mqtt.tls_key,
        username=mqtt.username,
        password_file=mqtt.password_file,
        keepalive=mqtt.keep_alive_seconds,
        connect_timeout=mqtt.connect_seconds,
        most_retry=MOST_RETRY_SECONDS if instance == PRACTICE else 30.0,
    )


def platform_client_of(settings: Settings) -> PlatformClient | None:
    """The platform's HTTP side, None where there is none. Nothing is opened yet."""
    at = settings.platform
    if not at.url:
        return None
    return PlatformClient(PlatformAddress(url=at.url, token_file=at.token_file, tls_ca=at.tls_ca, timeout_seconds=at.timeout_seconds))


def plan_sync_of(
    settings: Settings, client: PlatformClient, store: SqlStore, announce: Announce, catch_up: Callable[[], None] = lambda: None
) -> PlanSync:
    """What keeps the station's plans here."""
    from kiosk.station.adapters.http.plan_feed import HttpPlans  # late: a counter without it need not read it

    plans, station_id = settings.plans, settings.station.id
    too_old = timedelta(hours=plans.offline_hours)
    pace = Pace(every=timedelta(minutes=plans.sync_minutes), refresh_after=too_old / 2, too_old=too_old)
    return PlanSync(HttpPlans(client, station_id), store, SystemClock(), announce, station_id=station_id, pace=pace, catch_up=catch_up)


def topics_of(settings: Settings) -> Topics:
    """The configured patterns. Raises BadInput for an unknown name and for a pattern that could reach other plans."""
    try:
        return Topics(**settings.topics)
    except TypeError as error:
        unknown = sorted(set(settings.topics) - set(Topics.__dataclass_fields__))
        raise BadInput(f"topics.{unknown[0] if unknown else ''}", "is not a topic") from error


def plan_source_of(settings: Settings, session: MqttSession, clock: Clock) -> PlanSource:
    """Who tells plans, in the configured dialect. Raises BadInput."""
    speaking = FieldPlans if settings.mqtt.dialect == "field" else MqttPlans
    station = station_of(settings)
    return speaking(session, topics_of(settings), clock, station_id=station.id, attendant_id=station.attendant_id)


def _dialect_of(settings: Settings, session: MqttSession, topics: Topics, hear: Announce) -> tuple[CompletionChannel, PaymentDesk]:
    """Who takes completions and who confirms payments, in the configured dialect."""
    spec, of_field = MqttCompletions(session, topics), FieldCompletions(session, topics)
    if settings.mqtt.dialect == "field":
        return EitherDialect(spec, of_field, spoken=of_field), FieldPayments()
    return EitherDialect(spec, of_field, spoken=spec), MqttPayments(session, topics, hear)


def station_of(settings: Settings) -> Station:
    """Who and where."""
    return Station(id=settings.station.id, name=settings.station.name, attendant_id=settings.station.attendant_id)


def archive_of(settings: Settings) -> FolderArchive:
    """Where receipts are kept."""
    return FolderArchive(settings.data / "receipts")


def paper_of(settings: Settings) -> Paper:
    """What the printer holds."""
    return Paper(settings.printing.paper)


def zone_of(settings: Settings) -> tzinfo | None:
    """The station's time zone; None is the machine's own. Raises BadInput."""
    name = settings.station.time_zone
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput("station.time_zone", f"{name} is not a time zone") from error


def scanner_of(settings: Settings) -> RadioScanner:
    """The configured scanner. Raises BadInput for a file of simulated batteries that is wrong."""
    scanner = settings.scanner
    return build_scanner(
        scanner.backend,
        clock=SystemClock(),
        batteries=scanner.batteries,
        estimates=EstimatePolicy(allowed=scanner.allow_soc_estimate),
        fleet_filter=FleetFilter(protocols=scanner.protocols, fleet_names=scanner.fleet_names),
        adapter=scanner.adapter,
    )


def printer_of(settings: Settings, factory: Callable[[str], Printer] | None = None) -> Printer:
    """The configured printer: CUPS where there is CUPS, else what `factory` makes of the printer's name."""
    name = settings.printing.printer
    if not name:
        return NoPrinter()
    if sys.platform.startswith("linux") or factory is None:
        return CupsPrinter(name)
    return factory(name)


# ---------------------------------------------------------------- work for the terminal


async def deliver_outbox(settings: Settings, correlation_id: str | None, seconds: float) -> tuple[OutboxEntry, ...]:
    """Send what is unsettled until it is answered or the time is over; returns what was asked for and is not settled."""
    changed = asyncio.Event()
    kiosk = build_kiosk(settings, lambda _: changed.set())

    async def waiting() -> bool:
        if correlation_id:
            return (await kiosk.outbox.entry(correlation_id)).state is OutboxState.UNSETTLED
        return any(each.state is OutboxState.UNSETTLED for each in await kiosk.outbox.open_entries())

    try:
        entries = (await kiosk.outbox.entry(correlation_id),) if correlation_id else await kiosk.outbox.open_entries()
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
