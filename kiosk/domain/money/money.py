"""What a swap costs and what a payment buys (decisions 5, 9, 10)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from functools import partial

from kiosk.domain.decimals import ZERO, minor_unit, round_half_up, round_up_to_unit
from kiosk.domain.errors import PaymentError, PaymentInvalid, PaymentTooSmall, PriceMissing, RenewalNeeded
from kiosk.domain.language import tr
from kiosk.domain.plan.quota import Credit, QuotaCheck
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.written import write_number

MAX_AMOUNT = Decimal(10_000_000)
MAX_RECEIPT_ID_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Collectable:
    """The smallest unit that can be collected, by currency; the minor unit where nothing is configured (decision 5)."""

    units: Mapping[str, Decimal] = field(default_factory=dict)

    def unit(self, currency: str) -> Decimal:
        """The unit for an ISO code, e.g. 0.01 for USD, 1 for KES where so configured."""
        return self.units.get(currency) or minor_unit(currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """What has to be bought for a swap and what it costs. Prices are None where nothing of that kind is short."""

    amount_kwh: Decimal
    amount_swaps: Decimal
    price_kwh: Decimal | None
    price_swap: Decimal | None
    cost: Decimal
    currency: str


def top_up(quota: QuotaCheck, plan: ServicePlan, collectable: Collectable) -> TopUp:
    """The top-up of an exhausted quota, its cost rounded up to the collectable unit.

    Raises PriceMissing (energy is owed and has no price), RenewalNeeded (no swaps left and no price for one), CurrencyConflict.
    """
    price_kwh = _price(plan, plan.electricity, partial(PriceMissing, quota.deficit_kwh)) if quota.deficit_kwh else None
    price_swap = _price(plan, plan.swap_count, partial(RenewalNeeded, int(quota.deficit_swaps))) if quota.deficit_swaps else None
    exact = quota.deficit_kwh * (price_kwh or ZERO) + quota.deficit_swaps * (price_swap or ZERO)
    currency = plan.billing_currency
    return TopUp(
        amount_kwh=quota.deficit_kwh,
        amount_swaps=quota.deficit_swaps,
        price_kwh=price_kwh,
        price_swap=price_swap,
        cost=round_up_to_unit(exact, collectable.unit(currency)),
        currency=currency,
    )


def _price(plan: ServicePlan, service: ServiceState | None, missing: Callable[[], PaymentError]) -> Decimal | None:
    """Of one of a service that is short. Raises what `missing` makes where none is known."""
    if service is None:
        return None
    price = plan.unit_price(service)
    if not price or not plan.billing_currency:
        raise missing()
    return price


def check_receipt(amount: Decimal, receipt_id: str) -> None:
    """Raises PaymentInvalid for what can be no amount or no receipt id."""
    if not amount.is_finite() or amount <= 0 or amount > MAX_AMOUNT:
        raise PaymentInvalid(tr("{amount} is not an amount", amount=amount))
    if not receipt_id.strip() or len(receipt_id) > MAX_RECEIPT_ID_LENGTH or not receipt_id.isprintable():
        raise PaymentInvalid(tr("the receipt id is empty, too long or not readable"))


def check_decimals(amount: Decimal, currency: str) -> None:
    """Raises PaymentInvalid for an amount that cannot be paid in this currency: 5.001 USD, 10.5 XOF. Without a currency every one can."""
    if currency and amount % minor_unit(currency):
        raise PaymentInvalid(tr("{amount} has more decimals than {currency} has", amount=write_number(amount), currency=currency))


def check_covers(quota: QuotaCheck, plan: ServicePlan, amount: Decimal, collectable: Collectable) -> TopUp:
    """The top-up that `amount` pays. Raises as `top_up`, and PaymentTooSmall when it does not cover what is missing (decision 9)."""
    due = top_up(quota, plan, collectable)
    if amount < due.cost:
        raise PaymentTooSmall(due.cost - amount, due.currency)
    return due


def credit_for(due: TopUp, amount: Decimal, energy_precision: int) -> Credit:
    """What a sufficient payment buys: the missing swaps first, kWh for all the rest (decision 9).

    The kWh are rounded to the service's precision, but never below what was missing, which the amount covers. Where no kWh
    were missing the whole amount buys whole swaps.
    """
    if due.price_kwh is None:
        return Credit(swaps=(amount / due.price_swap).to_integral_value(ROUND_FLOOR)) if due.price_swap else Credit()
    rest = amount - due.amount_swaps * (due.price_swap or ZERO)
    return Credit(kwh=max(round_half_up(rest / due.price_kwh, energy_precision), due.amount_kwh), swaps=due.amount_swaps)


def payment_credit(quota: QuotaCheck, plan: ServicePlan, amount: Decimal, collectable: Collectable) -> Credit:
    """What receipts over `amount` credit, which cover what is missing: nothing unless the quota is exhausted (decision 9).

    Raises as `top_up`.
    """
    return credit_for(top_up(quota, plan, collectable), amount, plan.energy_precision) if quota.exhausted else Credit()


def beyond(due: TopUp, amount: Decimal, energy_precision: int) -> Credit:
    """What `amount` buys beyond what is missing: kWh and swaps that stay on the plan after this swap; nothing when it does not cover it."""
    if amount <= due.cost:
        return Credit()
    bought = credit_for(due, amount, energy_precision)
    return Credit(kwh=bought.kwh - due.amount_kwh, swaps=bought.swaps - due.amount_swaps)
