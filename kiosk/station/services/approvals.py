"""Who may let a swap go on where the rules stop it. Every act of a supervisor at a counter asks here (decisions 22, 28).

Today a supervisor is one of the ids of `[station] supervisors`. Where none is set up nobody can approve, and nothing is offered that
needs it, but for one thing: readings in doubt are then decided by the attendant, with a reason (decision 59). A false doubt would else
stop a customer whom nobody there can help.
"""

from collections.abc import Collection

from kiosk.domain.approval import Approval
from kiosk.domain.display import cleaned
from kiosk.domain.errors import NotApproved
from kiosk.domain.language import tr

MAX_REASON_LENGTH = 200


def approvals(supervisors: Collection[str], supervisor: str, reason: str) -> Approval:
    """The approval of `supervisor`, as the id is configured, for a stated reason. Raises NotApproved."""
    typed = supervisor.strip()
    known = next((each for each in supervisors if each.upper() == typed.upper()), None)
    if known is None:
        raise NotApproved(tr("{id} is no supervisor of this station", id=typed) if typed else tr("no supervisor is named"))
    return Approval(supervisor=known, reason=_stated(reason))


def doubt_approval(supervisors: Collection[str], attendant_id: str, supervisor: str, reason: str) -> Approval:
    """Of readings in doubt: as `approvals`, and where no supervisor is set up the attendant's own decision. Raises NotApproved."""
    if supervisors:
        return approvals(supervisors, supervisor, reason)
    return Approval(supervisor=attendant_id, reason=_stated(reason))


def _stated(reason: str) -> str:
    """Raises NotApproved."""
    stated = cleaned(reason, MAX_REASON_LENGTH + 1)
    if not stated:
        raise NotApproved(tr("a reason is missing"))
    if len(stated) > MAX_REASON_LENGTH:
        raise NotApproved(tr("the reason must be text of at most {limit} characters", limit=MAX_REASON_LENGTH))
    return stated
