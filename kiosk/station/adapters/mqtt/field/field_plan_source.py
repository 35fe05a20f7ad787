"""The PlanSource in the field dialect: the specification's question and answer, and what the field leaves out of a plan.

A field platform confirms no payment apart from its swap, so its plans ask for no confirmation before: the answer to the completion is
the confirmation, and PAYMENT_FAILED there refuses the swap. Raises what MqttPlans raises.
"""

from dataclasses import replace

from kiosk.domain.customer_code import CustomerCode
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.station.adapters.mqtt.completion_messages import EXPIRY_SECONDS
from kiosk.station.adapters.mqtt.plan_source import MqttPlans


class FieldPlans(MqttPlans):
    """Implements the port PlanSource."""

    expiry_seconds = EXPIRY_SECONDS

    async def identify(self, code: CustomerCode, timeout_seconds: float) -> ServicePlan:
        """The plan as the platform has it now. Raises CustomerUnknown, PlanInvalid, LinkDown."""
        return confirmed_with_the_swap(await super().identify(code, timeout_seconds))


def confirmed_with_the_swap(plan: ServicePlan) -> ServicePlan:
    """The plan whose payments wait for no word of the platform's before the swap."""
    config = plan.template.agent_config
    completion = replace(config.service_completion, require_payment_confirmation=False)
    return replace(plan, template=replace(plan.template, agent_config=replace(config, service_completion=completion)))
