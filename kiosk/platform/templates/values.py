"""What the template service takes and gives."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.domain.template import ServiceConfiguration, ServicePlanTemplate

ACTIVE, DEPRECATED = "ACTIVE", "DEPRECATED"


class ChangeKind(StrEnum):
    """What an entry of the change log tells of. The three in the middle are refinements, by semantic versioning (decision 23)."""

    CREATED = "CREATED"
    IMPORTED = "IMPORTED"
    PATCH = "PATCH"
    MINOR = "MINOR"
    MAJOR = "MAJOR"
    DEPRECATED = "DEPRECATED"
    MIGRATION = "MIGRATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange:
    """One entry of a template's change log. `reasons` are phrases, one a difference; `plans` counts those that a migration moved here."""

    at: datetime
    by: str
    version: str
    kind: ChangeKind
    summary: str
    reasons: tuple[str, ...] = ()
    plans: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRecord:
    """One version of a template as the catalogue keeps it; `template.status` is the template's status now, the same for all its versions.

    `created_at`, `updated_at`, `created_by` and `change_log` (oldest first) are the template's, not the version's.
    """

    template: ServicePlanTemplate
    created_at: datetime
    updated_at: datetime
    created_by: str
    change_log: tuple[TemplateChange, ...]

    @property
    def status(self) -> str:
        """ACTIVE or DEPRECATED."""
        return self.template.status


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
