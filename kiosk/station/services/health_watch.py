"""HealthWatch: how each part of the counter is, announced at the start and at every change, as long as the kiosk runs.

Each check has a deadline and runs beside the others, so that a printer that hangs holds up nothing else. One that does not end, or has no
result, is not known, and that is never announced as well. Two things are heard of and not asked for: the link, from its own announcements,
and a receipt that was not printed. The printer counts as failing until one is, whatever the print system says meanwhile: it knows nothing
of a printer that it sends nothing to.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from kiosk.domain.language import tr
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Announce, Event, HealthChanged, PrinterChanged
from kiosk.station.health import NOT_KNOWN, OK, Health, HealthPart, HealthState

log = logging.getLogger(__name__)
DEADLINE_SECONDS = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """`look` finds out how `part` is; `every_seconds` lie between two looks."""

    part: HealthPart
    look: Callable[[], Awaitable[Health]]
    every_seconds: float = 20.0


class HealthWatch:
    """Runs on the I/O thread; subscribe `handle_event`. `deadline_seconds` is the most that one look may take."""

    def __init__(self, checks: Sequence[HealthCheck], announce: Announce, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._checks, self._announce, self._deadline_seconds = tuple(checks), announce, deadline_seconds
        self._announced: dict[HealthPart, Health] = {}
        self._printer, self._unprinted = NOT_KNOWN, None
        self._again = asyncio.Event()

    _unprinted: Health | None

    async def run(self) -> None:
        """Look, and announce each change, until cancelled."""
        async with asyncio.TaskGroup() as all_of_them:
            for check in self._checks:
                all_of_them.create_task(self._watch(check))

    async def look_again(self) -> None:
        """Everything at once, instead of when its time has come."""
        self._again.set()
        self._again = asyncio.Event()

    def handle_event(self, event: Event) -> None:
        """The link, and how a receipt ended."""
        if isinstance(event, LinkChanged):
            self._tell(HealthPart.LINK, _link_health(event))
        elif isinstance(event, PrinterChanged) and event.set_up:
            self._unprinted = None if event.available else _unprinted(event)
            self._tell_printer(OK if event.available else self._printer)

    async def _watch(self, check: HealthCheck) -> None:
        while True:
            again, found = self._again, await self._found(check)
            if check.part is HealthPart.PRINTER:
                self._tell_printer(found)
            else:
                self._tell(check.part, found)
            with suppress(TimeoutError):
                await asyncio.wait_for(again.wait(), check.every_seconds)

    async def _found(self, check: HealthCheck) -> Health:
        try:
            return await asyncio.wait_for(check.look(), self._deadline_seconds)
        except TimeoutError:
            return NOT_KNOWN
        except Exception:  # a bug in a check must not end the watch; its result is not known
            log.exception("a check failed")
            return NOT_KNOWN

    def _tell_printer(self, found: Health) -> None:
        self._printer = found
        known_better = found.needs_somebody or found.state is HealthState.NOT_SET_UP
        self._tell(HealthPart.PRINTER, found if known_better or self._unprinted is None else self._unprinted)

    def _tell(self, part: HealthPart, health: Health) -> None:
        if self._announced.get(part) != health:
            self._announced[part] = health
            self._announce(HealthChanged(part=part, health=health))


def _link_health(event: LinkChanged) -> Health:
    if event.connected:
        return Health(state=HealthState.OK, what=tr("the platform's broker answers"))
    why = event.reason or tr("no link to the platform's broker")
    return Health(state=HealthState.WARNING, what=why, repair=tr("Check network cable and modem. Swaps go on meanwhile."))


def _unprinted(event: PrinterChanged) -> Health:
    return Health(
        state=HealthState.WARNING,
        what=tr("the last receipt was not printed: {reason}", reason=event.reason),
        repair=event.repair or tr("Check paper, lid and power. Then print again."),
        short=event.short,
    )
