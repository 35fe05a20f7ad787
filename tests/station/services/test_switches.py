"""The agent's switches at the counter: what the template says is done (decisions 21, 22)."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from kiosk.domain.errors import BatteryUnreadable, StepImpossible
from kiosk.domain.money.money import Collectable
from kiosk.domain.swap.swap import Confirmation, Step, Swap, next_step
from kiosk.station.adapters.printing import FolderArchive
from kiosk.station.adapters.receipts.process import PdfReceiptMaker
from kiosk.station.ports import OutgoingMessage
from kiosk.station.services.receipts import Receipts
from kiosk.station.services.station import Station
from kiosk.wire.exact_json import loads
from tests.builders import plan_of, plan_with, reading, rolled_back, switched
from tests.station.services.conftest import Counter

OFF = {"electricity_tracking": {"enabled": False}}
WITHOUT_RECEIPTS = {"service_completion": {"receipt_generation_enabled": False}}
UNCONFIRMED = {"service_completion": {"require_payment_confirmation": False}}


def receipts_of(counter: Counter, folder: Path) -> Receipts:
    station = Station(id="STATION_XYZ", name="Station 14", attendant_id="ATT-001")
    archive = FolderArchive(folder)
    return Receipts(counter.store, PdfReceiptMaker(), archive, counter.clock, station, Collectable(), training=False)


async def without_energy(counter: Counter, **changes: Any) -> Swap:
    """A swap whose batteries tell who they are and nothing of their energy."""
    swap = await counter.swaps.identify(counter.know(switched(plan_with(used_kwh="399.9"), **OFF, **changes)))
    swap = await counter.swaps.accept_returned(swap, reading("BAT-12345", None))
    return await counter.swaps.accept_new(swap, reading("BAT-67890", None))


def kept(folder: Path) -> list[Path]:
    """The receipts in the archive."""
    return list(folder.glob("*"))


def stored(counter: Counter, swap: Swap) -> OutgoingMessage:
    return counter.store.outbox_entry(swap.correlation_id).message


# ---------------------------------------------------------------- electricity_tracking.enabled


async def test_where_energy_is_not_counted_batteries_need_not_tell_theirs(counter: Counter) -> None:
    swap = await without_energy(counter)
    assert (next_step(swap), swap.net_kwh) == (Step.REVIEW, None)
    request = loads(stored(counter, await counter.swaps.complete(swap)).payload)
    assert (request["incoming_kwh"], request["outgoing_kwh"]) == (None, None)


@pytest.mark.parametrize("enabled", [True, False])
async def test_the_radio_is_told_whether_the_energy_is_needed(counter: Counter, *, enabled: bool) -> None:
    counter.scanner.readings["BAT-12345"] = reading("BAT-12345", None)
    swap = await counter.swaps.identify(counter.know(switched(plan_of(), electricity_tracking={"enabled": enabled})))
    told = await counter.swaps.read(swap, "BAT-12345", lambda _phase: None)
    assert counter.scanner.energy_needed is enabled
    if enabled:
        with pytest.raises(BatteryUnreadable, match="no energy"):
            await counter.swaps.accept_returned(swap, told)


async def test_only_the_swap_is_booked_here_and_the_energy_is_left_alone(counter: Counter) -> None:
    swap = await counter.swaps.complete(await without_energy(counter))
    after = counter.swaps.booked(swap)
    used = {each.service_id: each.used for each in after.service_states}
    assert used["svc-electricity-fuel-kenya"] == Decimal("399.9")
    assert used["svc-battery-fleet-kenya-premium"] == 7
    assert [each.service_id for each in counter.swaps.updates(swap)] == ["svc-battery-fleet-kenya-premium"]


async def test_an_exhausted_energy_quota_costs_nothing_and_an_exhausted_swap_count_does(counter: Counter) -> None:
    assert next_step(await without_energy(counter)) is Step.REVIEW
    short = switched(plan_with(swaps_used=10, used_kwh="0"), **OFF)
    swap = await counter.swaps.identify(counter.know(replace(short, id="plan-short")))
    swap = await counter.swaps.accept_returned(swap, reading("BAT-12345", None))
    assert next_step(await counter.swaps.accept_new(swap, reading("BAT-77777", None))) is Step.PAYMENT


async def test_nothing_is_printed_of_energy_that_is_not_counted(counter: Counter, tmp_path: Path) -> None:
    done = await counter.swaps.complete(await without_energy(counter))
    made = await receipts_of(counter, tmp_path).make(done.correlation_id)
    document = pypdfium2.PdfDocument(made.pdf)
    words = document[0].get_textpage().get_text_range()
    document.close()
    assert "kWh" not in words
    assert "Electricity" not in words
    assert "BAT-67890" in words


async def test_the_older_sequence_carries_no_energy_either(counter: Counter) -> None:
    swap = await counter.swaps.identify(counter.know(rolled_back(switched(plan_of(), **OFF))))
    swap = await counter.swaps.accept_returned(swap, reading("BAT-12345", None))
    done = await counter.swaps.complete(await counter.swaps.accept_new(swap, reading("BAT-67890", None)))
    message = stored(counter, done)
    assert (message.action, loads(message.payload)["incoming_kwh"]) == ("EQUIPMENT_CHECKIN", None)


# ---------------------------------------------------------------- service_completion


async def test_without_receipts_none_is_made_kept_or_counted(counter: Counter, tmp_path: Path) -> None:
    done = await counter.swaps.complete(await counter.to_review(switched(plan_of(), **WITHOUT_RECEIPTS)))
    receipts = receipts_of(counter, tmp_path / "receipts")
    for counted in (True, False):
        with pytest.raises(StepImpossible, match="no receipts"):
            await receipts.make(done.correlation_id, counted=counted)
    assert kept(tmp_path / "receipts") == []
    assert counter.store.completed_swap(done.correlation_id).copies == 0
    assert "receipt" not in counter.swaps.result(done)["metadata"]


@pytest.mark.parametrize(
    ("plan", "confirmation", "step"),
    [
        (plan_with(used_kwh="390"), Confirmation.WAITING, Step.PAYMENT),
        (switched(plan_with(used_kwh="390"), **UNCONFIRMED), Confirmation.NOT_NEEDED, Step.REVIEW),
    ],
)
async def test_a_typed_receipt_is_enough_only_where_no_confirmation_is_asked_for(
    counter: Counter, plan: Any, confirmation: Confirmation, step: Step
) -> None:
    swap = await counter.to_review(plan)
    swap = await counter.swaps.take_payment(swap, Decimal("12.48"), "mp4471", "MOBILE_MONEY")
    assert swap.payment is not None
    assert (swap.payment.confirmation, next_step(swap)) == (confirmation, step)
    assert counter.payments.asked == []
