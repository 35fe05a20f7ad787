"""`platform input`: a plan from a template becomes one that may swap."""

import pytest

from kiosk.cli import main
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.templates.template_service import ServicePlanTemplateService
from kiosk.wire.exact_json import loads
from tests.platform.agent_counter import Counter, completion
from tests.platform.templates.wanted import EXAMPLE

Templates = ServicePlanTemplateService
BEGUN = ("--payment", "CONTRACT_SIGNED", "--payment", "DEPOSIT_PAID")
FIRST_VISIT = {"incoming_battery_id": None, "incoming_kwh": None}


def give(database: str, plan_id: str, *inputs: str) -> int:
    return main(["platform", "input", "--database", database, *inputs, plan_id])


def test_a_new_plan_swaps_once_its_contract_is_signed_and_its_deposit_paid(
    database: str, templates: Templates, store: PlatformStore, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = templates.create_service_plan_from_template(EXAMPLE, "customer-456")
    counter = Counter(store=store)
    assert counter.ask("complete_service", completion(**FIRST_VISIT), plan_id=plan.id)["signals"][0] == "SERVICE_COMPLETION_FAILED"
    assert give(database, plan.id, *BEGUN) == 0
    states = {"plan_id": plan.id, "service_state": "INITIAL", "payment_state": "CURRENT"}
    assert loads(capsys.readouterr().out) == states
    answer = counter.ask("complete_service", completion(**FIRST_VISIT), plan_id=plan.id)
    assert answer["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    now = store.plan(plan.id)
    assert now is not None
    assert (now.service_state, now.current_asset) == ("BATTERY_ISSUED", "BAT-67890")


def test_all_inputs_are_taken_or_none(
    database: str, templates: Templates, store: PlatformStore, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = templates.create_service_plan_from_template(EXAMPLE, "customer-456")
    assert give(database, plan.id, *BEGUN, "--service", "BATTERY_LOST") == 1
    assert "does not take BATTERY_LOST of the service_cycle" in capsys.readouterr().err
    assert store.plan(plan.id) == plan


@pytest.mark.parametrize(("plan_id", "inputs", "code"), [("nobody", BEGUN, 1), ("nobody", (), 2), ("", BEGUN, 1)])
def test_what_cannot_be_given_is_said(
    database: str, store: PlatformStore, capsys: pytest.CaptureFixture[str], plan_id: str, inputs: tuple[str, ...], code: int
) -> None:
    assert give(database, plan_id, *inputs) == code
    assert capsys.readouterr().err
