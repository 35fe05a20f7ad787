"""`doctor`: broker, Bluetooth adapter, printer, screen, disk, clock, database, configuration: each ok, or what is wrong and how to
repair it.

Exit 1 when a required one fails. Every check has a deadline of its own.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing, closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, FAILED, Actions, add_command, json_option, print_rows
from kiosk.cli.doctor_secrets import look_at_secrets, secret_files
from kiosk.domain.errors import KioskError, NotFound, StoreFailed
from kiosk.domain.language import tr, tr_count
from kiosk.domain.messages import message_for
from kiosk.station.health import HealthState

if TYPE_CHECKING:
    from kiosk.settings import Settings  # with pydantic, which `--help` need not wait for
    from kiosk.station.adapters.bluetooth import RadioScanner

_LISTEN_SECONDS = 4.0
_GATHER_SECONDS = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: `what` was found, and `mend`, how to repair it when it is not ok. A kiosk can work without what is not required."""

    name: str
    ok: bool
    what: str
    mend: str = ""
    required: bool = True


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    add_command(
        commands,
        "doctor",
        run,
        tr("what works here, and how to repair what does not"),
        json_option(),
        about=tr(
            "Checks configuration, disk, clock, database, broker, platform, Bluetooth, printer, screen; ends with 1 if a required fails."
        ),
    )


def run(options: argparse.Namespace) -> int:
    """Make all checks, in the order in which a technician repairs what fails."""
    findings = asyncio.run(examine())
    print_rows([asdict(finding) for finding in findings], as_json=options.json, line=_line)
    return FAILED if any(not each.ok and each.required for each in findings) else DONE


def _line(row: dict[str, Any]) -> str:
    state = "ok  " if row["ok"] else "BAD " if row["required"] else "no  "
    return f"{state} {row['name']:14} {row['what']} {row['mend']}".rstrip()


async def examine() -> list[Finding]:
    """Make every check. Without settings only the configuration can be checked."""
    from kiosk.bootstrap import topics_of, zone_of
    from kiosk.settings import configuration_file, load_settings

    try:
        settings = load_settings()
        topics_of(settings)
        zone_of(settings)
    except KioskError as error:
        return [_bad("configuration", error, tr("Correct the file, then run this again."))]
    where = tr("{file}, station {station}.", file=configuration_file(), station=settings.station.id)
    findings = [Finding(name="configuration", ok=True, what=where)]
    for name, check, mend, required in _checks(settings):
        try:
            findings.append(await check(settings))
        except KioskError as error:
            findings.append(_bad(name, error, mend, required=required))
    return findings


def _checks(settings: "Settings") -> "tuple[tuple[str, Callable[[Settings], Awaitable[Finding]], str, bool], ...]":
    """Name, check, how to repair it when it raises KioskError, and whether a kiosk needs it."""
    broker, url = f"{settings.mqtt.host}:{settings.mqtt.port}", settings.platform.url
    certificates = (("certificates", _certificates, "", True),) if settings.mqtt.tls_ca or settings.mqtt.tls_cert else ()
    secrets = (("secrets", _secrets, "", True),) if secret_files(settings) else ()
    return (
        ("disk", _disk, "", True),
        ("clock", _clock, "", True),
        ("database", _database, tr("See the disk above; a damaged file must be restored."), True),
        ("record", _record, tr("See the database above."), True),
        *certificates,
        *secrets,
        ("broker", _broker, tr("Check network, name and port of {broker}, and the user's password file.", broker=broker), True),
        ("signing", _signing, "", True),
        ("platform", _platform, tr("Check network, address and token of {url}; readings wait meanwhile.", url=url), False),
        ("batteries", _batteries, tr("See the database above."), False),
        ("people", _people, tr("See the database above."), False),
        ("bluetooth", _bluetooth, tr("Unplug the adapter, plug it in again, and switch Bluetooth on."), True),
        ("barcode", _barcode_scanner, "", False),
        ("printer", _printer, "", False),
        ("screen", _screen, "", False),
    )


