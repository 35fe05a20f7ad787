"""Odd text in names and in open objects is kept by every database and stops no import."""

import json
from pathlib import Path
from typing import Any

from kiosk.platform.plan_import import import_plans
from kiosk.wire.exact_json import loads
from kiosk.wire.plan_documents import plan_from_document
from tests.platform.agent_counter import Counter
from tests.wire.test_shown_text import ODD, plan

FIXTURES = Path(__file__).parents[2] / "fixtures" / "counter"


def odd_plan(number: int, text: str) -> dict[str, Any]:
    """A plan with this text in every place that is only shown or open to anything."""
    document = plan()
    document |= {"id": f"plan-odd-{number}", "customer_name": text, "plan_state": {"note": text}, "service_account": {"names": [text]}}
    document["template_id"] = f"template-odd-{number}"
    document["service_plan_template"] |= {"id": f"template-odd-{number}", "name": text, "description": text, "contract_terms": {"a": text}}
    return document


def test_a_plan_with_odd_text_is_imported_and_read_back(counter: Counter, tmp_path: Path) -> None:
    for number, text in enumerate(ODD):
        (tmp_path / f"{number}.json").write_text(json.dumps(odd_plan(number, text), default=float))
    result = import_plans(counter.store, tmp_path, counter.clock)
    assert result.refused == ()
    assert len(result.added) == len(ODD)
    for number, text in enumerate(ODD):
        told = plan_from_document(loads(json.dumps(odd_plan(number, text), default=float)))
        assert counter.store.plan(told.id) == told


def test_the_names_of_the_case_bar_no_customer(counter: Counter, tmp_path: Path) -> None:
    for name in ("name-nbsp", "name-cr", "template-name-nbsp"):
        document = json.loads((FIXTURES / f"{name}.json").read_text())
        document |= {"id": name, "template_id": f"template-of-{name}"}
        document["service_plan_template"]["id"] = f"template-of-{name}"
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    assert import_plans(counter.store, tmp_path, counter.clock).refused == ()
    imported = [counter.store.plan(name) for name in ("name-nbsp", "name-cr", "template-name-nbsp")]
    assert [each and each.customer_name for each in imported] == ["Amina Wanjiku", "Amina Wanjiku", "Amina"]
