"""The template inside a plan document, to and from ServicePlanTemplate (contract, plan document; specification 003).

An empty or absent state machine means the shipped one; absent `available_actions`, or a list with `...` in it, mean all. Absent
`service_configurations` are none: roles then come from ids alone (decision 6). Null is the same as absent, unless the key must be there.
What breaks a rule raises PlanInvalid with the place and the reason.
"""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kiosk.domain.errors import PlanInvalid
from kiosk.domain.language import tr
from kiosk.domain.money.payments import pattern_fault
from kiosk.domain.plan.fsm import MealyFSM, Transition
from kiosk.domain.plan.template import (
    AgentConfig,
    ElectricityTracking,
    PaymentParameters,
    QuotaValidation,
    ServiceCompletion,
    ServiceConfiguration,
    ServicePlanTemplate,
)
from kiosk.wire import shipped
from kiosk.wire.checked import Amount, Id, JsonObject, LongShown, Model, Shown, Text, Whole, checked, fault, omitting_none, read_as

MAX_PLACES = 6
_SAME_CURRENCY = {"KSH": "KES", "CFA": "XOF"}  # facts from the field


def _currency(value: object) -> object:
    if not isinstance(value, str):
        return value
    code = _SAME_CURRENCY.get(value.strip().upper(), value.strip().upper())
    return code if not code or (len(code) == 3 and code.isascii() and code.isalpha()) else fault(tr("is not a currency code such as USD"))


def _places(value: object) -> object:
    if isinstance(value, int) and not 0 <= value <= MAX_PLACES:
        fault(tr("must be between 0 and {limit}", limit=MAX_PLACES))
    return value


def _some_or_none(value: object) -> object:
    return None if value == {} else value


Currency = Annotated[str, BeforeValidator(_currency)]
Places = Annotated[Whole, BeforeValidator(_places)]


class _Part(Model):
    """A part of a template. Null stands for a key's default, where it has one."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        must = {name for name, each in cls.model_fields.items() if each.is_required()}
        return {name: each for name, each in value.items() if each is not None or name in must}


_Transition = Annotated[
    Transition, read_as(Transition, _Part, state=Id, input=Id, next_state=Id, outputs=Annotated[list[Id], AfterValidator(tuple)])
]


class MachineDocument(_Part):
    """A MealyFSM as in the contract."""

    id: Id
    initial_state: Id
    states: list[Id]
    transitions: list[_Transition]


# one entry of `service_configurations`
Service = Annotated[
    ServiceConfiguration,
    read_as(
        ServiceConfiguration,
        _Part,
        service_id=Id,
        quota=Amount,
        tracks_asset=bool,
        unit=Shown | None,
        decimal_precision=Places | None,
        unit_price=Amount | None,
        usage_metric=Text | None,
        name=Shown | None,
    ),
]
Tracking = Annotated[
    ElectricityTracking,
    read_as(
        ElectricityTracking,
        _Part,
        enabled=bool,
        default_battery_capacity_kwh=Amount,
        decimal_precision=Places,
        soc_telemetry_timeout_seconds=Amount,
        home_charging=bool,
    ),
]
Completion = Annotated[
    ServiceCompletion,
    read_as(ServiceCompletion, _Part, require_payment_confirmation=bool, receipt_generation_enabled=bool, event_publishing_enabled=bool),
]
Quota = Annotated[QuotaValidation, read_as(QuotaValidation, _Part, strict_mode=bool, tolerance_kwh=Amount)]


def _usable(pattern: str) -> str:
    reason = pattern_fault(pattern)
    return fault(reason) if reason else pattern


Payment = Annotated[
    PaymentParameters, read_as(PaymentParameters, _Part, receipt_patterns=dict[Text, Annotated[str, AfterValidator(_usable)]])
]


class ParamsDocument(_Part):
    """`agent_config.agent_params`."""

    electricity_tracking: Tracking = Field(default_factory=ElectricityTracking)
    service_completion: Completion = Field(default_factory=ServiceCompletion)
    quota_validation: Quota = Field(default_factory=QuotaValidation)
    payment: Payment = Field(default_factory=PaymentParameters)


class AgentDocument(_Part):
    """`agent_config`."""

    available_actions: list[Text] | None = None
    agent_params: ParamsDocument = Field(default_factory=ParamsDocument)


Machine = Annotated[MachineDocument | None, BeforeValidator(_some_or_none)]


class TemplateDocument(_Part):
    """`service_plan_template`, and a template document of its own."""

    id: Id
    version: Id
    name: Shown = ""
    billing_currency: Currency = ""
    service_configurations: list[Service] = Field(default_factory=list)
    description: LongShown = ""
    status: Text = "ACTIVE"
    country_code: Shown = ""
    legal_jurisdiction: Shown = ""
    contract_terms: JsonObject = Field(default_factory=dict)
    service_cycle_fsm: Machine = None
    payment_cycle_fsm: Machine = None
    agent_config: AgentDocument = Field(default_factory=AgentDocument)


def template_from_document(document: object, *, root: str = "") -> ServicePlanTemplate:
    """A template document, e.g. a shipped one, as the domain's value. Raises PlanInvalid; `root` is put before its places."""
    return to_template(checked(TemplateDocument, document, PlanInvalid, root=root), root)