def _bad(name: str, error: KioskError, mend: str, *, required: bool = True) -> Finding:
    known = error.repair if isinstance(error, StoreFailed) else ""
    what = _sentence(error.reason) if isinstance(error, StoreFailed) else message_for(error).sentence
    return Finding(name=name, ok=False, what=what, mend=known or mend, required=required)


def _sentence(phrase: str) -> str:
    return f"{phrase[:1].upper()}{phrase[1:].rstrip('.')}."


async def _disk(settings: "Settings") -> Finding:
    from kiosk.shared.private_folder import is_open
    from kiosk.station.services.health_checks import disk_health

    health = await disk_health(settings.data)
    if health.state is HealthState.WRONG:
        what = tr("{folder} cannot be written: {reason}.", folder=settings.data, reason=health.what)
    else:
        what = tr("{folder}: {words}.", folder=settings.data, words=health.what)
        if not health.needs_somebody and is_open(settings.data):
            what += " " + tr("Other users of this machine can look into it.")
            return Finding(name="disk", ok=False, what=what, mend=f"chmod 700 {settings.data}", required=False)
    return Finding(name="disk", ok=not health.needs_somebody, what=what, mend=health.repair)


async def _certificates(settings: "Settings") -> Finding:
    from kiosk.bootstrap import certificate_files
    from kiosk.station.services.health_checks import certificates_health

    health = certificates_health(certificate_files(settings), datetime.now(UTC))
    is_over = health.state is HealthState.WRONG
    return Finding(name="certificates", ok=not health.needs_somebody, what=_sentence(health.what), mend=health.repair, required=is_over)


async def _secrets(settings: "Settings") -> Finding:
    seen = look_at_secrets(settings)
    return Finding(name="secrets", ok=seen.ok, what=seen.what, mend=seen.mend, required=seen.refused)


async def _clock(settings: "Settings") -> Finding:
    from kiosk.cli.doctor_clock import judge_clock, platform_offset
    from kiosk.shared.system import SystemClock, is_synchronised

    seen = judge_clock(SystemClock().now(), is_synchronised(), await platform_offset(settings))
    return Finding(name="clock", ok=seen.ok, what=seen.what, mend=seen.mend)


async def _database(settings: "Settings") -> Finding:
    from kiosk.station.adapters.station_store import open_station_store

    with closing(open_station_store(settings.database_url, settings.data)) as store:
        counts = store.outbox_counts()
    return Finding(
        name="database", ok=True, what=tr("{unsettled} unsettled, {refused} refused.", unsettled=counts.unsettled, refused=counts.refused)
    )


async def _record(settings: "Settings") -> Finding:
    """The whole record of this counter."""
    from kiosk.bootstrap import record_of
    from kiosk.shared.system import SystemClock
    from kiosk.station.adapters.station_store import open_station_store
    from kiosk.station.services.record import record_health

    with closing(open_station_store(settings.database_url, settings.data)) as store:
        health = record_health(await record_of(settings, store, SystemClock()).verify())
    return Finding(name="record", ok=not health.needs_somebody, what=health.what, mend=health.repair)


async def _broker(settings: "Settings") -> Finding:
    from kiosk.bootstrap import link_of, signing_of
    from kiosk.cli.doctor_access import find_access, probe_of
    from kiosk.shared.mqtt.session import MqttSession

    where = f"{settings.mqtt.host}:{settings.mqtt.port}"
    signs = signing_of(settings).guard is not None
    session = MqttSession(link_of(settings, "doctor"), only_5=signs)  # what it sends is for nobody, and so not signed
    await session.start()
    try:
        await session.wait_connected(settings.mqtt.connect_seconds)
        version = "5" if session.speaks_5 else "3.1.1"
        access, ends = await find_access(session, probe_of(settings)), session.certificate_ends
    finally:
        await session.stop()
    answers = tr("{broker} answers, MQTT {version}.", broker=where, version=version)
    words, renew = ("", "") if ends is None else _certificate(ends)
    what, mend = f"{answers} {access.what} {words}".rstrip(), access.mend or renew
    return Finding(name="broker", ok=access.ok and not renew, what=what, mend=mend, required=not access.ok or not renew)


