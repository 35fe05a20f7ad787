"""Plan documents: the contract's is read to the digit, every fault names its place."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

import resources
from kiosk.domain.errors import PlanInvalid
from kiosk.domain.plan.fsm import MealyFSM
from kiosk.domain.plan.template import QuotaValidation
from kiosk.wire import shipped
from kiosk.wire.exact_json import loads
from kiosk.wire.plan_documents import plan_from_document, plan_to_document, read_plan
from kiosk.wire.template_documents import template_from_document, template_to_document
from tests.builders import plan_bytes, specified

TEMPLATE = "service_plan_template"
Path = tuple[str | int, ...]


def changed(path: Path, value: Any) -> dict[str, Any]:
    """The contract's plan with one value changed; `...` takes the key away."""
    document: dict[str, Any] = copy.deepcopy(specified("plan"))
    place: Any = document
    for each in path[:-1]:
        place = place[each]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def test_the_contracts_plan_is_read_to_the_digit() -> None:
    plan = plan_from_document(specified("plan"))
    assert plan.id == "bss-plan-weekly-freedom-nairobi-v2-plan1"
    assert plan.electricity is not None
    assert (plan.electricity.used, plan.electricity.quota) == (Decimal("344.5"), Decimal(400))
    assert plan.unit_price(plan.electricity) == Decimal("0.80")
    assert plan.current_asset == "BAT-12345"
    assert plan.template.service_cycle_fsm == shipped.service_cycle()
    assert plan.template.agent_config.allows("COMPLETE_SERVICE")


def test_a_plan_written_and_read_is_the_same_plan_and_the_same_bytes() -> None:
    plan = plan_from_document(specified("plan"))
    assert read_plan(plan_bytes(plan)) == plan
    assert plan_bytes(read_plan(plan_bytes(plan))) == plan_bytes(plan)
    assert plan_from_document(plan_to_document(plan, whole=True)) == plan


def test_the_shipped_plan_is_the_contracts_with_all_actions_listed() -> None:
    document = loads(shipped.plan_text("bss-plan-weekly-freedom-nairobi-v2-plan1"))
    ours, theirs = document, specified("plan")
    for each in (ours, theirs):
        each[TEMPLATE]["agent_config"].pop("available_actions", None)
    assert ours == theirs
    assert (
        plan_to_document(read_plan(shipped.plan_text("bss-plan-weekly-freedom-nairobi-v2-plan1")))["serviceStates"] == ours["serviceStates"]
    )


def test_the_shipped_template_is_read_and_written() -> None:
    template = template_from_document(loads(resources.read_text("templates/bss-template-weekly-freedom-nairobi-v2.json")))
    assert template.id == "bss-template-weekly-freedom-nairobi-v2"
    assert template_from_document(template_to_document(template, whole=True)) == template


def test_receipt_patterns_are_read_and_written_and_none_are_left_out() -> None:
    patterns = {"receipt_patterns": {"MOBILE_MONEY": "^[A-Z0-9]{10}$"}}
    plan = plan_from_document(changed((*PARAMS, "payment"), patterns))
    assert plan.template.agent_config.payment.receipt_patterns == patterns["receipt_patterns"]
    assert read_plan(plan_bytes(plan)) == plan
    assert plan_to_document(plan)[TEMPLATE]["agent_config"]["agent_params"]["payment"] == patterns
    assert "payment" not in plan_to_document(plan_from_document(specified("plan")))[TEMPLATE]["agent_config"]["agent_params"]


def test_numbers_stay_numbers_on_the_wire() -> None:
    written = json.loads(plan_bytes(plan_from_document(specified("plan"))))
    assert written["serviceStates"][1]["used"] == 344.5
    assert written[TEMPLATE]["service_configurations"][1]["unit_price"] == 0.8


def test_absent_actions_and_dots_mean_all_and_a_list_means_itself() -> None:
    actions: Path = (TEMPLATE, "agent_config", "available_actions")
    assert plan_from_document(changed(actions, ...)).template.agent_config.available_actions is None
    assert plan_from_document(changed(actions, ["..."])).template.agent_config.available_actions is None
    listed = plan_from_document(changed(actions, ["EQUIPMENT_CHECKIN"])).template.agent_config
    assert (listed.allows("EQUIPMENT_CHECKIN"), listed.allows("COMPLETE_SERVICE")) == (True, False)


