"""Everything that is shipped is read by the real readers, and a swap is made with each plan (resources/)."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

import resources
from kiosk.cli import main
from kiosk.domain.agent.agent_result import AgentContext, AgentResult
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.errors import BadInput, KioskError
from kiosk.domain.money.money import Collectable, top_up
from kiosk.domain.plan.quota import check_quota
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService
from kiosk.platform.plan_import import import_plans
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.store_values import ChangeKind, DocumentKind
from kiosk.platform.templates.shipped_templates import shipped_documents, shipped_templates
from kiosk.platform.templates.template_service import ServicePlanTemplateService, open_templates
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.plan_documents import read_plan
from kiosk.wire.request_documents import request_to_json
from kiosk.wire.template_documents import template_from_document
from tests.builders import NOON, plan_bytes
from tests.platform.agent_counter import FixedClock

PLANS = sorted(resources.path("plans").glob("*.json"))
TEMPLATES = {each.id: each for each in shipped_templates()}
WEEKLY, FIRST_VISIT = "bss-plan-weekly-freedom-nairobi-v2-plan1", "bss-plan-weekly-freedom-nairobi-v2-first-visit"
SWAPS_ONLY, PAY_PER_USE = "bss-plan-swap-count-nairobi-v1-plan1", "bss-plan-pay-per-use-dakar-v1-plan1"
MONTHLY = "bss-plan-monthly-premium-nairobi-plan1"
CONTEXT = AgentContext(now=NOON, collectable=Collectable(units={"KES": Decimal(1), "XOF": Decimal(1)}))


def shipped(plan_id: str) -> ServicePlan:
    return read_plan(resources.path(f"plans/{plan_id}.json").read_bytes())


def swap(plan: ServicePlan, paid: str | None = None) -> CompleteService:
    """4.8 kWh come back where something does, 30.4 kWh are issued; no energy is told where none is counted."""
    counted = plan.electricity is not None
    return CompleteService(
        incoming_battery_id=plan.current_asset,
        incoming_kwh=Decimal("4.8") if counted and plan.current_asset else None,
        outgoing_battery_id="BAT-99999",
        outgoing_kwh=Decimal("30.4") if counted else None,
        payment_occurred=paid is not None,
        payment_amount=Decimal(paid) if paid else None,
        payment_receipt_id="PAY-1" if paid else None,
        payment_method="CASH" if paid else None,
        attendant_id="ATT-001",
        attendant_station="STATION_XYZ",
        transaction_timestamp=datetime(2025, 1, 15, 10, 30, tzinfo=UTC),
        correlation_id="TXN-01JHMN5Z000000000000000001",
    )


def made(plan_id: str, paid: str | None = None) -> AgentResult:
    plan = shipped(plan_id)
    return service_agent(swap(plan, paid), plan, CONTEXT)


def test_the_plans_are_of_every_kind() -> None:
    assert {path.stem for path in PLANS} == {WEEKLY, FIRST_VISIT, SWAPS_ONLY, PAY_PER_USE, MONTHLY}
    assert {shipped(path.stem).billing_currency for path in PLANS} == {"USD", "KES", "XOF"}


@pytest.mark.parametrize("path", PLANS, ids=lambda path: str(path.stem))
def test_a_shipped_plan_pins_a_shipped_template_as_it_is(path: Path) -> None:
    plan = read_plan(path.read_bytes())
    assert plan.id == path.stem
    assert plan.template == TEMPLATES[plan.template.id]


def test_every_template_is_used_by_a_plan_and_named_like_its_file() -> None:
    assert {shipped(path.stem).template.id for path in PLANS} == set(TEMPLATES)
    for path in resources.path("templates").glob("*.json"):
        assert template_from_document(loads(path.read_bytes())).id == path.stem


def test_the_terms_in_a_template_are_the_document_that_it_names() -> None:
    terms = {each.id: each.content for each in shipped_documents() if each.kind is DocumentKind.CONTRACT_TERMS}
    named = [each.contract_terms for each in TEMPLATES.values() if each.contract_terms]
    assert {each["id"] for each in named} == set(terms)
    assert all(each == terms[each["id"]] for each in named)


def test_every_kind_of_document_is_shipped() -> None:
    assert {each.kind for each in shipped_documents()} == set(DocumentKind)


@pytest.mark.parametrize("path", PLANS, ids=lambda path: str(path.stem))
def test_every_shipped_plan_may_swap(path: Path) -> None:
    read_plan(path.read_bytes()).check_standing()


def test_the_weekly_plan_swaps_within_its_quota() -> None:
    result = made(WEEKLY)
    assert result.signals == ("SERVICE_COMPLETED_SUCCESS",)
    assert result.plan.electricity is not None
    assert str(result.plan.electricity.used) == "370.1"


def test_a_first_visit_owes_the_whole_charge_and_returns_nothing() -> None:
    plan = shipped(FIRST_VISIT)
    assert plan.first_visit
    result = made(FIRST_VISIT)
    assert result.signals == ("SERVICE_COMPLETED_SUCCESS",)
    assert result.plan.electricity is not None
    assert str(result.plan.electricity.used) == "30.4"
    assert (result.plan.current_asset, result.plan.service_state) == ("BAT-99999", "BATTERY_ISSUED")


def test_a_plan_of_swaps_counts_no_energy() -> None:
    result = made(SWAPS_ONLY)
    assert result.signals == ("SERVICE_COMPLETED_SUCCESS",)
    assert result.plan.electricity is None
    assert [str(each.used) for each in result.plan.service_states] == ["13", "0"]


def test_a_plan_of_swaps_without_one_left_buys_one() -> None:
    plan = shipped(SWAPS_ONLY)
    empty = plan.with_states(replace(plan.swap_count, used=plan.swap_count.quota))
    due = top_up(check_quota(empty, None), empty, CONTEXT.collectable)
    assert (f"{due.cost:f}", due.currency) == ("250", "KES")
    assert service_agent(swap(empty), empty, CONTEXT).signals[0] != "SERVICE_COMPLETED_SUCCESS"
    assert service_agent(swap(empty, "250"), empty, CONTEXT).signals == ("SERVICE_COMPLETED_SUCCESS",)


def test_every_swap_of_a_pay_per_use_plan_is_paid() -> None:
    plan = shipped(PAY_PER_USE)
    due = top_up(check_quota(plan, Decimal("25.6")), plan, CONTEXT.collectable)
    assert (f"{due.cost:f}", due.currency) == ("6400", "XOF")
    assert made(PAY_PER_USE).signals[0] != "SERVICE_COMPLETED_SUCCESS"
    assert made(PAY_PER_USE, "6399").signals[0] != "SERVICE_COMPLETED_SUCCESS"
    result = made(PAY_PER_USE, "6400")
    assert result.signals == ("SERVICE_COMPLETED_SUCCESS",)
    again = service_agent(replace(swap(result.plan), correlation_id="TXN-2"), result.plan, CONTEXT)
    assert again.signals[0] != "SERVICE_COMPLETED_SUCCESS"


def test_the_monthly_plan_in_shillings_swaps_within_its_quota() -> None:
    result = made(MONTHLY)
    assert result.signals == ("SERVICE_COMPLETED_SUCCESS",)
    assert result.plan.electricity is not None
    assert str(result.plan.electricity.used) == "138"


@pytest.mark.parametrize("path", PLANS, ids=lambda path: str(path.stem))
def test_calculate_takes_every_shipped_plan(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SWAP_KIOSK_CONFIG", str(tmp_path / "none.toml"))
    (tmp_path / "none.toml").touch()
    request = dumps(request_to_json(swap(read_plan(path.read_bytes()))))
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(request)))
    assert main(["calculate", "--plan", str(path)]) == 0
    signals = loads(capsys.readouterr().out)["signals"]
    assert (signals == ["SERVICE_COMPLETED_SUCCESS"]) == (path.stem != PAY_PER_USE)


def test_the_shipped_plans_are_imported_and_their_templates_listed(store: PlatformStore) -> None:
    imported = import_plans(store, resources.path("plans"), FixedClock())
    assert (len(imported.added), imported.known, imported.refused) == (len(PLANS), (), ())
    listed = ServicePlanTemplateService(store, FixedClock()).templates()
    assert {each.template.id: each.template for each in listed} == TEMPLATES
    assert all([change.kind for change in each.change_log] == [ChangeKind.IMPORTED] for each in listed)
    assert len(import_plans(store, resources.path("plans"), FixedClock()).known) == len(PLANS)


def test_a_plan_that_pins_another_content_under_a_known_version_is_not_imported(store: PlatformStore, tmp_path: Path) -> None:
    import_plans(store, resources.path("plans"), FixedClock())
    plan = shipped(WEEKLY)
    other = replace(plan, id="plan-2", template=replace(plan.template, billing_currency="KES"))
    (tmp_path / "plan-2.json").write_bytes(plan_bytes(other))
    (refused,) = import_plans(store, tmp_path, FixedClock()).refused
    assert isinstance(refused, BadInput)
    assert "2.0.0 of bss-template-weekly-freedom-nairobi-v2" in refused.reason
    assert store.plan("plan-2") is None


def test_a_template_without_a_semantic_version_runs_and_is_not_listed(
    store: PlatformStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plan = shipped(WEEKLY)
    odd = replace(plan, id="plan-2", template=replace(plan.template, id="odd", version="v2"))
    (tmp_path / "plan-2.json").write_bytes(plan_bytes(odd))
    assert import_plans(store, tmp_path, FixedClock()).added == ("plan-2",)
    assert store.plan("plan-2") == odd
    with pytest.raises(KioskError):
        ServicePlanTemplateService(store, FixedClock()).template("odd")
    assert "is not a version such as 1.2.0" in caplog.text


def test_templates_that_plans_pinned_before_there_was_a_catalogue_are_listed(store: PlatformStore) -> None:
    plan = shipped(WEEKLY)
    store.insert_plan(replace(plan, id="plan-2", template=replace(plan.template, id="old", version="0.9.0")), NOON)
    assert open_templates(store, FixedClock()).template("old").template.version == "0.9.0"
