"""What the register of stations knows: plain values, no rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.shared.signing_keys import PublicKey


class StationMode(StrEnum):
    """Who is answered (decision 26): in `open` stations without a signature too, where their name is not an enrolled one."""

    OPEN = "open"
    ENROLLED = "enrolled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StationKey:
    """A key of a station, from when until when; `revoked_since` where it counts no more because the station was revoked."""

    key: PublicKey
    valid_from: datetime
    valid_until: datetime | None = None
    revoked_since: datetime | None = None

    def counts(self, now: datetime) -> bool:
        """Whether what it signs now is the station's."""
        return self.revoked_since is None and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEnrolment:
    """The secret that was given out last, as its hash; `used_at` where a key came with it."""

    secret_hash: str = field(repr=False)
    until: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredStation:
    """A station of the register. `refused_at` and `refused_why` tell of the last message that was refused in its name."""

    id: str
    added_at: datetime
    keys: tuple[StationKey, ...] = ()
    enrolment: PendingEnrolment | None = None
    revoked_since: datetime | None = None
    refused_at: datetime | None = None
    refused_why: str = ""

    @property
    def is_enrolled(self) -> bool:
        """Whether it has ever had a key: its name then needs a signature."""
        return bool(self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationBook:
    """What a batch of messages is judged by: the mode, and of the stations that it names those in the register."""

    mode: StationMode = StationMode.OPEN
    stations: Mapping[str, RegisteredStation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignedStation:
    """A name that asked without a signature and was answered; "" for requests that name none."""

    id: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which station began a transaction."""

    correlation_id: str
    plan_id: str
    station_id: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRequest:
    """A completion of a revoked station, with its bytes."""

    correlation_id: str
    part: str
    plan_id: str
    station_id: str
    action: str
    topic: str
    payload: bytes = field(repr=False)
    held_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDecision:
    """What becomes of a question to be enrolled: `key` is taken from now on, those that counted before end at `others_until`. Without a key
    nothing changes: `reason` is "" where the key is known already, else why it is refused, a phrase. An `act` is recorded."""

    key: PublicKey | None = None
    others_until: datetime | None = None
    reason: str = ""
    act: str = ""
