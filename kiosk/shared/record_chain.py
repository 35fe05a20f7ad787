"""The record: acts of people and machines as a chain, in which no row can be changed or taken out unseen (decision 37).

Each row names the SHA-256 of the row before. Its own bytes are two lines, each ended by a line feed:

    swap-kiosk-audit-1
    {"act":"completed","at":"2026-01-31T08:15:00.123456Z","before":"...","digests":{...},"ids":{...},"key":"...","number":7,"who":"ATT-1"}

The second is JSON in the form of RFC 8785: UTF-8, names sorted, no spaces. `hash` is the SHA-256 of these bytes. `mac` is their HMAC-SHA256
by a key derived from the signing key whose id is `key`; both are empty where there was no key. The first row names 64 zeros.

A row holds ids and digests: no name, no phone number and no words about a customer. What was said stands beside the row with a salt; the
row has their digest, so that both can be erased without a change of the chain.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.shared.signing_keys import SigningKey

PURPOSE = "swap-kiosk-audit-1"
NOTHING = "0" * 64
TEXT = "text"
MAX_FINDINGS = 100
_HEAD = re.compile(r"([1-9]\d{0,17}) ([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class RecordKey:
    """What makes the MAC of a row: derived from a signing key, which has this id."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, key: SigningKey) -> "RecordKey":
        """Of a station, or of the platform."""
        return cls(key.public.id, key.derive(PURPOSE))


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a record. Its text is a row number, a space and the row's hash."""

    number: int
    hash: str

    @classmethod
    def read(cls, text: str) -> "Head":
        """Raises BadInput."""
        found = _HEAD.fullmatch(text)
        if found is None:
            raise BadInput("sk-audit", tr("is no head of a record"))
        return cls(int(found[1]), found[2])

    @property
    def text(self) -> str:
        """As it is sent; "" for a record without rows."""
        return f"{self.number} {self.hash}" if self.number else ""


