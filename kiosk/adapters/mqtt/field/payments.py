"""The PaymentDesk in the field dialect, where nothing confirms a payment before its swap is completed.

A swap whose one receipt covers what is due never comes here (see FieldPlans). One that still waits for the platform's word, because it was
begun in the other dialect or because the receipt is a part of what is due, is told so; a supervisor may vouch for it (decision 22).
"""

from kiosk.domain.errors import StepImpossible
from kiosk.domain.swap import Payment, Swap
from kiosk.events import PaymentReceived


class FieldPayments:
    """Implements the port PaymentDesk."""

    async def prepare(self, plan_id: str) -> None:
        """There is nothing to hear."""

    async def confirm(self, _swap: Swap, _payment: Payment, _timeout_seconds: float) -> None:
        """Always raises StepImpossible."""
        raise StepImpossible("this platform confirms a payment with its swap alone, so one receipt must cover all that is due")

    def heard(self, _plan_id: str) -> tuple[PaymentReceived, ...]:
        """Nothing, ever."""
        return ()
