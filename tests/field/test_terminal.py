"""The commands at the terminal of a kiosk that is configured for the field dialect, run while the platform goes on."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.brokers import Mosquitto
from tests.cli.terminal import Ran, Terminal
from tests.field.platform import Account, field_platform

SWAP = ("swap", "--returned", "BAT-12345", "--outgoing", "BAT-67890", "--json", "--customer")
PAID = ("--payment-receipt-id", "MP4471", "--payment-method", "MOBILE_MONEY", "--payment-amount", "140")


@pytest.fixture
def terminal(tmp_path: Path, mosquitto: Mosquitto) -> Terminal:
    found = Terminal(tmp_path, {"SWAP_KIOSK_MQTT__DIALECT": "field"})
    found.configure(mosquitto)
    return found


async def ran(terminal: Terminal, *arguments: str) -> Ran:
    """One command, while the platform goes on."""
    return await asyncio.to_thread(terminal.here, *arguments)


async def test_a_swap_from_the_terminal_is_settled_and_stands_in_the_history(terminal: Terminal, mosquitto: Mosquitto) -> None:
    account = Account("field-cli-settled")
    async with field_platform(mosquitto, account) as platform:
        swap = await ran(terminal, *SWAP, account.plan_id)
        history = await ran(terminal, "history", "--json")
        synced = await ran(terminal, "plans", "sync")
        shown = await ran(terminal, "plans", "show", account.plan_id)
    assert (swap.code, swap.json["settled"]) == (0, True), swap.err
    assert [(each["correlation_id"], each["state"], each["net_kwh"]) for each in history.json] == [
        (platform.booked[0], "settled", Decimal("3.6"))
    ]
    assert (synced.code, shown.code) == (0, 0), synced.err
    assert json.loads(shown.out)["serviceStates"][0]["current_asset"] == "BAT-67890"


async def test_a_short_plan_is_paid_at_the_terminal_with_the_swap_itself(terminal: Terminal, mosquitto: Mosquitto) -> None:
    account = replace(Account("field-cli-paid"), used_kwh=Decimal(48))
    async with field_platform(mosquitto, account):
        unpaid = await ran(terminal, *SWAP, account.plan_id)
        paid = await ran(terminal, *SWAP, account.plan_id, *PAID)
    assert (unpaid.code, "140 KES must be paid" in unpaid.err) == (1, True), unpaid.err
    assert (paid.code, paid.json["settled"], account.paid) == (0, True, ["MP4471"]), paid.err


async def test_what_was_refused_is_listed_and_sent_again(terminal: Terminal, mosquitto: Mosquitto) -> None:
    account = Account("field-cli-refused")
    async with field_platform(mosquitto, account) as platform:
        platform.manner.refusal = "ASSET_VALIDATION_FAILED"
        refused = await ran(terminal, *SWAP, account.plan_id)
        listed = await ran(terminal, "outbox", "list", "--json")
        platform.manner.refusal = ""
        again = await ran(terminal, "outbox", "retry", listed.json[0]["correlation_id"])
    assert (refused.code, refused.json["settled"]) == (1, False)
    assert (listed.json[0]["state"], listed.json[0]["reason"]) == ("refused", "told to answer ASSET_VALIDATION_FAILED")
    assert (again.code, platform.booked) == (0, [listed.json[0]["correlation_id"]]), again.err


async def test_the_doctor_finds_the_broker(terminal: Terminal) -> None:
    findings = {each["name"]: each for each in (await ran(terminal, "doctor", "--json")).json}
    assert (findings["configuration"]["ok"], findings["broker"]["ok"]) == (True, True)