def test_what_a_document_may_leave_out_has_its_default() -> None:
    document = changed((TEMPLATE, "agent_config"), ...)
    for key in ("plan_state", "agent_state", "service_account", "payment_account"):
        del document[key]
    for key in ("service_cycle_fsm", "payment_cycle_fsm", "contract_terms", "description", "status"):
        del document[TEMPLATE][key]
    plan = plan_from_document(document)
    assert plan.template.agent_config.electricity_tracking.soc_telemetry_timeout_seconds == 10
    assert plan.template.payment_cycle_fsm == shipped.payment_cycle()


def test_a_quota_validation_is_read_and_written_where_it_is_not_the_default() -> None:
    place: Path = (TEMPLATE, "agent_config", "agent_params", "quota_validation")
    tolerant = plan_from_document(changed(place, {"strict_mode": False, "tolerance_kwh": Decimal("1.5")}))
    assert tolerant.template.agent_config.quota_validation == QuotaValidation(strict_mode=False, tolerance_kwh=Decimal("1.5"))
    assert read_plan(plan_bytes(tolerant)) == tolerant
    for strict in (None, {}, {"strict_mode": True, "tolerance_kwh": 0}):
        plan = plan_from_document(changed(place, strict))
        assert plan.template.agent_config.quota_validation == QuotaValidation(strict_mode=True, tolerance_kwh=Decimal(0))
        assert b"quota_validation" not in plan_bytes(plan)


def test_home_charging_is_written_only_where_it_is_allowed() -> None:
    """Templates are kept by the digest of their content, and most do not have it."""
    place: Path = (TEMPLATE, "agent_config", "agent_params", "electricity_tracking")
    allowed = plan_from_document(changed(place, {"home_charging": True}))
    assert allowed.template.agent_config.electricity_tracking.home_charging
    assert read_plan(plan_bytes(allowed)) == allowed
    plan = plan_from_document(changed(place, {"home_charging": None}))
    assert not plan.template.agent_config.electricity_tracking.home_charging
    assert b"home_charging" not in plan_bytes(plan)


def test_the_agents_state_is_kept() -> None:
    state = {"last_quota_check": {"quantity": Decimal("25.6"), "status": "sufficient"}, "other": [1]}
    plan = plan_from_document(changed(("agent_state",), state))
    assert read_plan(plan_bytes(plan)).agent_state == state


OPTIONAL = (
    "name",
    "billing_currency",
    "service_configurations",
    "description",
    "status",
    "country_code",
    "legal_jurisdiction",
    "contract_terms",
    "service_cycle_fsm",
    "payment_cycle_fsm",
    "agent_config",
)


@pytest.mark.parametrize("value", [..., None], ids=["absent", "null"])
@pytest.mark.parametrize("key", OPTIONAL)
def test_an_optional_key_of_a_template_may_be_absent_or_null(key: str, value: Any) -> None:
    template = plan_from_document(changed((TEMPLATE, key), value)).template
    bare = template_from_document({"id": template.id, "version": template.version})
    assert getattr(template, key) == getattr(bare, key)


@pytest.mark.parametrize(
    "path",
    [
        ("agent_config", "agent_params"),
        ("agent_config", "agent_params", "electricity_tracking"),
        ("agent_config", "agent_params", "electricity_tracking", "decimal_precision"),
        ("agent_config", "agent_params", "service_completion"),
        ("agent_config", "agent_params", "service_completion", "event_publishing_enabled"),
        ("service_configurations", 2, "tracks_asset"),
    ],
    ids=lambda path: str(path[-1]),
)
def test_a_null_further_inside_a_template_is_its_default(path: Path) -> None:
    assert plan_from_document(changed((TEMPLATE, *path), None)) == plan_from_document(specified("plan"))


def test_a_template_without_services_has_its_roles_by_id() -> None:
    plan = plan_from_document(changed((TEMPLATE, "service_configurations"), ...))
    assert plan.electricity is not None
    assert (plan.fleet.service_id, plan.electricity.service_id) == ("svc-battery-fleet-kenya-premium", "svc-electricity-fuel-kenya")
    assert plan.unit_price(plan.electricity) is None


def test_unknown_keys_are_tolerated_and_kept_out() -> None:
    plan = plan_from_document(changed(("colour",), "blue"))
    assert "colour" not in plan_to_document(plan)