BEGINNING = Head(0, NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """One row. `text_digest` of what was said is one of the digests."""

    number: int
    at: datetime
    act: str
    who: str
    ids: Mapping[str, str]
    digests: Mapping[str, str]
    before: str
    key: str = ""
    hash: str = ""
    mac: str = ""

    @property
    def facts(self) -> dict[str, object]:
        """All of which the hash is made."""
        return {
            "act": self.act,
            "at": record_time(self.at),
            "before": self.before,
            "digests": dict(self.digests),
            "ids": dict(self.ids),
            "key": self.key,
            "number": self.number,
            "who": self.who,
        }

    @property
    def head(self) -> Head:
        """This row as the last one."""
        return Head(self.number, self.hash)


def record_time(moment: datetime) -> str:
    """`2026-01-31T08:15:00.123456Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def row_bytes(row: RecordRow) -> bytes:
    """What is hashed."""
    return f"{PURPOSE}\n{_json(row.facts)}\n".encode()


def seal(row: RecordRow, key: RecordKey | None) -> RecordRow:
    """The row with its hash, and its MAC where there is a key."""
    row = replace(row, key=key.id if key else "")
    content = row_bytes(row)
    return replace(row, hash=hashlib.sha256(content).hexdigest(), mac=_mac(key, content) if key else "")


def holds(row: RecordRow, key: RecordKey | None) -> bool:
    """Whether the row is as it was written, as far as it says itself: its hash, and its MAC where it is of this key."""
    content = row_bytes(row)
    if hashlib.sha256(content).hexdigest() != row.hash:
        return False
    if key is None or row.key != key.id:
        return bool(row.key) == bool(row.mac)
    return hmac.compare_digest(row.mac, _mac(key, content))


def _mac(key: RecordKey, content: bytes) -> str:
    return hmac.new(key.secret, content, hashlib.sha256).hexdigest()


def text_digest(salt: str, text: str) -> str:
    """The digest of words that stand beside a row."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def message_digest(correlation_id: str, plan_id: str, action: str, topic: str, payload: bytes) -> str:
    """The digest of a message that is to be sent: all that decides what it does."""
    about = "".join(f"{each}\n" for each in (correlation_id, plan_id, action, topic))
    return hashlib.sha256(about.encode() + payload).hexdigest()


class RecordFault(StrEnum):
    """What can be wrong with a record. MESSAGE: a message of the outbox is not the one that was recorded. COMPLETION: one is gone, or is
    closed without a word in the record."""

    CHANGED = "changed"
    MISSING = "missing"
    CUT = "cut off"
    END = "end not noted"
    UNSEALED = "without its seal"
    REPLACED = "replaced"
    MESSAGE = "message changed"
    COMPLETION = "completion changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFinding:
    """One fault, of the rows `first` to `last`, or of `about`."""

    fault: RecordFault
    first: int = 0
    last: int = 0
    about: str = ""

    @property
    def sentence(self) -> str:
        """For a person."""
        rows = (
            tr("Row {number}", number=self.first)
            if self.first == self.last
            else tr("Rows {first} to {last}", first=self.first, last=self.last)
        )
        return {
            RecordFault.CHANGED: tr("{rows}: changed after it was written.", rows=rows),
            RecordFault.MISSING: tr("{rows}: missing.", rows=rows),
            RecordFault.CUT: tr("{rows}: cut off at the end.", rows=rows),
            RecordFault.END: tr("The note of where the record ends is missing."),
            RecordFault.UNSEALED: tr("{rows}: without the seal of this station's key.", rows=rows),
            RecordFault.REPLACED: tr("{rows}: not the row that the platform knows.", rows=rows),
            RecordFault.COMPLETION: tr("The completion {about} does not stand where the record has it.", about=self.about),
            RecordFault.MESSAGE: tr("The message of {about} is not the one that was recorded.", about=self.about),
        }[self.fault]


class ChainCheck:
    """Looks at the rows of a record one after the other, from the one after `start` on."""

    def __init__(self, key: RecordKey | None, start: RecordRow | None = None) -> None:
        self._key, self.last = key, BEGINNING if start is None else start.head
        self._sealed = start is not None and bool(start.key)
        self.anchored = start is not None and key is not None and start.key == key.id  # whether the last row is sealed by this key
        self.findings: list[RecordFinding] = []
        self.rows = 0
        self.erased = 0

    def take(self, row: RecordRow, salt: str | None, text: str | None) -> None:
        """The next row, with what was said beside it: no salt where that was erased."""
        before, self.rows = self.last, self.rows + 1
        if row.before != before.hash:
            self._note_gap(before, row)
        if not holds(row, self._key) or not self._holds_text(row, salt, text):
            self.note(RecordFault.CHANGED, row.number, row.number)
        if self._sealed and not row.key:
            self.note(RecordFault.UNSEALED, row.number, row.number)
        self._sealed = self._sealed or bool(row.key)
        self.anchored = self._key is not None and row.key == self._key.id
        self.last = row.head

    def end(self, head: Head | None, acknowledged: Head | None = None) -> None:
        """After the last row. `head` is the record's own note of its end, None where that is missing; `acknowledged` the last head that the
        platform is known to have."""
        last = self.last.number
        told = max((each.number for each in (head, acknowledged) if each is not None), default=0)
        if head is None:
            self.note(RecordFault.END, last, last)
        if told > last:
            self.note(RecordFault.CUT, last + 1, told)
        elif head is not None and head != self.last:
            self.note(RecordFault.CHANGED, last, last)

    def _note_gap(self, before: Head, row: RecordRow) -> None:
        if row.number > before.number + 1:
            self.note(RecordFault.MISSING, before.number + 1, row.number - 1)
        else:
            self.note(RecordFault.CHANGED, before.number or row.number, before.number or row.number)

    def _holds_text(self, row: RecordRow, salt: str | None, text: str | None) -> bool:
        digest = row.digests.get(TEXT)
        if digest is None:
            return not text
        if not salt:
            self.erased += 1
            return not text
        return text_digest(salt, text or "") == digest

    def note(self, fault: RecordFault, first: int, last: int) -> None:
        """One fault more; the same one once, and MAX_FINDINGS at most."""
        found = RecordFinding(fault=fault, first=first, last=last)
        if found not in self.findings and len(self.findings) < MAX_FINDINGS:
            self.findings.append(found)


def exported(row: RecordRow) -> str:
    """A row as one line of JSON, for other programs: what its hash is made of, the hash and the MAC."""
    return f"{_json({**row.facts, 'hash': row.hash, 'mac': row.mac})}\n"


def _json(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
