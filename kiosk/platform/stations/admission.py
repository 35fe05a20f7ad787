"""Judges requests by the register as it is now, and notes who was seen without a signature and whose name was used wrongly.

Notes are for people: each is written once a minute at most, and one that cannot be written stops nothing.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from kiosk.domain.errors import BadInput, KioskError, StationRefused
from kiosk.platform.stations.enrolling import EnrolmentRule
from kiosk.platform.stations.judging import RequestMessage, SenderVerdict, judge
from kiosk.platform.store.station_register import StationRegister
from kiosk.platform.store.station_values import StationBook
from kiosk.shared.record_chain import Head
from kiosk.shared.system import Clock
from kiosk.wire.checked import MAX_ID_LENGTH, id_fault
from kiosk.wire.enrolment import EnrolmentQuestion
from kiosk.wire.signed_messages import read_signature

log = logging.getLogger(__name__)
NOTE_SECONDS = 60.0
_MAX_NOTED = 5000  # in memory; then all are forgotten


class StationAdmission:
    """For one thread."""

    def __init__(self, register: StationRegister, clock: Clock) -> None:
        self._register, self._clock = register, clock
        self._noted: dict[tuple[str, str], float] = {}
        self._heads: dict[str, str] = {}  # of each station, the head that was noted last

    def judge_all(self, messages: Sequence[RequestMessage]) -> list[SenderVerdict]:
        """A verdict for each. Raises StoreFailed."""
        if not messages:
            return []
        book = self._register.book(name for each in messages for name in each.named if _can_be_looked_up(name))
        now = self._clock.now()
        verdicts = [judge(each, book, now) for each in messages]
        for message, verdict in zip(messages, verdicts, strict=True):
            self._note(message, verdict, book)
        self._note_heads(zip(messages, verdicts, strict=True), now)
        return verdicts

    def enrol(self, question: EnrolmentQuestion) -> None:
        """Take the key of a station that knows its secret. Raises StationRefused, StoreFailed.

        Anybody may ask: who does not know the secret costs the database a look and no lock."""
        now, key = self._clock.now(), question.public_key
        rule = EnrolmentRule(question=question, owner=self._register.owner_of(key), now=now)
        decision = rule.decide(self._register.book((question.station,)).stations.get(question.station))
        if decision.key is not None or decision.act:
            decision = self._register.enrol(question.station, key, now, rule.decide)
        if decision.reason:
            raise StationRefused(decision.reason)

    def _note_heads(self, judged: Iterable[tuple[RequestMessage, SenderVerdict]], now: datetime) -> None:
        """How far the records of stations had come when they signed, each head once."""
        told: dict[tuple[str, str], datetime] = {}
        for message, verdict in judged:
            signature = read_signature(message.properties) if verdict.signer and verdict.is_taken else None
            if signature is not None and signature.audit and self._heads.get(verdict.signer) != signature.audit:
                told[verdict.signer, signature.audit] = signature.at
        if not told:
            return
        try:
            self._register.note_heads([(station, Head.read(text), at) for (station, text), at in told.items()], now)
        except BadInput as error:
            log.warning("a station tells the head of its record wrongly: %s", error.reason)
        except KioskError as error:
            log.warning("the heads of records could not be noted: %s", getattr(error, "reason", error))
            return
        if len(self._heads) >= _MAX_NOTED:
            self._heads.clear()
        self._heads.update(told.keys())

    def _note(self, message: RequestMessage, verdict: SenderVerdict, book: StationBook) -> None:
        name = message.station if _can_be_looked_up(message.station) else ""
        if verdict.is_taken and not verdict.signer:
            self._write("", name)
        elif verdict.refusal is not None:
            for each in {*message.named} & book.stations.keys():
                self._write(verdict.refusal, each)

    def _write(self, why: str, name: str) -> None:
        """Once a minute; `why` is empty for what was taken."""
        now = self._clock.monotonic()
        last = self._noted.get((why, name))
        if last is not None and now - last < NOTE_SECONDS:
            return
        if len(self._noted) >= _MAX_NOTED:
            self._noted.clear()
        self._noted[why, name] = now
        try:
            if why:
                log.warning("a message in the name of station %r was refused: %s", name, why)
                self._register.note_refused(name, why, self._clock.now())
            else:
                self._register.note_unsigned(name, self._clock.now())
        except KioskError as error:
            log.warning("who was seen could not be noted: %s", getattr(error, "reason", error))


def _can_be_looked_up(name: str) -> bool:
    return len(name) <= MAX_ID_LENGTH and id_fault(name) is None