def _certificate(ends: datetime) -> tuple[str, str]:
    """How long the certificate of the other side holds, and what to do where that is not long."""
    from kiosk.station.services.health_checks import EXPIRY_IS_SAID

    left = ends - datetime.now(UTC)
    words = tr_count(
        "Its certificate ends in {count} day, on {day}.",
        "Its certificate ends in {count} days, on {day}.",
        left.days,
        day=f"{ends:%Y-%m-%d}",
    )
    return words, tr("Give it a new certificate before that day.") if left < EXPIRY_IS_SAID else ""


async def _signing(settings: "Settings") -> Finding:
    from kiosk.cli.doctor_signing import find_signing

    found = await find_signing(settings)
    return Finding(name="signing", ok=found.ok, what=found.what, mend=found.mend, required=found.required)


async def _platform(settings: "Settings") -> Finding:
    """Any answer to a question that needs the token will do. Swaps go over the broker and need none."""
    from kiosk.bootstrap import ANY_BATTERY, platform_client_of

    client, url = platform_client_of(settings), settings.platform.url
    if client is None:
        return Finding(name="platform", ok=True, what=tr("No address is set up: no readings are reported."), required=False)
    try:
        with suppress(NotFound):  # no battery has that name: it has looked
            await client.get(ANY_BATTERY)
    finally:
        await client.close()
    words, renew = ("", "") if client.certificate_ends is None else _certificate(client.certificate_ends)
    what = f"{tr('{url} answers.', url=url)} {words}".rstrip()
    return Finding(name="platform", ok=not renew, what=what, mend=renew, required=False)


async def _batteries(settings: "Settings") -> Finding:
    """How many wear a sticker that is bound, and what waits. The table may be a running kiosk's."""
    from kiosk.bootstrap import bindings_of
    from kiosk.shared.system import SystemClock
    from kiosk.station.adapters.station_store import open_station_store

    with closing(open_station_store(settings.database_url, settings.data)) as store:
        bindings = bindings_of(settings, None, store, SystemClock())
        await bindings.load()
        bound, queued = len(await bindings.bindings()), await bindings.queued()
    refused = sorted({each.change.battery_id for each in queued if each.refused})
    words = tr_count("{count} battery is bound.", "{count} batteries are bound.", bound)
    waiting = sum(not each.refused for each in queued)
    if waiting and settings.platform.url:
        words += " " + tr_count("{count} change waits for the platform.", "{count} changes wait for the platform.", waiting)
    if not refused:
        return Finding(name="batteries", ok=True, what=words, required=False)
    what = tr("{words} The platform refused: {batteries}.", words=words, batteries=", ".join(refused))
    mend = tr("A supervisor looks at {list} and binds each again, or unbinds it.", list="`battery bindings`")
    return Finding(name="batteries", ok=False, what=what, mend=mend, required=False)


async def _people(settings: "Settings") -> Finding:
    """Who may sign in, and what keeps somebody from it."""
    from kiosk.cli.acting import people_in
    from kiosk.station.adapters.store.sql_store import open_store

    with closing(open_store(settings.database_url)) as store:
        people = people_in(settings, store)
        state = people.state() if people.any_known else None
    if state is None:
        what = tr("Nobody is set up: who stands at this counter may do what its settings name an id for.")
        mend = tr("Set people up on the platform, or here: {command}.", command="`people technician ID --name N`")
        return Finding(name="people", ok=True, what=f"{what} {mend}", required=False)
    words = tr_count("{count} person may sign in.", "{count} people may sign in.", state.able)
    if state.too_old:
        words += " " + tr("The platform's list is too old.")
    if state.without_pin:
        words += " " + tr("Without a usable PIN: {ids}.", ids=", ".join(state.without_pin))
    ok = state.able > 0 and not state.without_pin and not state.too_old
    mend = "" if ok else tr("Make PINs anew on the platform, or a technician does it here: {command}.", command="`people pin ID --as ID`")
    return Finding(name="people", ok=ok, what=words, mend=mend, required=False)