def test_a_machine_of_its_own_is_kept_and_written_in_full() -> None:
    machine = {
        "id": "own",
        "initial_state": "A",
        "states": ["A", "B"],
        "transitions": [{"state": "A", "input": "GO", "next_state": "B", "outputs": ["WENT"]}],
    }
    plan = plan_from_document(changed((TEMPLATE, "service_cycle_fsm"), machine))
    assert plan.template.service_cycle_fsm.step("A", "GO").outputs == ("WENT",)
    assert plan_to_document(plan)[TEMPLATE]["service_cycle_fsm"] == machine


@pytest.mark.parametrize(("written", "read"), [("KSh", "KES"), ("CFA", "XOF"), ("usd", "USD")])
def test_a_currency_is_known_by_its_other_names(written: str, read: str) -> None:
    assert plan_from_document(changed((TEMPLATE, "billing_currency"), written)).billing_currency == read


ELECTRICITY: Path = ("serviceStates", 1)
PARAMS = (TEMPLATE, "agent_config", "agent_params")
FAULTS: list[tuple[Path, Any, str, str]] = [
    (
        (*PARAMS, "payment"),
        {"receipt_patterns": {"CASH": "(a+)+$"}},
        f"{TEMPLATE}.agent_config.agent_params.payment.receipt_patterns.CASH",
        "a pattern is made of",
    ),
    (("id",), ..., "id", "is missing"),
    (("customer_id",), ..., "customer_id", "is missing"),
    (("serviceStates",), ..., "serviceStates", "is missing"),
    ((TEMPLATE,), ..., TEMPLATE, "is missing"),
    ((*ELECTRICITY, "quota"), ..., "serviceStates[1].quota", "is missing"),
    ((*ELECTRICITY, "quota"), -1, "serviceStates[1].quota", "is negative"),
    ((*ELECTRICITY, "used"), Decimal("-0.1"), "serviceStates[1].used", "is negative"),
    ((*ELECTRICITY, "used"), "344.5", "serviceStates[1].used", "must be a number"),
    ((*ELECTRICITY, "used"), True, "serviceStates[1].used", "must be a number"),
    ((*ELECTRICITY, "used"), None, "serviceStates[1].used", "must be a number"),
    ((*ELECTRICITY, "used"), float("nan"), "serviceStates[1].used", "is not a finite number"),
    ((*ELECTRICITY, "used"), Decimal("Infinity"), "serviceStates[1].used", "is not a finite number"),
    ((*ELECTRICITY, "used"), 10**16, "serviceStates[1].used", "is out of range"),
    ((*ELECTRICITY, "service_id"), "svc-battery-fleet-kenya-premium", "serviceStates[1].service_id", "stands twice"),
    (("serviceStates", 0, "current_asset"), 5, "serviceStates[0].current_asset", "must be text"),
    (("id",), 5, "id", "must be text"),
    (("id",), "", "id", "is empty"),
    (("id",), "  ", "id", "is empty"),
    (("id",), "x" * 129, "id", "is longer than 128 characters"),
    (("id",), "a/b", "id", "holds '/'"),
    (("id",), "a+b", "id", "holds '+'"),
    (("id",), "#", "id", "holds '#'"),
    (("id",), "a\0b", "id", "cannot be read"),
    (("id",), " a", "id", "begins or ends with a blank"),
    (("customer_id",), "a\nb", "customer_id", "cannot be read"),
    (("serviceStates",), {}, "serviceStates", "must be a list"),
    ((TEMPLATE,), [], TEMPLATE, "must be an object"),
    ((TEMPLATE, "version"), None, f"{TEMPLATE}.version", "must be text"),
    (("plan_state",), [], "plan_state", "must be an object"),
    (
        (TEMPLATE, "agent_config", "agent_params", "quota_validation"),
        {"tolerance_kwh": -1},
        f"{TEMPLATE}.agent_config.agent_params.quota_validation.tolerance_kwh",
        "is negative",
    ),
    (("template_id",), "another", "template_id", "is not the id of its template"),
    (("template_version",), "1.0.0", "template_version", "is not the version of its template"),
    ((TEMPLATE, "billing_currency"), "dollars", f"{TEMPLATE}.billing_currency", "is not a currency code"),
    ((TEMPLATE, "service_configurations", 1, "unit_price"), -1, f"{TEMPLATE}.service_configurations[1].unit_price", "is negative"),
    ((TEMPLATE, "service_configurations", 1, "decimal_precision"), 7, f"{TEMPLATE}.service_configurations[1].decimal_precision", "between"),
    ((TEMPLATE, "service_configurations", 1, "tracks_asset"), "no", f"{TEMPLATE}.service_configurations[1].tracks_asset", "true or false"),
    ((TEMPLATE, "service_cycle_fsm"), {"id": "x"}, f"{TEMPLATE}.service_cycle_fsm.initial_state", "is missing"),
    (
        (TEMPLATE, "payment_cycle_fsm"),
        {"id": "x", "initial_state": "Q", "states": ["A"], "transitions": []},
        f"{TEMPLATE}.payment_cycle_fsm",
        "contradicts itself",
    ),
]


