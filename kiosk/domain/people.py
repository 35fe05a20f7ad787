"""People who sign in (decision 29): roles, what can be a PIN, what a badge looks like, and how wrong PINs lock a person.

A PIN has 4 digits for attendants and 6 for all others. A badge is `SKB1.` and 128 random bits as 26 letters and digits (base32); it is a
secret, so a text that holds one is never taken for a customer, a battery or a receipt, and is never shown. After MAX_TRIES wrong PINs in a
row a person is locked for 2 minutes, the next time for 4, then 8, at most MAX_LOCK_SECONDS. The right PIN begins anew.

**How a lock counts down.** By the steady clock of one run of the machine (`Steady`), which goes on while this program does not run, and
which nobody sets. The wall clock is never asked: set forward it shortens no lock, set back it lengthens none. After a restart of the
machine the steady clock begins anew, and what was left of a lock when it was looked at last is waited for again: no restart skips a lock,
and none makes it longer than the longest one.
"""

import base64
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from kiosk.domain.errors import BadgeUnknown, BadInput
from kiosk.domain.language import mark, tr


class Role(StrEnum):
    """What a person may do. The last two are the platform's alone."""

    ATTENDANT = "attendant"
    SUPERVISOR = "supervisor"
    TECHNICIAN = "technician"
    DESK = "desk"
    ADMIN = "admin"

    @property
    def words(self) -> str:
        """For people, in the language of now."""
        return tr(_ROLE_WORDS[self])

    @property
    def may_approve(self) -> bool:
        """Whether this role does what an attendant alone may not."""
        return self in (Role.SUPERVISOR, Role.TECHNICIAN)

    @property
    def pin_digits(self) -> int:
        """How many digits a PIN of this role has."""
        return 4 if self is Role.ATTENDANT else 6

    def covers(self, needed: "Role") -> bool:
        """Whether a person of this role may do what `needed` may: at a counter a technician all that a supervisor may, and so on."""
        return self in AT_COUNTER and needed in AT_COUNTER and AT_COUNTER.index(self) >= AT_COUNTER.index(needed)


AT_COUNTER = (Role.ATTENDANT, Role.SUPERVISOR, Role.TECHNICIAN)
"""The roles at a counter, each may do what those before it may."""

