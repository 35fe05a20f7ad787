"""Documents that templates name: more of them, by `platform documents`."""

from pathlib import Path
from typing import Any

import pytest

import resources
from kiosk.cli import main
from kiosk.platform.templates.template_service import ServicePlanTemplateService
from kiosk.wire.exact_json import dumps, loads
from tests.platform.templates.wanted import EXAMPLE, created

Templates = ServicePlanTemplateService


def add(database: str, kind: str, path: Path, content: Any) -> int:
    path.write_bytes(content if isinstance(content, bytes) else dumps(content))
    return main(["platform", "documents", "--database", database, "--kind", kind, str(path)])


def machine(**changes: Any) -> dict[str, Any]:
    return {**loads(resources.read_text("fsm/bss-service-cycle-v1.json")), "id": "fsm-of-ours", **changes}


def test_a_template_may_name_a_document_that_was_added(
    database: str, templates: Templates, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(database, "contract_terms", tmp_path / "terms.json", {"id": "terms-of-ours", "notice_days": 7}) == 0
    assert add(database, "service_cycle_fsm", tmp_path / "fsm.json", machine()) == 0
    assert capsys.readouterr().out == "terms-of-ours\nfsm-of-ours\n"
    made = templates.create_template(created(contract_terms_id="terms-of-ours", service_cycle_fsm_id="fsm-of-ours")).template
    assert (made.contract_terms, made.service_cycle_fsm.id) == ({"id": "terms-of-ours", "notice_days": 7}, "fsm-of-ours")


def test_the_same_document_again_changes_nothing_and_another_under_its_id_is_refused(
    database: str, templates: Templates, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _each in range(2):
        assert add(database, "contract_terms", tmp_path / "terms.json", {"id": "terms-of-ours", "notice_days": 7}) == 0
    assert add(database, "contract_terms", tmp_path / "terms.json", {"id": "terms-of-ours", "notice_days": 8}) == 2
    assert "terms-of-ours is a known document with other content" in capsys.readouterr().err
    assert templates.create_template(created(contract_terms_id="terms-of-ours")).template.contract_terms["notice_days"] == 7


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("contract_terms", b""),
        ("contract_terms", b"\xff\xfe"),
        ("contract_terms", []),
        ("contract_terms", {"notice_days": 7}),
        ("contract_terms", {"id": 7}),
        ("contract_terms", {"id": ""}),
        ("contract_terms", {"id": "x" * 129}),
        ("service_cycle_fsm", {"id": "fsm"}),
        ("service_cycle_fsm", machine(initial_state="NOWHERE")),
        ("payment_cycle_fsm", machine(states=[])),
        ("agent_config", {"id": "agent", "agent_params": {"electricity_tracking": {"enabled": "yes"}}}),
        ("agent_config", {"id": "agent", "service_configurations": [{"service_id": "s", "quota": -1}]}),
        ("agent_config", {"id": "agent", "service_configurations": 7}),
    ],
)
def test_a_document_that_no_template_could_name_is_refused(
    database: str, templates: Templates, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, content: Any
) -> None:
    assert add(database, kind, tmp_path / "document.json", content) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert str(tmp_path / "document.json") in printed.err
    assert templates.template(EXAMPLE).template.version == "1.0.0"


def test_a_file_that_is_not_there_is_named(database: str, templates: Templates, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "nothing.json")
    assert main(["platform", "documents", "--database", database, "--kind", "agent_config", missing]) == 2
    assert missing in capsys.readouterr().err
