"""The PaymentChannel in the field dialect, where nothing confirms a payment before its swap is completed.

A swap comes here only where its plan asks for the platform's word, because it was begun in the other dialect or imported from a file (see
FieldPlans): the attendant sees that none comes, and a supervisor may approve the receipt (decision 22).
"""

from kiosk.domain.errors import StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.money.payment_received import PaymentReceived
from kiosk.domain.swap.swap import Payment, Swap


class FieldPayments:
    """Implements the port PaymentChannel."""

    takes_parts = False

    async def prepare(self, plan_id: str) -> None:
        """There is nothing to subscribe to."""

    async def confirm(self, _swap: Swap, _payment: Payment, _timeout_seconds: float) -> None:
        """Always raises StepImpossible."""
        raise StepImpossible(tr("this platform confirms a payment with its swap alone; a supervisor may approve it"))

    def received_payments(self, _plan_id: str) -> tuple[PaymentReceived, ...]:
        """Nothing, ever."""
        return ()
