"""From settings to the parts of a kiosk: each function makes one part, in the way that the settings choose. Each raises BadInput for a
setting that cannot be used.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import tr
from kiosk.settings import Settings
from kiosk.shared.mqtt.link import LinkChanged, LinkSettings, client_id
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.pins import Pepper, pepper_in
from kiosk.shared.signing_keys import SigningKey, read_signing_key
from kiosk.shared.system import Clock, SystemClock, change_id, machine_run
from kiosk.station.adapters.bluetooth import EstimatePolicy, FleetFilter, RadioScanner, build_scanner
from kiosk.station.adapters.bluetooth.protocol_registry import has_name_only
from kiosk.station.adapters.cups import CupsPrinter
from kiosk.station.adapters.http.binding_channel import HttpBindings
from kiosk.station.adapters.http.client import HttpPlans, HttpTelemetry, PlatformAddress, PlatformClient
from kiosk.station.adapters.http.people_channel import HttpPeople
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.adapters.mqtt.enrolment import Enrolment
from kiosk.station.adapters.mqtt.payment_channel import FieldPayments, MqttPayments
from kiosk.station.adapters.mqtt.plan_source import FieldPlans, MqttPlans
from kiosk.station.adapters.mqtt.platform_time import PlatformTime
from kiosk.station.adapters.mqtt.refused_messages import RefusedMessages
from kiosk.station.adapters.mqtt.station_guard import StationGuard
from kiosk.station.adapters.mqtt.station_topics import StationTopics
from kiosk.station.adapters.printing import FolderArchive, NoPrinter
from kiosk.station.adapters.receipts.page import PaperFormat
from kiosk.station.adapters.record_files import RECORD_HEAD, AcknowledgedHead
from kiosk.station.adapters.secret_folder import SecretFolder
from kiosk.station.adapters.station_identity import open_identity
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.adapters.way_back import take_way_back
from kiosk.station.events import Announce
from kiosk.station.ports import CompletionChannel, KnownBatteries, PaymentChannel, PlanSource, Printer, ReceiptMaker, Store
from kiosk.station.services.bindings import Bindings
from kiosk.station.services.outbox import Outbox
from kiosk.station.services.people import People
from kiosk.station.services.people_making import PeopleMaking
from kiosk.station.services.people_sync import PeopleSync
from kiosk.station.services.plan_sync import PlanSync
from kiosk.station.services.plans import Plans
from kiosk.station.services.receipts import Receipts
from kiosk.station.services.record import Record
from kiosk.station.services.station import Station
from kiosk.station.services.sync_loop import SyncPace
from kiosk.station.services.telemetry import Telemetry
from kiosk.training.environment import MAX_RETRY_SECONDS
from kiosk.wire.actions import Topics
from kiosk.wire.platform_keys import PATH as KEYS_PATH
from kiosk.wire.station_topics import is_station_id, own_answer_topic

STATION_KEY = "station-key.pem"  # in the data folder, made by the enrolment
TERMINAL, COUNTER, TRAINING = "terminal", "counter", "training"  # instances: a command at the terminal, the window, the window in training


def link_of(settings: Settings, instance: str) -> LinkSettings:
    """Where the broker is, and who asks there: a client id of this call's own, kept for as long as the link is made again."""
    mqtt = settings.mqtt
    return LinkSettings(
        host=mqtt.host,
        port=mqtt.port,
        client_id=client_id("swap-kiosk", settings.station.id, instance),
        tls=mqtt.tls,
        tls_ca=mqtt.tls_ca,
        tls_cert=mqtt.tls_cert,
        tls_key=mqtt.tls_key,
        username=mqtt.username,
        password_file=mqtt.password_file,
        allow_plain=mqtt.allow_plain,
        keepalive=mqtt.keep_alive_seconds,
        connect_timeout=mqtt.connect_seconds,
        most_retry=MAX_RETRY_SECONDS if instance == TRAINING else 30.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How a session signs and whom it believes; `guard` is None where it does neither."""

    guard: StationGuard | None
    own: StationTopics | None

    @property
    def ahead(self) -> Callable[[], timedelta] | None:
        """What the platform's clock is ahead of this one's, as far as it has said so; None where it never says."""
        guard = self.guard
        return None if guard is None else lambda: guard.time.ahead

    def tell_heads(self, record: Record) -> None:
        """Each message that is signed says where the record ends; what the platform has answered is kept (decision 37)."""
        if self.guard is not None:
            self.guard.head, self.guard.acknowledge = record.head, record.acknowledge


def is_open_to_all(settings: Settings, signing: Signing) -> bool:
    """Whether the station shows the broker nothing by which it could tell it from anybody, and signs nothing."""
    return signing.guard is None and settings.mqtt.username is None and settings.mqtt.tls_cert is None


def signing_of(settings: Settings) -> Signing:
    """The station's own topics, its key and the platform's; a key is made where an enrolment file says so. The field's dialect has none."""
    station = settings.station.id
    if settings.mqtt.dialect == "field":
        return Signing(guard=None, own=None)
    identity = open_identity(settings.data, station, settings.station.enrolment_file)
    own = StationTopics(station, alone=identity.signs) if identity.signs or is_station_id(station) else None
    if own is None or not identity.signs:
        return Signing(guard=None, own=own)
    clock = SystemClock()
    guard = StationGuard(
        identity,
        PlatformTime(clock, identity.offset),
        RefusedMessages(settings.data, clock),
        own_events=own.payment_received,
        own_probe=own_topic(station),
    )
    return Signing(guard=guard, own=own)


def session_of(
    settings: Settings, instance: str, signing: Signing, announce: Callable[[LinkChanged], None] = lambda _: None
) -> MqttSession:
    """A session that signs where the station does."""
    guard = signing.guard
    session = MqttSession(link_of(settings, instance), announce, guard=guard, only_5=guard is not None)
    if guard is not None:
        guard.send_again = session.publish
    return session


def enrolment_of(session: MqttSession, signing: Signing, record: Record, outbox: Outbox, client: PlatformClient | None) -> Enrolment | None:
    """What registers the station's key and looks after it; None where the station does not sign."""
    if signing.guard is None:
        return None
    return Enrolment(
        session,
        signing.guard,
        lambda what, key_id: record.record(what, key=key_id),
        on_enrolled=partial(outbox.wake, afresh=True),
        ask_keys=None if client is None else partial(client.get, KEYS_PATH),
    )


def platform_client_of(settings: Settings) -> PlatformClient | None:
    """The platform's HTTP side, None where there is none. Nothing is opened yet."""
    return PlatformClient(PlatformAddress(**dict(settings.platform))) if settings.platform.url else None


def plan_sync_of(
    settings: Settings, client: PlatformClient, store: SqlStore, announce: Announce, catch_up: Callable[[], None] = lambda: None
) -> PlanSync:
    """What keeps the station's plans up to date here."""
    plans, station_id = settings.plans, settings.station.id
    too_old = timedelta(hours=plans.offline_hours)
    return PlanSync(
        HttpPlans(client, station_id),
        store,
        SystemClock(),
        announce,
        station_id=station_id,
        pace=SyncPace(every=timedelta(minutes=plans.sync_minutes), refresh_after=too_old / 2, too_old=too_old),
        catch_up=catch_up,
    )


def bindings_of(
    settings: Settings, client: PlatformClient | None, store: SqlStore, clock: Clock, announce: Announce = lambda _event: None
) -> Bindings:
    """The table of batteries, this station's alone where the platform has no HTTP side."""
    refresh_after = timedelta(hours=settings.plans.offline_hours) / 2
    return Bindings(
        store,
        SecretFolder(settings.data / "battery-secrets"),
        clock,
        announce,
        station_id=settings.station.id,
        ids=change_id,
        channel=None if client is None else HttpBindings(client),
        pace=SyncPace(every=timedelta(minutes=settings.plans.sync_minutes), refresh_after=refresh_after),
    )


def topics_of(settings: Settings) -> Topics:
    """The configured patterns. Raises BadInput for an unknown name and for a pattern that could reach other plans."""
    try:
        return Topics(**settings.topics)
    except TypeError as error:
        unknown = sorted(set(settings.topics) - set(Topics.__dataclass_fields__))
        raise BadInput(f"topics.{unknown[0] if unknown else ''}", tr("is not a topic")) from error


def people_of(settings: Settings, store: SqlStore, clock: Clock, announce: Announce = lambda _event: None) -> People:
    """Who works here, as known now. Raises StoreFailed."""
    people = People(
        store,
        lambda: Pepper(pepper_in(settings.data / "people-pepper")),
        clock,
        announce,
        machine_run=machine_run(),
        attendant_id=settings.station.attendant_id,
        supervisors=settings.station.supervisors,
        offline_days=settings.people.offline_days,
        lock_minutes=settings.people.lock_minutes,
    )
    people.refresh()
    return people


def people_sync_of(settings: Settings, client: PlatformClient | None, store: SqlStore, people: People, clock: Clock) -> PeopleSync | None:
    """What brings the platform's people of this station here; None where the platform has no HTTP side."""
    if client is None:
        return None
    pace = SyncPace(every=timedelta(minutes=settings.plans.sync_minutes), refresh_after=timedelta(hours=settings.plans.offline_hours) / 2)
    return PeopleSync(HttpPeople(client, settings.station.id), store, people, clock, pace)


def people_making_of(settings: Settings, people: People) -> PeopleMaking:
    """What a technician does with them."""
    return PeopleMaking(people, lambda: take_way_back(settings.data))


def plan_source_of(
    settings: Settings, session: MqttSession, clock: Clock, attendant: Callable[[], str] | None = None, own: StationTopics | None = None
) -> PlanSource:
    """Where plans come from, in the configured dialect; `attendant` is who works here, the configured one where it is not given.

    Raises BadInput.
    """
    who = attendant or (lambda: settings.station.attendant_id)
    source = FieldPlans if settings.mqtt.dialect == "field" else MqttPlans
    return source(session, topics_of(settings), clock, station_id=settings.station.id, attendant=who, own=own)


def own_topic(station_id: str) -> str:
    """Where a station sends messages to itself, to see whether it may read; under its prefix of the contract."""
    return own_answer_topic(station_id, "probe")


def channels_of(
    settings: Settings, session: MqttSession, announce: Announce, own: StationTopics | None = None
) -> tuple[CompletionChannel, PaymentChannel]:
    """Who takes completions and who confirms payments, in the configured dialect. Raises BadInput."""
    topics, in_field_dialect = topics_of(settings), settings.mqtt.dialect == "field"
    payments = FieldPayments() if in_field_dialect else MqttPayments(session, topics, announce, own)
    completions = MqttCompletions(session, topics, in_field_dialect=in_field_dialect, own_topic=own_topic(settings.station.id), own=own)
    return completions, payments


def station_of(settings: Settings) -> Station:
    """Who and where."""
    return Station(id=settings.station.id, name=settings.station.name, attendant_id=settings.station.attendant_id)


def record_of(settings: Settings, store: SqlStore, clock: Clock) -> Record:
    """What was done at this counter, as it stands in this store."""
    return Record(store, AcknowledgedHead(settings.data / RECORD_HEAD), clock)


def archive_of(settings: Settings) -> FolderArchive:
    """Where receipts are kept."""
    return FolderArchive(settings.data / "receipts")


def paper_of(settings: Settings) -> PaperFormat:
    """What the printer holds."""
    return PaperFormat(settings.printing.paper)


def zone_of(settings: Settings) -> tzinfo | None:
    """The station's time zone; None is the machine's own. Raises BadInput."""
    name = settings.station.time_zone
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput("station.time_zone", tr("{name} is not a time zone", name=name)) from error


def stored_address_of(store: SqlStore) -> Callable[[str], str]:
    """Where a battery with an id of its own was read last, as far as the stored readings know; "" where they do not."""

    def stored_address(battery_id: str) -> str:
        try:
            known = store.last_reading(battery_id, datetime.max.replace(tzinfo=UTC))
        except StoreFailed:
            return ""
        return "" if known is None or has_name_only(known.reading.protocol) else known.reading.address

    return stored_address


def scanner_of(
    settings: Settings, bindings: KnownBatteries | None = None, stored_address: Callable[[str], str] = lambda _battery_id: ""
) -> RadioScanner:
    """The configured scanner, for what is bound here and where batteries were read before.

    Raises BadInput for a file of simulated batteries that is wrong.
    """
    scanner = settings.scanner
    return build_scanner(
        scanner.backend,
        clock=SystemClock(),
        batteries=scanner.batteries,
        estimates=EstimatePolicy(allowed=scanner.allow_soc_estimate),
        fleet_filter=FleetFilter(protocols=scanner.protocols, fleet_names=scanner.fleet_names, families=scanner.families),
        adapter=scanner.adapter,
        bindings=bindings,
        stored_address=stored_address,
    )


def printer_of(settings: Settings, factory: Callable[[str], Printer] | None = None) -> Printer:
    """The configured printer: CUPS on every system that has it, on Windows what `factory` makes of the printer's name."""
    name = settings.printing.printer
    if not name:
        return NoPrinter()
    return factory(name) if factory is not None and sys.platform == "win32" else CupsPrinter(name)


def plans_of(settings: Settings, source: PlanSource, store: SqlStore, clock: Clock, outbox: Outbox, announce: Announce) -> Plans:
    """The service that finds a customer's plan. Raises BadInput."""
    return Plans(
        source,
        store,
        clock,
        announce,
        collectable=settings.rules.collectable,
        answer_seconds=settings.mqtt.answer_seconds,
        offline_limit=timedelta(hours=settings.plans.offline_hours),
        catch_up=outbox.catch_up,
    )


def telemetry_of(settings: Settings, client: PlatformClient | None, store: SqlStore, clock: Clock) -> Telemetry | None:
    """What reports readings; None where the platform has no HTTP side."""
    if client is None:
        return None
    return Telemetry(store, HttpTelemetry(client), clock, station_id=settings.station.id, limits=settings.rules.limits)


def station_key_of(settings: Settings) -> SigningKey | None:
    """The station's key, None before it is enrolled. Raises BadInput for a file that cannot be used."""
    try:
        return read_signing_key(settings.data / STATION_KEY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadInput(STATION_KEY, fault_phrase(error)) from error


def receipts_of(settings: Settings, store: Store, maker: ReceiptMaker, clock: Clock, *, training: bool = False) -> Receipts:
    """The service that makes receipts. Raises BadInput."""
    return Receipts(
        store,
        maker,
        archive_of(settings),
        clock,
        station_of(settings),
        settings.rules.collectable,
        training=training,
        zone=zone_of(settings),
        language=settings.ui.language,
        signing_key=lambda: station_key_of(settings),
    )