async def _bluetooth(settings: "Settings", sys_root: Path = Path("/sys")) -> Finding:
    from kiosk.bootstrap import open_scanner
    from kiosk.station.services.batteries_in_range import problems_of

    if settings.scanner.backend == "bluetooth" and sys.platform == "linux":
        from kiosk.station.adapters.bluetooth.diagnosis import find_problem

        problem = await find_problem(settings.scanner.adapter, sys_root)
        if problem is not None:
            return Finding(name="bluetooth", ok=False, what=problem.what, mend=problem.repair)
    async with open_scanner(settings) as scanner:
        await _listen(scanner)
        seen = scanner.in_range()
    count, problems = len(seen), problems_of(seen)
    in_range = tr_count("{backend}: {count} in range.", "{backend}: {count} in range.", count, backend=settings.scanner.backend)
    what = " ".join((in_range, *problems)) if count else tr("The adapter works; nothing was heard.")
    mend = tr("Bind each of them to its sticker: battery bind ID --address ADDRESS.") if problems else ""
    return Finding(name="bluetooth", ok=True, what=what, mend=mend)


async def _listen(scanner: "RadioScanner") -> None:
    """Until something was heard, and a moment longer: each battery advertises once a second."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LISTEN_SECONDS), aclosing(scanner.sightings()) as lists:
            while not await anext(lists):
                pass
            async with asyncio.timeout(_GATHER_SECONDS):
                async for _ in lists:
                    pass


async def _barcode_scanner(settings: "Settings") -> Finding:
    """How a scanner is told from a person, and what the keyboard does to what it types."""
    from kiosk.station.adapters.keyboard import keyboard_state

    barcode, keyboard = settings.barcode, await keyboard_state()
    what = tr("Keys up to {count} ms apart are a scan; its end: {suffix}.", count=barcode.gap_ms, suffix=barcode.suffix)
    mend = tr("Press Caps Lock once.") if keyboard.caps_lock else ""
    if keyboard.layout:
        mend += (" " if mend else "") + tr("A scanner must be set to the same keyboard.")
    return Finding(name="barcode", ok=not keyboard.caps_lock, what=f"{what} {keyboard.sentence}".rstrip(), mend=mend, required=False)


async def _printer(settings: "Settings") -> Finding:
    from kiosk.bootstrap import printer_of
    from kiosk.station.services.health_checks import printer_health

    name, health = settings.printing.printer, await printer_health(printer_of(settings))
    if health.state is HealthState.NOT_SET_UP:
        what, mend = tr("No printer is set up."), tr("Set [printing] printer to the queue's name.")
    elif health.needs_somebody:
        what, mend = tr("{printer} does not print: {reason}.", printer=name, reason=health.what.rstrip(".")), health.repair
        mend = mend or tr("Repair the printer; receipts wait meanwhile.")
    else:
        is_known = health.state is HealthState.OK
        what, mend = tr("{printer} is ready.", printer=name) if is_known else tr("{printer} does not tell how it is.", printer=name), ""
    return Finding(name="printer", ok=not mend, what=what, mend=mend, required=False)


async def _screen(settings: "Settings", root: Path = Path("/")) -> Finding:
    """The panel with the most pixels that the kernel sees, by the rule that the window has; a second one may be the customer's."""
    from kiosk.domain.errors import PanelTooSmall
    from kiosk.domain.panel import Screen, diagonal_inches
    from kiosk.station.adapters.panels import connected_panels

    panels = connected_panels(root)
    if not panels:
        return Finding(name="screen", ok=True, what=tr("No screen is seen from here."), required=False)
    panel = max(panels, key=lambda each: each.width * each.height)
    inches = diagonal_inches(panel.width, panel.height, setting=settings.ui.diagonal_inches, reported_mm=panel.size_mm)
    screen = Screen(width=panel.width, height=panel.height, inches=inches)
    if screen.has_room:
        return Finding(name="screen", ok=True, what=_sentence(screen.words))
    message = message_for(PanelTooSmall(screen.words))
    return Finding(name="screen", ok=False, what=message.sentence, mend=" ".join(message.steps))
