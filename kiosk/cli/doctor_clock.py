"""Whether the clock can be right: a year that is possible, a system that synchronises it, and the platform's time beside it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from kiosk.domain.errors import KioskError
from kiosk.domain.language import tr
from kiosk.domain.times import spell_age

if TYPE_CHECKING:
    from kiosk.settings import Settings

FIRST_YEAR, LAST_YEAR = 2026, 2056  # this program was written in the first; nobody runs it unchanged for thirty years
MAX_OFFSET = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFinding:
    """What was found, and how to repair it where it is not ok."""

    ok: bool
    what: str
    mend: str = ""


def judge_clock(now: datetime, synchronised: bool | None, offset: timedelta | None) -> ClockFinding:  # noqa: FBT001  a fact, not a switch
    """`synchronised` and `offset` (how far the clock is ahead of the platform's) are None where they are not known.

    A clock that nobody synchronises is said and works, as long as it shows the platform's time; one that is off, or not of this time, does
    not.
    """
    time = tr("It is {time} UTC.", time=f"{now:%Y-%m-%d %H:%M}")
    states = {
        True: tr("It is synchronised."),
        False: tr("It is not synchronised."),
        None: tr("Whether it is synchronised is not known here."),
    }
    what = " ".join((time, states[synchronised], _offset_words(offset)))
    possible = FIRST_YEAR <= now.year <= LAST_YEAR
    right = offset is None or abs(offset) <= MAX_OFFSET
    if not possible or not right:
        return ClockFinding(ok=False, what=what, mend=tr("Set the clock, and switch time synchronisation on."))
    return ClockFinding(ok=True, what=what, mend=tr("Switch time synchronisation on.") if synchronised is False else "")


def _offset_words(offset: timedelta | None) -> str:
    if offset is None:
        return tr("The platform's time is not known.")
    if abs(offset) <= MAX_OFFSET:
        return tr("The platform has the same time.")
    if offset > timedelta(0):
        return tr("It is {time} ahead of the platform.", time=spell_age(offset))
    return tr("It is {time} behind the platform.", time=spell_age(-offset))


async def platform_offset(settings: "Settings") -> timedelta | None:
    """How far the clock is ahead of the platform's, by the Date of its HTTP answer (RFC 9110, 6.6.1), or as it told this counter when they
    differed last; None where neither is known."""
    from kiosk.bootstrap import platform_client_of, signing_of

    client = platform_client_of(settings)
    if client is None:
        guard = signing_of(settings).guard
        return -guard.identity.offset if guard is not None and guard.identity.offset else None
    try:
        told = await client.date()
    except KioskError:
        return None  # the check of the platform says why
    finally:
        await client.close()
    return offset_of(told, datetime.now(UTC))


def offset_of(told: str, now: datetime) -> timedelta | None:
    """How far `now` is ahead of a Date header; None for one that is none."""
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    return None if moment.tzinfo is None else now - moment
