"""A page of changed plans: each plan with its template, one that breaks a rule is named and stops no other (decision 60)."""

from typing import Any

import pytest

from kiosk.domain.errors import BadInput
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.plan_documents import page_of, plan_to_document
from tests.builders import plan_of


def document(plan_id: str = "plan-1", **changes: Any) -> dict[str, Any]:
    """As the platform sends it: without its template."""
    whole = loads(dumps(plan_to_document(plan_of(id=plan_id))))
    return {name: each for name, each in whole.items() if name != "service_plan_template"} | changes


TEMPLATE = loads(dumps(plan_to_document(plan_of())))["service_plan_template"]


def page(*plans: dict[str, Any], templates: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    told = {"plans": list(plans), "templates": [{"key": "T", "document": TEMPLATE}] if templates is None else templates}
    return {"servicePlanChanges": {**told, "cursor": "C-2", "more": True, **changes}}


def change(plan_id: str = "plan-1", key: str = "T", **changes: Any) -> dict[str, Any]:
    return {"id": plan_id, "template_key": key, "document": document(plan_id, **changes)}


def test_a_page_holds_its_plans_with_their_templates_and_its_cursor() -> None:
    read = page_of(page(change("plan-1"), change("plan-2")))
    assert read.plans == (plan_of(id="plan-1"), plan_of(id="plan-2"))
    assert (read.cursor, read.more, dict(read.unreadable)) == ("C-2", True, {})


def test_a_plan_that_breaks_a_rule_is_named_and_the_others_are_read() -> None:
    read = page_of(page(change("plan-1", customer_id=7), change("plan-2")))
    assert [each.id for each in read.plans] == ["plan-2"]
    assert "customer_id" in read.unreadable["plan-1"]


@pytest.mark.parametrize(
    ("plans", "templates", "reason"),
    [
        ([change(key="other")], None, "service_plan_template is missing"),
        ([change()], [{"key": "T", "document": {}}], "service_plan_template"),
        ([{**change(), "id": "plan-9"}], None, "is not the plan"),
    ],
)
def test_a_plan_without_its_template_or_under_another_id_is_named(
    plans: list[dict[str, Any]], templates: list[dict[str, Any]] | None, reason: str
) -> None:
    read = page_of(page(*plans, templates=templates))
    assert read.plans == ()
    (found,) = read.unreadable.values()
    assert reason in found


@pytest.mark.parametrize(
    "data", [None, [], {}, {"servicePlanChanges": None}, page(cursor=7), page(more="yes"), page(templates=[{"key": 1}])]
)
def test_what_is_no_page_is_refused_with_its_place(data: object) -> None:
    with pytest.raises(BadInput) as refused:
        page_of(data)
    assert refused.value.where.startswith("data")
