"""The program of commit 513e648 itself and today's work together in mode `open`, each as the other end (decision 26)."""

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.brokers import Mosquitto
from tests.builders import plan_with
from tests.cli.terminal import ROOT, Ran, Terminal, platform_process
from tests.former import unpack

FORMER = "513e648"
PAID = ("--payment-receipt-id", "MP4471", "--payment-method", "MOBILE_MONEY", "--payment-amount", "1.28")
ENDS = {"a former kiosk at today's platform": (True, False), "today's kiosk at a former platform": (False, True)}


@dataclass(frozen=True, slots=True)
class Counter:
    """A kiosk of one of the programs, with data of its own for each customer: the same two batteries serve both."""

    program: Path
    broker: Mosquitto
    folder: Path

    def terminal(self, plan_id: str) -> Terminal:
        found = Terminal(self.folder / plan_id, {"PYTHONPATH": str(self.program)})
        found.folder.mkdir(exist_ok=True)
        found.configure(self.broker)
        return found

    def swap(self, plan_id: str, *payment: str) -> Ran:
        batteries = ("--returned", "BAT-12345", "--outgoing", "BAT-67890")
        return self.terminal(plan_id).run("swap", *batteries, "--json", "--customer", plan_id, *payment)

    def states(self, plan_id: str) -> list[str]:
        return [each["state"] for each in self.terminal(plan_id).run("history", "--json").json]


def used_after(ran: Ran) -> Decimal:
    """kWh, as the platform answered it."""
    _swaps, energy = ran.json["metadata"]["quota_updates"]
    found = energy["used_after"]
    assert isinstance(found, Decimal)
    return found


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS)
def test_a_former_program_swaps_and_pays_with_todays_other_end(ends: tuple[bool, bool], mosquitto: Mosquitto, tmp_path: Path) -> None:
    former = unpack(FORMER, tmp_path / "former")
    assert not (former / "kiosk/wire").exists()  # it is another house
    kiosk, platform = (former if old else ROOT for old in ends)
    plans = (replace(plan_with(), id="former-free"), replace(plan_with(used_kwh="398"), id="former-paid"))
    counter = Counter(kiosk, mosquitto, tmp_path)
    with platform_process(mosquitto, tmp_path / "platform", *plans, program=platform):
        free, short, paid = counter.swap("former-free"), counter.swap("former-paid"), counter.swap("former-paid", *PAID)
    assert (free.code, short.code, paid.code) == (0, 1, 0), (free.err, short.err, paid.err)
    assert "1.28 USD" in short.err
    assert (free.json["settled"], paid.json["settled"]) == (True, True)
    assert (used_after(free), used_after(paid)) == (Decimal("348.1"), Decimal("401.6"))
    assert (counter.states("former-free"), counter.states("former-paid")) == (["settled"], ["settled"])
