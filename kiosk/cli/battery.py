"""`battery scan`, `battery read ID`: batteries in range; one reading as the specification's BatteryTelemetry and more. The others are in
`battery_bindings`."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, aclosing, closing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kiosk.cli import (
    DONE,
    Actions,
    add_command,
    add_group,
    argument,
    battery_bindings,
    json_option,
    print_json,
    print_message,
    print_rows,
    seconds,
)
from kiosk.domain.battery.battery import BatteryTelemetry, check_reading
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput, BatteryError, BatteryUnreadable, StoreFailed
from kiosk.domain.language import mark, tr
from kiosk.domain.times import iso_utc

if TYPE_CHECKING:
    from kiosk.station.adapters.bluetooth import RadioScanner
    from kiosk.station.ports import ReadPhase, ReadTrace, Sighting


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    actions = add_group(
        commands,
        "battery",
        tr("batteries in range; one reading; which pack wears which sticker"),
        tr(
            "`battery scan` lists batteries in range; `battery read ID` reads one, as the specification's BatteryTelemetry and more; the "
            "others say which pack wears which sticker."
        ),
    )
    add_command(
        actions,
        "scan",
        scan,
        tr("batteries in range, strongest first"),
        argument("--seconds", type=seconds, default=5.0, metavar="S", help=tr("how long to listen ({default})", default=5)),
        json_option(),
    )
    add_command(
        actions,
        "read",
        read,
        tr("one reading"),
        argument("id", metavar="ID", help=tr("the id on the sticker, or an address from `scan`")),
        argument("--timeout", type=seconds, default=10.0, metavar="S", help=tr("connecting included ({default})", default=10)),
        json_option(),
    )
    battery_bindings.add_to(actions)


_PHASES = {"looking": mark("looking ..."), "connecting": mark("connecting ..."), "reading": mark("reading ...")}
_PHASE_SECONDS = {
    "looking": mark("looking {seconds} s"),
    "connecting": mark("connecting {seconds} s"),
    "reading": mark("reading {seconds} s"),
}


def _open_scanner() -> "AbstractAsyncContextManager[RadioScanner]":
    from kiosk.bootstrap import open_scanner
    from kiosk.settings import load_settings

    return open_scanner(load_settings())


def scan(options: argparse.Namespace) -> int:
    """Listen for a while, then print what was found."""
    found = asyncio.run(_listen(options.seconds))
    print_rows([_found(each, found) for each in found], as_json=options.json, line=_found_line)
    return DONE


def _found(sighting: "Sighting", seen: "Sequence[Sighting]") -> dict[str, Any]:
    from kiosk.station.services.batteries_in_range import problem_of

    return {
        "address": sighting.address,
        "name": sighting.name,
        "rssi": sighting.rssi,
        "protocol": sighting.protocol,
        "battery_id": sighting.battery_id or None,
        "bound": bool(sighting.battery_id),
        "problem": problem_of(sighting, seen) or None,
        "age_seconds": round(sighting.heard_seconds_ago, 1),
    }


def _found_line(row: dict[str, Any]) -> str:
    bound = tr("bound to {battery_id}", battery_id=row["battery_id"]) if row["bound"] else tr("not bound") if row["protocol"] else ""
    age = tr("{seconds} s ago", seconds=row["age_seconds"])
    facts = "  ".join(filter(None, (row["name"], row["protocol"], bound, age, row["problem"])))
    return f"{row['address']}  {row['rssi'] if row['rssi'] is not None else '?':>4} dBm  {facts}"


async def _listen(duration: float) -> "tuple[Sighting, ...]":
    async with _open_scanner() as scanner:
        with suppress(TimeoutError):
            async with asyncio.timeout(duration), aclosing(scanner.sightings()) as lists:
                async for _ in lists:
                    pass
        return scanner.in_range()


def read(options: argparse.Namespace) -> int:
    """Read one battery; the phases go to standard error, and those of a reading that failed with their seconds.

    Raises BatteryError, also for a reading that is none: that is printed all the same, with its problem.
    """

    async def once() -> "tuple[BatteryTelemetry, ReadTrace, bool]":
        async with _open_scanner() as scanner:
            try:
                reading = await scanner.read(options.id, _print_phase, options.timeout)
            except BatteryError:
                for trace in scanner.last_reads():
                    print_message(_line(trace))
                raise
            return reading, scanner.last_reads()[0], scanner.bindings.binding_at(reading.address.upper()) is not None

    reading, trace, is_bound = asyncio.run(once())
    _report(reading)
    problem = _problem(reading)
    facts = {
        **_facts(reading),
        "bound": is_bound,
        "problem": problem.reason if problem else None,
        "age_seconds": max(0, round((datetime.now(UTC) - reading.timestamp).total_seconds())),
    }
    if options.json:
        print_json({**facts, "trace": _steps(trace)})
    else:
        print("  ".join(f"{key}={value}" for key, value in facts.items() if value not in (None, [])))
    if problem is not None:
        raise problem
    return DONE


def _problem(reading: BatteryTelemetry) -> BatteryUnreadable | None:
    """Why the counter would not take it for a reading: no volts, or numbers that contradict each other (decision 12)."""
    from kiosk.settings import load_settings

    try:
        check_reading(reading, load_settings().rules.limits)
    except BatteryUnreadable as problem:
        return problem
    return None


def _report(reading: BatteryTelemetry) -> None:
    """The kiosk reports it with its own readings; a store that fails is no failure of this command."""
    from kiosk.settings import load_settings
    from kiosk.station.adapters.station_store import open_station_store

    settings = load_settings()
    if not settings.platform.url:
        return
    try:
        with closing(open_station_store(settings.database_url, settings.data)) as store:
            store.queue_reading(KnownReading(reading=reading, station_id=settings.station.id))
    except (StoreFailed, BadInput) as error:
        print_message(tr("Not reported to the platform: {reason}.", reason=error.reason))


def _print_phase(phase: "ReadPhase") -> None:
    print_message(tr(_PHASES[phase.value]))


def _facts(reading: BatteryTelemetry) -> dict[str, Any]:
    """The specification's BatteryTelemetry plus `estimated, soc_percent, rssi, protocol` (contract), how the energy was got, health,
    and what tells this pack from others.
    """
    from kiosk.wire.telemetry_documents import health_document, specified_document

    return {
        **specified_document(reading),
        "method": reading.method,
        "charge_ah": reading.charge_ah,
        **health_document(reading),
        "serial": reading.serial or None,
        "cycles": reading.cycles,
        "address": reading.address or None,
    }


def _steps(trace: "ReadTrace") -> dict[str, Any]:
    """How the reading went: the seconds of each phase in order, signal, links tried again, and what was done to a stuck adapter."""
    return {
        "started_at": iso_utc(trace.started_at),
        "seconds": round(trace.seconds, 3),
        "phases": [{"phase": each.phase.value, "seconds": round(each.seconds, 3)} for each in trace.phases],
        "rssi": trace.rssi,
        "retries": trace.retries,
        "recoveries": list(trace.recoveries),
        "outcome": trace.outcome,
    }


def _line(trace: "ReadTrace") -> str:
    phases = [tr(_PHASE_SECONDS[each.phase.value], seconds=f"{each.seconds:.1f}") for each in trace.phases]
    signal = tr("no signal") if trace.rssi is None else f"{trace.rssi} dBm"
    return "; ".join((", ".join(phases) or tr("not begun"), signal, tr("retries {count}", count=trace.retries), *map(tr, trace.recoveries)))
