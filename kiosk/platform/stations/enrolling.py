"""Whether a station is enrolled by the key that it brings (decision 26). Pure rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.domain.language import tr
from kiosk.platform.store.station_values import KeyDecision, PendingEnrolment, RegisteredStation
from kiosk.wire.enrolment import EnrolmentQuestion

BOTH_KEYS = timedelta(days=1)
"""How long the former key counts beside a new one."""
REFUSED_ACT, ENROLLED_ACT = "enrolment_refused", "station_enrolled"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRule:
    """The question, and `owner`: the station that its key is registered for already, "" for none."""

    question: EnrolmentQuestion
    owner: str
    now: datetime

    def decide(self, station: RegisteredStation | None) -> KeyDecision:
        """A secret brings one key, once, within its time. The same key again is a lost answer."""
        waiting = None if station is None else station.enrolment
        if station is None or waiting is None or not self.question.is_proved(waiting.secret_hash):
            return KeyDecision(
                reason=tr("the secret is not that of this station's last enrolment file; write a new one: platform station add")
            )
        known = next((each for each in station.keys if each.key == self.question.public_key), None)
        if known is not None and known.counts(self.now):
            return KeyDecision()
        reason = self._refuse(waiting)
        if reason:
            return KeyDecision(reason=reason, act=REFUSED_ACT)
        return KeyDecision(key=self.question.public_key, others_until=self.now + BOTH_KEYS, act=ENROLLED_ACT)

    def _refuse(self, waiting: PendingEnrolment) -> str:
        """Why who knows the secret is not enrolled, "" where it is."""
        if self.owner:
            return tr("this key was registered before; the counter needs a new one")
        if waiting.used_at is not None:
            return tr("the secret was used already, by another key; if that was not you, revoke the station and write a new file")
        if self.now >= waiting.until:
            return tr("the secret has ended, it counts for 24 hours; write a new one: platform station add")
        return ""
