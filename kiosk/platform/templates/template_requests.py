"""What the template service takes and gives."""

from dataclasses import dataclass

from kiosk.domain.plan.template import ServiceConfiguration
from kiosk.platform.store.template_values import ACTIVE, DEPRECATED, ChangeKind, DocumentKind, NamedDocument, TemplateChange, TemplateRecord

__all__ = [
    "ACTIVE",
    "DEPRECATED",
    "ChangeKind",
    "CreateTemplate",
    "DocumentKind",
    "NamedDocument",
    "TemplateChange",
    "TemplateRecord",
    "UpdateTemplate",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTemplate:
    """The specification's CreateTemplateInput: documents are named by their ids.

    What is None is made: `id` from the name, `version` 1.0.0, `billing_currency` from the country, `service_configurations` from the agent
    configuration document.
    """

    name: str
    description: str
    country_code: str
    legal_jurisdiction: str
    contract_terms_id: str
    service_cycle_fsm_id: str
    payment_cycle_fsm_id: str
    agent_config_id: str
    created_by: str
    id: str | None = None
    version: str | None = None
    billing_currency: str | None = None
    service_configurations: tuple[ServiceConfiguration, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTemplate:
    """UpdateTemplateInput: what is None stays as it is in the newest version. `version` None is made from the differences."""

    updated_by: str = ""
    name: str | None = None
    description: str | None = None
    country_code: str | None = None
    legal_jurisdiction: str | None = None
    billing_currency: str | None = None
    contract_terms_id: str | None = None
    service_cycle_fsm_id: str | None = None
    payment_cycle_fsm_id: str | None = None
    agent_config_id: str | None = None
    service_configurations: tuple[ServiceConfiguration, ...] | None = None
    version: str | None = None
