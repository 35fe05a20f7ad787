"""Who may let a swap go on where the rules stop it, at a counter that knows no people (decisions 22, 28).

A supervisor is then one of the ids of `[station] supervisors`: `People` asks here until one person is known. Where none is set up nobody
can approve, and nothing is offered that needs it.
"""

from collections.abc import Collection

from kiosk.domain.approval import Approval, stated_reason
from kiosk.domain.errors import NotApproved
from kiosk.domain.language import tr


def approvals(supervisors: Collection[str], supervisor: str, reason: str) -> Approval:
    """The approval of `supervisor`, as the id is configured, for a stated reason. Raises NotApproved."""
    typed = supervisor.strip()
    known = next((each for each in supervisors if each.upper() == typed.upper()), None)
    if known is None:
        raise NotApproved(tr("{id} is no supervisor of this station", id=typed) if typed else tr("no supervisor is named"))
    return Approval(supervisor=known, reason=stated_reason(reason))
