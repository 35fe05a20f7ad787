"""What the store of templates takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from kiosk.domain.plan.template import ServicePlanTemplate

ACTIVE, DEPRECATED = "ACTIVE", "DEPRECATED"


class DocumentKind(StrEnum):
    """What a named document is; the value is the template's field that it fills."""

    CONTRACT_TERMS = "contract_terms"
    SERVICE_CYCLE_FSM = "service_cycle_fsm"
    PAYMENT_CYCLE_FSM = "payment_cycle_fsm"
    AGENT_CONFIG = "agent_config"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDocument:
    """A document that templates name by its id."""

    kind: DocumentKind
    id: str
    content: Mapping[str, Any]


class ChangeKind(StrEnum):
    """What an entry of the change log is about. The three in the middle are refinements, by semantic versioning (decision 23)."""

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
class NewVersion:
    """A version to write, with its entry in the change log."""

    template: ServicePlanTemplate
    change: TemplateChange


class Registered(StrEnum):
    """The result of registering a version that was made elsewhere."""

    NEW = "new"
    KNOWN = "known"
    OTHER_CONTENT = "other content"
