"""The record: each act of a person or a machine that matters is a row of a chain, written in the transaction of the act (decision 37).

What a step of a swap, money, an answer or a binding does is recorded by the store. `record` is for acts that store nothing else: they are
recorded first, and done only if that succeeds. `head` goes out with each message that is signed; `acknowledge` is told each head that the
platform has answered. At the start all rows after that head are looked at in the background; the whole record on demand.
"""

import asyncio
import hashlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

from kiosk.domain.display import MAX_NOTE, cleaned
from kiosk.domain.errors import BadInput, KioskError, StepImpossible, StoreFailed
from kiosk.domain.language import tr, tr_count
from kiosk.domain.messages import message_for
from kiosk.shared.record_chain import Head, RecordFinding, RecordRow
from kiosk.shared.system import Clock
from kiosk.station.health import NOT_KNOWN, Health, HealthState
from kiosk.station.ports.record import ACCEPTED, FINDINGS, Checked, HeadFile, RecordStore

log = logging.getLogger(__name__)
KEEP_SECONDS = 60.0  # between two writes of the acknowledged head; an older one proves as much, of fewer rows
LOOK_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerdict:
    """What is wrong with the record, if anything; `acknowledged` by a person: who, and when."""

    checked: Checked
    told: Head | None
    acknowledged: RecordRow | None

    @property
    def findings(self) -> tuple[RecordFinding, ...]:
        """Each fault."""
        return self.checked.findings

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, is missing or is cut off."""
        return not self.findings

    @property
    def words(self) -> str:
        """One or two sentences."""
        checked = self.checked
        if self.findings:
            more = len(self.findings) - 1
            first = self.findings[0].sentence
            return f"{first} {tr_count('{count} more.', '{count} more.', more)}" if more else first
        rows = tr_count("{count} row is as it was written.", "{count} rows are as they were written.", checked.rows)
        return f"{rows} {self.anchor_words}"

    @property
    def anchor_words(self) -> str:
        """What proves the rows."""
        if not self.checked.has_key:
            return tr("Not anchored: this station has no key.")
        if not self.checked.anchored:
            return tr("Not anchored: the last row is not sealed by this station's key.")
        return tr("Sealed by this station's key.")


class Record:
    """Runs on the I/O thread, or in a command at the terminal."""

    def __init__(self, store: RecordStore, heads: HeadFile, clock: Clock) -> None:
        self._store, self._heads, self._clock = store, heads, clock
        self._told = heads.read()
        self._kept_at: float | None = None
        self._health = NOT_KNOWN
        self._stopped, self._looked = Event(), asyncio.Event()

    def record(self, act: str, who: str = "", text: str = "", **ids: str) -> None:
        """One row. `act` is constant words, `who` an id, `ids` name no customer; what a person said or wrote is the `text`. What cannot be
        recorded is not done: raises StoreFailed."""
        self._store.audit(self._clock.now(), act, ids.pop("transaction", ""), text, who=who, ids=ids)

    def note_clock(self, moved_by: timedelta) -> None:
        """The wall clock was set. It has happened, whether or not it can be recorded: raises nothing."""
        try:
            self.record("clock moved", seconds=f"{moved_by.total_seconds():+.0f}")
        except StoreFailed as error:
            log.warning("that the clock moved by %s is not recorded: %s", moved_by, error.reason)

    async def record_settings(self, section: str, values: Mapping[str, str | int], who: str = "") -> None:
        """Settings that are about to be stored at the window; the values are known by their digest. Raises StoreFailed."""
        self.record("settings changed", who, str(dict(values)), section=section, keys=", ".join(sorted(values)))

    def head(self) -> str:
        """The head of now, as it is signed: row number, space, hash; "" before the first row. Raises StoreFailed."""
        return self._store.record_head().text

    def acknowledge(self, head: str) -> None:
        """The platform has answered a message that was signed with this head. Raises nothing: a head that is not kept proves less, no more.

        One that is not of this record changes nothing, nor does any while the last one is not of this record: then a copy was restored, and
        a person acknowledges that.
        """
        now = self._clock.monotonic()
        if not head or (self._kept_at is not None and now - self._kept_at < KEEP_SECONDS):
            return
        try:
            told = Head.read(head)
            if self._is_ours(told) and (self._told is None or (told.number > self._told.number and self._is_ours(self._told))):
                self._heads.keep(told)
                self._told, self._kept_at = told, now
        except (StoreFailed, BadInput) as error:
            log.warning("what the platform has of the record is not kept: %s", error.reason)

    def _is_ours(self, head: Head) -> bool:
        row = self._store.record_row(head.number)
        return row is not None and row.hash == head.hash

    def rows(self) -> Iterator[RecordRow]:
        """All rows, in their order. Raises StoreFailed."""
        return self._store.record_rows()

    # -- looking at it

    async def verify(self, *, whole: bool = True) -> RecordVerdict:
        """Look at the whole record, or at what came after the head that the platform has. Raises StoreFailed."""
        told = self._told = self._heads.read()
        checked = await asyncio.to_thread(self._store.check_record, told, whole=whole, stopped=self._stopped.is_set)
        accepted = checked.accepted
        is_accepted = accepted is not None and accepted.digests.get(FINDINGS) == _digest(checked.findings)
        return RecordVerdict(checked=checked, told=told, acknowledged=accepted if is_accepted else None)

    async def accept(self, who: str, reason: str) -> RecordVerdict:
        """A person acknowledges what is found now, with a reason: after a restore, say. The record goes on from here, and says so.

        Raises BadInput without a person or a reason, StepImpossible where nothing is found, StoreFailed.
        """
        who, reason = cleaned(who, MAX_NOTE), cleaned(reason, MAX_NOTE)
        if not who or not reason:
            raise BadInput(tr("the reason") if who else tr("who acknowledges it"), tr("is empty"))
        found = await self.verify()
        if found.whole:
            raise StepImpossible(tr("nothing is found in the record"))
        told = {"platform_had": found.told.text} if found.told else {}
        self._store.audit(self._clock.now(), "findings looked at", detail=found.words, who=who, ids=told)
        if found.told is not None and not self._is_ours(found.told):
            self._heads.keep(self._store.record_head())
        left = await self.verify()
        self._store.audit(self._clock.now(), ACCEPTED, detail=reason, who=who, digests={FINDINGS: _digest(left.findings)})
        return await self.verify()

    async def run(self) -> None:
        """Look at the record in the background, at the start and each hour, until cancelled."""
        try:
            while True:
                self._health = await self._look()
                self._looked.set()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._stopped.set()

    async def health(self) -> Health:
        """As it was found last; waits for the first look of `run`."""
        await self._looked.wait()
        return self._health

    async def _look(self) -> Health:
        try:
            return record_health(await self.verify(whole=False))
        except KioskError as error:
            return Health(state=HealthState.WARNING, what=message_for(error).sentence, repair=tr("Call the technician."))


def record_health(verdict: RecordVerdict) -> Health:
    """How the record is, for the lights and `doctor`."""
    if verdict.whole:
        return Health(state=HealthState.OK, what=verdict.words)
    if verdict.acknowledged is not None:
        by = verdict.acknowledged
        what = tr("{words} Accepted by {who} on {day}.", words=verdict.words, who=by.who, day=f"{by.at:%Y-%m-%d}")
        return Health(state=HealthState.OK, what=what)
    return Health(
        state=HealthState.WRONG,
        what=verdict.words,
        repair=tr("Swaps go on. Call the technician: `{command}` says more.", command="swap-kiosk audit verify"),
    )


def _digest(findings: tuple[RecordFinding, ...]) -> str:
    """Of which rows and messages they are; a row that was cut off is a missing one as soon as there is one after it."""
    lines = sorted(f"{each.first} {each.last} {each.about}\n" for each in findings)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
