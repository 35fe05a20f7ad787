"""What the mutations take. The specification's examples name all that is required; an absent field and null are one."""

from decimal import Decimal

import strawberry

from kiosk.domain.plan.template import ServiceConfiguration
from kiosk.platform.templates.composing import CreateTemplate, UpdateTemplate

BY = "graphql"  # in the change log, where nobody is named


@strawberry.input(description="One service of the template. The unit of `quota` and `unit_price` is a kWh or a swap.")
class ServiceConfigurationInput:
    """As ServiceConfiguration."""

    service_id: strawberry.ID
    quota: Decimal
    tracks_asset: bool = False
    unit: str | None = None
    decimal_precision: int | None = None
    unit_price: Decimal | None = None
    usage_metric: str | None = None
    name: str | None = None

    def value(self) -> ServiceConfiguration:
        """The domain's value; the template service looks at its numbers."""
        return ServiceConfiguration(
            service_id=self.service_id,
            quota=self.quota,
            tracks_asset=self.tracks_asset,
            unit=self.unit,
            decimal_precision=self.decimal_precision,
            unit_price=self.unit_price,
            usage_metric=self.usage_metric,
            name=self.name,
        )


def _services(given: list[ServiceConfigurationInput] | None) -> tuple[ServiceConfiguration, ...] | None:
    if given is None:
        return None
    return tuple(each.value() for each in given)


@strawberry.input(
    description="A template's first version. Its documents are named by their ids. Without `id` one is made of the name; without `version` "
    "it is 1.0.0; the currency is the country's and the services are the agent configuration's unless they are given."
)
class CreateTemplateInput:
    """The specification's, and what its example leaves to be made."""

    name: str
    description: str
    country_code: str
    legal_jurisdiction: str
    contract_terms_id: strawberry.ID
    service_cycle_fsm_id: strawberry.ID
    payment_cycle_fsm_id: strawberry.ID
    agent_config_id: strawberry.ID
    created_by: str
    id: strawberry.ID | None = None
    version: str | None = None
    billing_currency: str | None = None
    service_configurations: list[ServiceConfigurationInput] | None = None

    def value(self) -> CreateTemplate:
        """For the template service."""
        given = {name: each for name, each in vars(self).items() if name != "service_configurations"}
        return CreateTemplate(**given, service_configurations=_services(self.service_configurations))


@strawberry.input(description="A refinement: what is absent or null stays as it is. Without `version` the differences decide it.")
class UpdateTemplateInput:
    """What may be refined."""

    updated_by: str | None = None
    name: str | None = None
    description: str | None = None
    country_code: str | None = None
    legal_jurisdiction: str | None = None
    billing_currency: str | None = None
    contract_terms_id: strawberry.ID | None = None
    service_cycle_fsm_id: strawberry.ID | None = None
    payment_cycle_fsm_id: strawberry.ID | None = None
    agent_config_id: strawberry.ID | None = None
    service_configurations: list[ServiceConfigurationInput] | None = None
    version: str | None = None

    def value(self) -> UpdateTemplate:
        """For the template service."""
        given = {name: each for name, each in vars(self).items() if name not in ("service_configurations", "updated_by")}
        return UpdateTemplate(**given, updated_by=self.updated_by or BY, service_configurations=_services(self.service_configurations))


@strawberry.input(description="Nothing else: a plan is its template's, without overrides.")
class CreateServicePlanFromTemplateInput:
    """The specification's."""

    template_id: strawberry.ID
    customer_id: strawberry.ID
