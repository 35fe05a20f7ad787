"""A template out of an input and the documents that it names; ids, names and the country's currency.

Everything goes through the reader of template documents, so a template that is made here obeys the same rules as one that is imported.
What breaks a rule raises BadInput with the key and the reason.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale
from babel.numbers import get_territory_currencies

from kiosk.domain.display import MAX_CHARACTERS, MAX_NOTE
from kiosk.domain.errors import BadInput, PlanInvalid, TemplateInactive
from kiosk.domain.language import tr
from kiosk.domain.plan.template import ServiceConfiguration, ServicePlanTemplate
from kiosk.domain.templates.semantic_version import FIRST_VERSION, SemanticVersion
from kiosk.platform.store.store_values import ACTIVE, DocumentKind, NamedDocument, TemplateRecord
from kiosk.wire.checked import MAX_ID_LENGTH, id_fault
from kiosk.wire.template_documents import service_to_document, template_from_document, template_to_document

_OTHER = re.compile(r"[^a-z0-9]+")
_FOR_NO_TOPIC = re.compile(r"[+#/\s]+")
_NOWHERE = "ZZ"


def template_id_for(name: str, unique: str) -> str:
    """`BSS Premium Plan` becomes `bss-premium-plan-` and the end of a ULID."""
    slug = _OTHER.sub("-", name.lower()).strip("-")[:60].strip("-")
    return f"{slug or 'template'}-{unique[-8:].lower()}"  # of a ULID's 26 characters the last are the most random


def plan_id_for(template_id: str, unique: str) -> str:
    """The template's id, fit for an MQTT topic, and a ULID."""
    return f"{_FOR_NO_TOPIC.sub('-', template_id)[: MAX_ID_LENGTH - len(unique) - 1]}-{unique}"


def country_of(code: str) -> str:
    """An ISO 3166 code of two letters. Raises BadInput."""
    country = code.strip().upper()
    if len(country) != 2 or country == _NOWHERE or country not in Locale("en").territories:
        raise BadInput("country_code", tr("is not a country's code such as KE"))
    return country


def currency_of(country: str) -> str:
    """The currency that a country pays in today. Raises BadInput where there is none, or where there are several."""
    found = get_territory_currencies(country)
    if len(found) != 1:
        raise BadInput("billing_currency", tr("must be given: {country} has {count} currencies", country=country, count=len(found)))
    return str(found[0])


def check_name(where: str, name: str) -> None:
    """Who did it, or for whom. Raises BadInput for what can be no id."""
    if fault := id_fault(name):
        raise BadInput(where, fault)


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


Documents = Mapping[DocumentKind, dict[str, Any]]
_SERVICES = "service_configurations"
_MAX_CHARACTERS = {"name": MAX_CHARACTERS, "description": MAX_NOTE, "legal_jurisdiction": MAX_CHARACTERS}
_PLAIN = ("name", "description", "legal_jurisdiction", "billing_currency")


def check_active(record: TemplateRecord) -> None:
    """Raises TemplateInactive."""
    if record.status != ACTIVE:
        raise TemplateInactive(record.template.id, record.status)


def check_document(document: NamedDocument) -> None:
    """Raises BadInput for one that no template could name: its id, or what a template with it in its place would be refused for."""
    check_name("id", document.id)
    services = document.content.get(_SERVICES) if document.kind is DocumentKind.AGENT_CONFIG else None
    empty = {"id": "template", "name": "", "version": str(FIRST_VERSION), "billing_currency": "", _SERVICES: services or []}
    try:
        template_from_document({**empty, document.kind.value: document.content})
    except PlanInvalid as error:
        raise BadInput(error.where, error.reason) from error


def first_version(given: CreateTemplate, documents: Documents, template_id: str) -> ServicePlanTemplate:
    """The template that a CreateTemplate describes."""
    _check_lengths(given)
    country = country_of(given.country_code)
    return _template_from(
        {
            "id": template_id,
            "name": given.name,
            "description": given.description,
            "version": str(version_of(given.version)) if given.version is not None else str(FIRST_VERSION),
            "country_code": country,
            "legal_jurisdiction": given.legal_jurisdiction,
            "billing_currency": given.billing_currency or currency_of(country),
            _SERVICES: _services(given.service_configurations),
        },
        documents,
    )


def next_version(newest: ServicePlanTemplate, given: UpdateTemplate, documents: Documents) -> ServicePlanTemplate:
    """The newest version with what an UpdateTemplate changes, still under its number."""
    _check_lengths(given)
    changed: dict[str, Any] = {name: getattr(given, name) for name in _PLAIN if getattr(given, name) is not None}
    if given.country_code is not None:
        changed["country_code"] = country_of(given.country_code)
    if given.service_configurations is not None:
        changed[_SERVICES] = _services(given.service_configurations)
    return _template_from({**template_to_document(newest, whole=True), **changed}, documents)


def _check_lengths(given: CreateTemplate | UpdateTemplate) -> None:
    """Imported text is cut where it is too long; what is written here is refused. Raises BadInput."""
    for name, most in _MAX_CHARACTERS.items():
        if len(getattr(given, name) or "") > most:
            raise BadInput(name, tr("is longer than {count} characters", count=most))


def version_of(text: str) -> SemanticVersion:
    """Raises BadInput."""
    try:
        return SemanticVersion.parse(text)
    except ValueError as error:
        raise BadInput("version", str(error)) from error


def _services(given: tuple[ServiceConfiguration, ...] | None) -> list[dict[str, Any]] | None:
    return None if given is None else [service_to_document(each) for each in given]


def _template_from(document: dict[str, Any], documents: Documents) -> ServicePlanTemplate:
    """With the named documents in their places; the services are the agent configuration's where the input gives none.

    A template that no swap could be made with is refused where it is made, not at the counter.
    """
    whole = {**document, **{kind.value: each for kind, each in documents.items()}}
    if whole[_SERVICES] is None:
        whole[_SERVICES] = documents[DocumentKind.AGENT_CONFIG].get(_SERVICES)
    try:
        template = template_from_document(whole)
    except PlanInvalid as error:
        raise BadInput(error.where, error.reason) from error
    if not template.name.strip():
        raise BadInput("name", tr("is empty"))
    if not template.billing_currency:
        raise BadInput("billing_currency", tr("is empty"))
    if template.own_roles.fleet is None:
        raise BadInput(_SERVICES, tr("has no service that tracks a battery"))
    return template
