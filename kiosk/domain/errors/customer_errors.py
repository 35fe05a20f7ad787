"""The customer or the plan stops the swap."""

from dataclasses import dataclass
from datetime import timedelta

from kiosk.domain.errors.kiosk_error import KioskError
from kiosk.domain.keyboard import FITS, KeyboardState


class CustomerError(KioskError):
    """The customer or the plan stops the swap."""


@dataclass(eq=False)
class BadCustomerCode(CustomerError):
    """`reason` says what is wrong with the code, e.g. "it is empty"; `keyboard` what may have made it so."""

    reason: str
    keyboard: KeyboardState = FITS


@dataclass(eq=False)
class CustomerUnknown(CustomerError):
    """No plan has this code; `keyboard` is what may have changed it on its way from the scanner."""

    code: str
    keyboard: KeyboardState = FITS

    @property
    def for_log(self) -> str:
        """Without what was typed or scanned: it may be a name."""
        return type(self).__name__


@dataclass(eq=False)
class PlanUnavailable(CustomerError):
    """The platform did not answer in time and this kiosk has never seen the plan."""

    code: str

    @property
    def for_log(self) -> str:
        """Without what was typed or scanned: it may be a name."""
        return type(self).__name__


@dataclass(eq=False)
class PlanTooOld(CustomerError):
    """The platform did not answer and the cached plan is older than `limit` (decision 19)."""

    code: str
    age: timedelta
    limit: timedelta


@dataclass(eq=False)
class PlanBlocked(CustomerError):
    """The plan may not swap; `state` is the FSM state that forbids it (decision 15)."""

    plan_id: str
    state: str
    pay_first: bool = False


@dataclass(eq=False)
class PlanInvalid(CustomerError):
    """The plan document breaks a rule; `where` is the key, `reason` a phrase."""

    where: str
    reason: str
