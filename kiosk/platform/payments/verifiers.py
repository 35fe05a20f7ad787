"""Verifiers decide whether a receipt was paid. The platform asks once for each receipt, outside any transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from kiosk.domain.errors import PaymentInvalid, PaymentRefused, PaymentUnconfirmed
from kiosk.domain.money.money import check_receipt
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import ProcessPayment

MAX_METHOD_LENGTH = 64


class PaymentVerifier(Protocol):
    """Knows the payments, e.g. the ERP system. Has its own deadline."""

    def verify(self, payment: ProcessPayment, plan: ServicePlan) -> None:
        """Returns when it was paid. Raises PaymentRefused; PaymentUnconfirmed when it cannot be known now: the request then stays
        unanswered, and a later try may succeed."""
        ...


class AcceptWellFormed:
    """Takes every receipt that can be one (`check_form` has looked at it). For stations without an ERP system."""

    def verify(self, payment: ProcessPayment, plan: ServicePlan) -> None:
        """Every payment was paid."""


class ConfirmedOnly:
    """Takes what the ERP system has confirmed: those receipts are recorded, so one that is asked about here is not confirmed yet."""

    def verify(self, payment: ProcessPayment, plan: ServicePlan) -> None:
        """Raises PaymentUnconfirmed."""
        del plan
        raise PaymentUnconfirmed(payment.payment_receipt_id, 0.0)


VERIFIERS: Mapping[str, Callable[[], PaymentVerifier]] = {"accept": AcceptWellFormed, "confirmed": ConfirmedOnly}
"""By the name of the policy: whether a receipt counts when it is shown, or only when the ERP system has confirmed it."""


@dataclass(slots=True)
class ScriptedPayments:
    """For training and tests: refuses or keeps silent for the receipt ids and plan ids named, and takes every other.

    `refused` maps an id to the reason; both may be changed while the platform runs.
    """

    refused: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    def verify(self, payment: ProcessPayment, plan: ServicePlan) -> None:
        """Raises PaymentRefused, PaymentUnconfirmed as scripted."""
        for each in (payment.payment_receipt_id, plan.id):
            if each in self.silent:
                raise PaymentUnconfirmed(payment.payment_receipt_id, 0.0)
            if each in self.refused:
                raise PaymentRefused(payment.payment_receipt_id, self.refused[each])


def check_form(payment: ProcessPayment) -> None:
    """Raises PaymentInvalid for an amount, a receipt id or a method that cannot be one."""
    check_receipt(payment.payment_amount, payment.payment_receipt_id)
    method = payment.payment_method
    if not method.strip() or len(method) > MAX_METHOD_LENGTH or not method.isprintable():
        raise PaymentInvalid("the method is empty, too long or not readable")