@pytest.mark.parametrize(("path", "value", "where", "reason"), FAULTS, ids=[f"{each[2]} {each[3]}" for each in FAULTS])
def test_a_fault_in_a_plan_names_its_place_and_its_reason(path: Path, value: Any, where: str, reason: str) -> None:
    with pytest.raises(PlanInvalid) as caught:
        plan_from_document(changed(path, value))
    assert caught.value.where == where
    assert reason in caught.value.reason


NAMES = [
    ("Amina\u00a0Otieno", "Amina Otieno"),
    ("Amina\u202fOtieno\u3000", "Amina Otieno"),
    ("Amina\r\nOtieno\r", "Amina Otieno"),
    ("Ami\u00adna \u200bOtieno\u200e", "Amina Otieno"),
    ("\u202eAmina\u2066 Otieno\u2069", "Amina Otieno"),
    ("Amina\0Otieno\x1b[31m", "Amina Otieno [31m"),
    ("Ame\u0301lie", "Am\u00e9lie"),
    ("Amina \ud800", "Amina ?"),
    ("آمنة", "آمنة"),
    ("x" * 5000, "x" * 197 + "..."),
    (" \u00a0\r\n", ""),
    (4711, "4711"),
    (["Amina"], ""),
]


@pytest.mark.parametrize(("told", "shown"), NAMES, ids=[ascii(told)[:20] for told, _ in NAMES])
def test_text_that_is_only_shown_is_cleaned_and_refuses_nothing(told: Any, shown: str) -> None:
    document = changed(("customer_name",), told)
    template = document[TEMPLATE]
    template |= {"name": told, "legal_jurisdiction": told}
    template["service_configurations"][0]["name"] = told
    plan = plan_from_document(document)
    assert (plan.customer_name, plan.template.name, plan.template.legal_jurisdiction) == (shown, shown, shown)
    assert plan.template.service_configurations[0].name == shown
    assert read_plan(plan_bytes(plan)) == plan  # cleaned again it stays as it is


def test_a_description_is_shown_in_full() -> None:
    plan = plan_from_document(changed((TEMPLATE, "description"), "First\nline. " + "x" * 3000))
    assert plan.template.description.startswith("First line. xxx")
    assert (len(plan.template.description), plan.template.description[-3:]) == (2000, "...")


def test_a_unit_with_a_no_break_space_is_still_the_unit() -> None:
    plan = plan_from_document(changed((TEMPLATE, "service_configurations", 1, "unit"), "kWh\u00a0"))
    assert plan.electricity is not None


@pytest.mark.parametrize("path", [("id",), ("customer_id",), (TEMPLATE, "version"), ("serviceStates", 0, "service_id"), ("service_state",)])
def test_ids_stay_strict(path: Path) -> None:
    with pytest.raises(PlanInvalid, match="cannot be read"):
        plan_from_document(changed(path, "A\u00a0B"))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff", b'{"used": NaN}'])
def test_a_file_that_is_no_plan_is_refused(data: bytes) -> None:
    with pytest.raises(PlanInvalid) as caught:
        read_plan(data)
    assert caught.value.where == "document"


@pytest.mark.parametrize("machine", [shipped.service_cycle(), shipped.payment_cycle()], ids=["service", "payment"])
def test_every_state_of_a_shipped_machine_can_be_reached_and_only_the_last_is_final(machine: MealyFSM) -> None:
    reached = {machine.initial_state}
    for _ in machine.states:
        reached |= {each.next_state for each in machine.transitions if each.state in reached}
    assert reached == set(machine.states)
    assert set(machine.states) - {each.state for each in machine.transitions} == {"COMPLETE"}