_ROLE_WORDS = {
    Role.ATTENDANT: mark("attendant"),
    Role.SUPERVISOR: mark("supervisor"),
    Role.TECHNICIAN: mark("technician"),
    Role.DESK: mark("desk"),
    Role.ADMIN: mark("administrator"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in. `must_change_pin`: the PIN may be known to others, and lets nobody do anything but change it."""

    id: str
    name: str
    role: Role
    must_change_pin: bool = False


class Act(StrEnum):
    """What an approval is asked for (decision 29)."""

    PAYMENT = "payment"  # approving a payment offline
    RETURNED_MORE = "returned_more"
    DOUBT = "doubt"
    OFFLINE_LIMIT = "offline_limit"
    RESOLVE = "resolve"  # what the platform refused
    MONEY_BACK = "money_back"
    SHIFT_DIFFERENCE = "shift_difference"
    BINDING = "binding"

    @property
    def needs_two(self) -> bool:
        """Whether who asks may not be who approves: where money that is not there would count as paid, or leaves the drawer."""
        return self in (Act.PAYMENT, Act.MONEY_BACK, Act.SHIFT_DIFFERENCE)


# ---------------------------------------------------------------- PINs

_COLUMN_OF_KEYS = "2580"
_YEARS = range(1930, 2040)


def check_new_pin(pin: str, role: Role, person_id: str = "") -> None:
    """Whether this may become the PIN of a person. Raises BadInput with the reason; the PIN is never shown."""
    if not (pin.isascii() and pin.isdecimal()) or len(pin) != role.pin_digits:
        raise BadInput("PIN", tr("must have {count} digits", count=role.pin_digits))
    if _is_trivial(pin) or pin in re.sub(r"\D", "", person_id):
        raise BadInput("PIN", tr("is easy to guess: choose another"))


def _is_trivial(pin: str) -> bool:
    """What many people choose, and whoever guesses tries first."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    repeated = any(pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1) if len(pin) % size == 0)
    in_pairs = len(pin) == 4 and pin[0] == pin[1] and pin[2] == pin[3]
    return steps in ({1}, {9}) or repeated or in_pairs or len(set(pin)) < len(pin) // 2 or pin == _COLUMN_OF_KEYS or _is_date(pin)


def _is_date(pin: str) -> bool:
    """A year; in six digits a day of a year in any order that people write, or a month and a year."""
    if len(pin) == 4:
        return int(pin) in _YEARS
    first, second, third = (int(pin[at : at + 2]) for at in (0, 2, 4))
    day_first = 1 <= first <= 31 and 1 <= second <= 12
    month_first = 1 <= first <= 12 and 1 <= second <= 31
    year_first = 1 <= second <= 12 and 1 <= third <= 31
    return day_first or month_first or year_first or int(pin[2:]) in _YEARS or int(pin[:4]) in _YEARS


# ---------------------------------------------------------------- badges

BADGE_PREFIX = "SKB1."
BADGE_BYTES = 16
_BADGE = re.compile(r"SKB1\.[A-Z2-7]{26}")
_LIKE_A_BADGE = re.compile(r"SKB1[^A-Z0-9]{0,3}[A-Z0-9]{8}|SKB1\.")


def badge_of(secret: bytes) -> str:
    """The code of a badge with these 16 random bytes."""
    return BADGE_PREFIX + base64.b32encode(secret).decode().rstrip("=")


def badge_digest(code: str) -> str:
    """What is kept of a badge's code: 64 hexadecimal digits. It is 128 random bits, so that nobody guesses it from its hash.

    Raises BadgeUnknown for what is none.
    """
    found = _BADGE.search(code.upper())
    if found is None:
        raise BadgeUnknown
    return hashlib.sha256(f"swap-kiosk-badge-1\n{found[0]}".encode()).hexdigest()


def is_badge(text: str) -> bool:
    """Whether a badge stands in a text, whole, cut, or typed by a keyboard of another language: it is a secret and is nothing else."""
    return _LIKE_A_BADGE.search(text.upper()) is not None


# ---------------------------------------------------------------- locks

MAX_TRIES = 5
FIRST_LOCK_SECONDS = 120.0
MAX_LOCK_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Steady:
    """A moment by the machine's steady clock: `seconds` of the run of the machine that `run` names."""

    run: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PinLock:
    """What is kept of a person's wrong PINs: `wrong` in a row since the last lock, `locks` in a row, and what was `left` of the lock, in
    seconds, when it was looked at last (`at`).
    """

    wrong: int = 0
    locks: int = 0
    left: float = 0.0
    at: Steady = Steady("", 0.0)

    def seconds_left(self, now: Steady) -> float:
        """How long no PIN of this person is looked at; 0 where it is."""
        passed = max(0.0, now.seconds - self.at.seconds) if now.run == self.at.run else 0.0
        return max(0.0, min(self.left, MAX_LOCK_SECONDS) - passed)

    def looked_at(self, now: Steady) -> "PinLock":
        """The same lock, counted from now: what a restart of the machine must not lose."""
        return replace(self, left=self.seconds_left(now), at=now)

    @property
    def tries_left(self) -> int:
        """How many wrong PINs are left before the next lock."""
        return MAX_TRIES - self.wrong

    def after_try(self, now: Steady) -> "PinLock":
        """A PIN is looked at now. It counts as wrong before it is looked at, so that ending the program gives no try back."""
        if self.wrong + 1 < MAX_TRIES:
            return PinLock(wrong=self.wrong + 1, locks=self.locks, left=0.0, at=now)
        return PinLock(wrong=0, locks=self.locks + 1, left=lock_seconds(self.locks + 1), at=now)


def lock_seconds(locks: int) -> float:
    """How long the lock of this number lasts, from 1."""
    return min(MAX_LOCK_SECONDS, FIRST_LOCK_SECONDS * float(1 << min(locks - 1, 16)))


def last_of_role(person_id: str, role: Role, people: Collection[Person]) -> bool:
    """Whether nobody of this role is left without this person."""
    return not any(each.role is role and each.id != person_id for each in people)


_PERSON_ID = re.compile(r"[A-Za-z0-9_.-]{1,40}")


def check_person_id(person_id: str) -> None:
    """Raises BadInput for what can be no id of a person."""
    if _PERSON_ID.fullmatch(person_id) is None or is_badge(person_id):
        raise BadInput("ID", tr("must be 1 to 40 of the characters A-Z, a-z, 0-9, _, . and -"))
