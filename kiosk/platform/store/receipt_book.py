"""What the platform has booked of a transaction, as a receipt of it would be signed: for whoever asks whether a receipt is genuine.

Reads only. Raises StoreFailed.
"""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import BindParameter, bindparam, select

from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import CurrencyConflict
from kiosk.domain.requests import CompleteService
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.tables import payment_events, service_events, transactions
from kiosk.wire.actions import ISSUE
from kiosk.wire.exact_json import loads
from kiosk.wire.request_documents import request_from_json
from kiosk.wire.signed_receipts import ReceiptFacts

_OF: BindParameter[str] = bindparam("transaction")
_BOOKED = select(transactions.c.plan_id, transactions.c.request).where(transactions.c.correlation_id == _OF, transactions.c.part == ISSUE)
_NET = select(service_events.c.net_kwh).where(service_events.c.correlation_id == _OF, service_events.c.event_type == "SERVICE_COMPLETED")
_PAID = select(payment_events.c.amount, payment_events.c.currency).where(payment_events.c.owner == _OF)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedReceipt:
    """`facts` is None where what was sent does not say all of them: the older sequence tells no time."""

    facts: ReceiptFacts | None


class ReceiptBook:
    """Works on the platform's database."""

    def __init__(self, store: PlatformStore) -> None:
        self._store = store

    def find(self, transaction: str) -> BookedReceipt | None:
        """The booked swap, None where there is none. Raises StoreFailed."""
        of = {"transaction": transaction}
        with self._store.reading() as connection:
            booked = connection.execute(_BOOKED, of).one_or_none()
            if booked is None:
                return None
            net, paid = connection.execute(_NET, of).scalar(), connection.execute(_PAID, of).all()
        request = request_from_json(loads(booked.request))
        if not isinstance(request, CompleteService):
            return BookedReceipt(facts=None)
        return BookedReceipt(
            facts=ReceiptFacts.of_swap(
                transaction=transaction,
                station=request.attendant_station,
                at=request.transaction_timestamp,
                net_kwh=net,
                amount=sum((Decimal(each.amount) for each in paid), ZERO),
                currency=paid[0].currency if paid else self._currency(booked.plan_id),
            )
        )

    def _currency(self, plan_id: str) -> str:
        plan = self._store.plan(plan_id)
        try:
            return "" if plan is None else plan.billing_currency
        except CurrencyConflict:
            return ""
