"""The older sequence: a payment that the platform has recorded for this transaction tops up the quota before the check-out
(decisions 9, 21).

COMPLETE_SERVICE carries its payment and needs none of this.
"""

from dataclasses import replace
from decimal import Decimal

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.agent.energy import energy_of
from kiosk.domain.errors import KioskError
from kiosk.domain.money.money import check_covers, payment_credit
from kiosk.domain.plan.quota import Credit, check_quota
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import EquipmentCheckout
from kiosk.platform.store.store_values import RecordedPayment


def top_up_prepaid(
    request: EquipmentCheckout, plan: ServicePlan, payments: tuple[RecordedPayment, ...], context: AgentContext
) -> ServicePlan:
    """The plan with its quotas topped up by what was paid for this transaction; the same object where nothing is short or it does not
    suffice."""
    amount = sum((each.amount for each in payments if each.plan_id == plan.id), Decimal(0))
    if not amount:
        return plan
    try:
        quota = check_quota(plan, energy_of(request, plan).net_kwh)
        if not quota.exhausted:
            return plan
        check_covers(quota, plan, amount, context.collectable)
        credit = payment_credit(quota, plan, amount, context.collectable)
    except KioskError:
        return plan  # the agent will name the reason
    return _add_credit(plan, credit)


def _add_credit(plan: ServicePlan, credit: Credit) -> ServicePlan:
    swaps, electricity = plan.swap_count, plan.electricity
    credited = plan.with_states(replace(swaps, quota=swaps.quota + credit.swaps))
    if electricity is None:
        return credited
    return credited.with_states(replace(electricity, quota=electricity.quota + credit.kwh))
