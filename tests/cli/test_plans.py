"""`plans`: the plan cache from files and from the platform."""

from pathlib import Path

import pytest

from kiosk.wire.exact_json import loads
from tests.brokers import Mosquitto
from tests.builders import SPECIFICATION, plan_of, plan_with, specified
from tests.cli.terminal import Terminal, platform_process

PLAN = str(SPECIFICATION / "plan.json")
FIXTURES = Path(__file__).parents[1] / "fixtures" / "counter"
PLAN_ID = "bss-plan-weekly-freedom-nairobi-v2-plan1"


def test_an_imported_plan_is_listed_and_shown_as_it_was(terminal: Terminal) -> None:
    imported = terminal.run("plans", "import", PLAN)
    assert (imported.code, imported.out, imported.err) == (0, f"{PLAN_ID}\n", "")
    listed = terminal.here("plans", "list", "--json").json
    assert [(row["id"], row["customer_id"], row["template_id"]) for row in listed] == [
        (PLAN_ID, "CUST-001", "bss-template-weekly-freedom-nairobi-v2")
    ]
    assert listed[0]["as_of"].endswith("Z")
    assert PLAN_ID in terminal.here("plans", "list").out
    shown = loads(terminal.here("plans", "show", PLAN_ID).out)
    for key in ("id", "customer_id", "serviceStates", "service_state", "payment_state", "template_id", "template_version"):
        assert shown[key] == specified("plan")[key]


def test_what_is_shown_can_be_imported_again(terminal: Terminal, tmp_path: Path) -> None:
    terminal.here("plans", "import", PLAN)
    again = tmp_path / "shown.json"
    again.write_text(terminal.here("plans", "show", PLAN_ID).out)
    assert terminal.here("plans", "import", str(again)).code == 0
    assert terminal.here("plans", "show", PLAN_ID).out == again.read_text()


def test_one_bad_file_of_many_imports_none(terminal: Terminal) -> None:
    bad = terminal.folder / "bad.json"
    bad.write_text("{}")
    ran = terminal.here("plans", "import", PLAN, str(bad))
    assert (ran.code, ran.out) == (2, "")
    assert str(bad) in ran.err
    assert terminal.here("plans", "list", "--json").json == []


@pytest.mark.parametrize(
    ("name", "customer", "template"),
    [
        ("name-nbsp", "Amina Wanjiku", "Weekly Freedom Nairobi"),
        ("name-cr", "Amina Wanjiku", "Weekly Freedom Nairobi"),
        ("template-name-nbsp", "Amina", "Weekly Freedom"),
    ],
)
def test_a_name_that_cannot_be_shown_as_it_is_bars_no_customer(terminal: Terminal, name: str, customer: str, template: str) -> None:
    imported = terminal.here("plans", "import", str(FIXTURES / f"{name}.json"))
    assert (imported.code, imported.err) == (0, "")
    shown = loads(terminal.here("plans", "show", imported.out.strip()).out)
    assert (shown["customer_name"], shown["service_plan_template"]["name"]) == (customer, template)


def test_a_plan_that_is_not_cached_cannot_be_shown(terminal: Terminal) -> None:
    ran = terminal.here("plans", "show", "plan-99")
    assert (ran.code, ran.out) == (1, "")
    assert "plan-99" in ran.err


def test_sync_asks_the_platform_and_names_the_plans_that_failed(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto)
    known, unknown = plan_with(used_kwh="10"), plan_of(id="plan-that-nobody-knows")
    terminal.here("plans", "import", str(terminal.plan_file(plan_with(used_kwh="1"))), str(terminal.plan_file(unknown, "unknown.json")))
    with platform_process(mosquitto, terminal.folder / "platform", known):
        ran = terminal.run("plans", "sync")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("plan-that-nobody-knows: No plan has the code")
    assert '"used":10,' in terminal.here("plans", "show", PLAN_ID).out


def test_sync_without_a_broker_fails_with_its_address(terminal: Terminal) -> None:
    terminal.here("plans", "import", PLAN)
    ran = terminal.here("plans", "sync", SWAP_KIOSK_MQTT__CONNECT_SECONDS="1")
    assert (ran.code, ran.out) == (1, "")
    assert "127.0.0.1:1" in ran.err
