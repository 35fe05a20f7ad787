"""Faults of the Bluetooth adapter: every one has words for the attendant."""

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BatteryUnreachable
from kiosk.domain.messages import message_for


@pytest.mark.parametrize("fault", list(AdapterFault))
def test_every_fault_has_a_phrase_and_a_repair(fault: AdapterFault) -> None:
    assert not fault.phrase.endswith(".")
    assert fault.repair.endswith(".")


@pytest.mark.parametrize("fault", [each for each in AdapterFault if each is not AdapterFault.LINK_LOST])
def test_the_message_says_the_fault_and_its_repair(fault: AdapterFault) -> None:
    message = message_for(BatteryUnreachable("BAT-12345", 10, fault=fault))
    assert message.what == "Batteries cannot be read now"
    assert message.why == f"Reason: {fault.phrase}."
    assert message.steps[0] == fault.repair


def test_a_lost_link_is_told_of_the_battery_and_not_of_the_adapter() -> None:
    message = message_for(BatteryUnreachable("BAT-12345", 10, fault=AdapterFault.LINK_LOST))
    assert message.what == "The link to BAT-12345 was lost"