def to_template(read: TemplateDocument, root: str) -> ServicePlanTemplate:
    """The checked document as the domain's value. Raises PlanInvalid for what only the whole shows."""
    prefix = f"{root}." if root else ""
    check_once([each.service_id for each in read.service_configurations], f"{prefix}service_configurations")
    return ServicePlanTemplate(
        id=read.id,
        name=read.name,
        version=read.version,
        billing_currency=read.billing_currency,
        description=read.description,
        status=read.status,
        country_code=read.country_code,
        legal_jurisdiction=read.legal_jurisdiction,
        contract_terms=read.contract_terms,
        service_cycle_fsm=_machine(read.service_cycle_fsm, shipped.service_cycle(), f"{prefix}service_cycle_fsm"),
        payment_cycle_fsm=_machine(read.payment_cycle_fsm, shipped.payment_cycle(), f"{prefix}payment_cycle_fsm"),
        agent_config=_agent(read.agent_config),
        service_configurations=tuple(read.service_configurations),
    )


def check_once(ids: list[str], where: str) -> None:
    """Raises PlanInvalid when one id stands twice in the list at `where`."""
    for place, each in enumerate(ids):
        if each in ids[:place]:
            raise PlanInvalid(f"{where}[{place}].service_id", tr("stands twice: {each}", each=each))


def _machine(read: MachineDocument | None, default: MealyFSM, where: str) -> MealyFSM:
    if read is None:
        return default
    try:
        return MealyFSM(id=read.id, initial_state=read.initial_state, states=tuple(read.states), transitions=tuple(read.transitions))
    except ValueError as error:
        raise PlanInvalid(where, tr("contradicts itself: {error}", error=error)) from error


def _agent(read: AgentDocument) -> AgentConfig:
    listed = read.available_actions
    return AgentConfig(available_actions=None if listed is None or "..." in listed else frozenset(listed), **dict(read.agent_params))


def template_to_document(template: ServicePlanTemplate, *, whole: bool = False) -> dict[str, Any]:
    """The contract's form. The shipped machines are written as `{}`, or in full where the document must outlive this release (`whole`)."""
    return {
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "version": template.version,
        "status": template.status,
        "country_code": template.country_code,
        "legal_jurisdiction": template.legal_jurisdiction,
        "billing_currency": template.billing_currency,
        "contract_terms": template.contract_terms,
        "service_cycle_fsm": _machine_document(template.service_cycle_fsm, None if whole else shipped.service_cycle()),
        "payment_cycle_fsm": _machine_document(template.payment_cycle_fsm, None if whole else shipped.payment_cycle()),
        "agent_config": _agent_document(template.agent_config),
        "service_configurations": [service_to_document(each) for each in template.service_configurations],
    }


def _machine_document(machine: MealyFSM, default: MealyFSM | None) -> dict[str, Any]:
    if machine == default:
        return {}
    return {
        "id": machine.id,
        "initial_state": machine.initial_state,
        "states": list(machine.states),
        "transitions": [
            {"state": each.state, "input": each.input, "next_state": each.next_state, "outputs": list(each.outputs)}
            for each in machine.transitions
        ],
    }


def _agent_document(config: AgentConfig) -> dict[str, Any]:
    tracking = asdict(config.electricity_tracking)
    if not config.electricity_tracking.home_charging:
        del tracking["home_charging"]
    params: dict[str, Any] = {"electricity_tracking": tracking, "service_completion": asdict(config.service_completion)}
    if config.quota_validation != QuotaValidation():  # templates are kept by the digest of their content, and most have none
        params["quota_validation"] = asdict(config.quota_validation)
    if config.payment.receipt_patterns:
        params["payment"] = {"receipt_patterns": dict(config.payment.receipt_patterns)}
    return omitting_none(
        {"available_actions": None if config.available_actions is None else sorted(config.available_actions), "agent_params": params}
    )


def service_to_document(service: ServiceConfiguration) -> dict[str, Decimal | str | int | bool]:
    """One entry of `service_configurations`."""
    return omitting_none(asdict(service))
