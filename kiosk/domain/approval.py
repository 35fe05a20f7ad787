"""An approval: who let a swap go on where the rules stop it, and why."""

from dataclasses import dataclass

from kiosk.domain.display import cleaned
from kiosk.domain.errors import NotApproved
from kiosk.domain.language import tr
from kiosk.domain.people import is_badge

MAX_REASON_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The id of a supervisor and the reason as it was given; both are kept with the swap. At a station without supervisors the id of the
    attendant, where the rules leave it to them (decision 59)."""

    supervisor: str
    reason: str

    @property
    def words(self) -> str:
        """For the record: "SUP-007: charged at home"."""
        return f"{self.supervisor}: {self.reason}"


def stated_reason(reason: str) -> str:
    """The reason as it is kept: text that can be shown. Raises NotApproved where there is none, or more than MAX_REASON_LENGTH."""
    stated = cleaned(reason, MAX_REASON_LENGTH + 1)
    if not stated:
        raise NotApproved(tr("a reason is missing"))
    if is_badge(reason):
        raise NotApproved(tr("the reason holds a badge"))
    if len(stated) > MAX_REASON_LENGTH:
        raise NotApproved(tr("the reason must be text of at most {limit} characters", limit=MAX_REASON_LENGTH))
    return stated
