"""What is stored is read back exactly."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.battery.battery import BatteryTelemetry, EnergyMethod
from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.swap.swap import Confirmation, Payment, Swap
from kiosk.wire.exact_json import loads, text
from kiosk.wire.stored_documents import plan_from_json, plan_to_json, swap_from_json, swap_to_json
from tests.builders import plan_of, reading, swap_of

WORDS = st.text(max_size=40)
SHOWN = WORDS.map(cleaned)  # as a reading that was taken in has it
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-0123456789", min_size=1, max_size=40)
AMOUNTS = st.decimals(0, Decimal(10) ** 9, places=3)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis wants naive bounds
READINGS = st.builds(
    BatteryTelemetry,
    battery_id=WORDS.filter(bool),
    kwh_remaining=st.none() | AMOUNTS,
    timestamp=TIMES,
    voltage=st.none() | AMOUNTS,
    temperature_celsius=st.none() | st.decimals(-50, 90, places=1),
    soc_percent=st.none() | AMOUNTS,
    full_kwh=st.none() | AMOUNTS,
    charge_ah=st.none() | AMOUNTS,
    method=st.none() | st.sampled_from(EnergyMethod),
    estimated=st.booleans(),
    faults=st.lists(SHOWN, max_size=3).map(tuple),
    protocol=SHOWN,
    rssi=st.none() | st.integers(-120, 0),
    states=st.lists(SHOWN, max_size=3).map(tuple),
    unknown_codes=st.lists(SHOWN, max_size=3).map(tuple),
    lowest_cell_volts=st.none() | AMOUNTS,
    cell_spread_volts=st.none() | AMOUNTS,
    output_on=st.none() | st.booleans(),
    seconds=st.none() | st.floats(0, 100).map(lambda each: round(each, 6)),
    serial=SHOWN,
    cycles=st.none() | st.integers(0, 10_000),
    address=st.sampled_from(["", "C8:47:8C:00:10:00"]),
)
PAYMENTS = st.builds(
    Payment,
    amount=AMOUNTS,
    currency=NAMES,
    receipt_id=WORDS,
    method=WORDS,
    recorded_at=TIMES,
    confirmation=st.sampled_from(Confirmation),
    confirmed_by=WORDS,
)
JSON = st.dictionaries(WORDS, st.none() | st.booleans() | st.integers(-(10**9), 10**9) | AMOUNTS | WORDS, max_size=3)
PLANS = st.builds(
    lambda states, held, **changes: replace(
        plan_of(**changes),
        service_states=tuple(
            ServiceState(service_id=f"svc-{place}", used=used, quota=quota, current_asset=held)
            for place, (used, quota) in enumerate(states)
        ),
    ),
    states=st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=4),
    held=st.none() | NAMES,
    id=NAMES,
    customer_id=NAMES,
    currency=st.sampled_from([None, "KES", "USD"]),
    customer_name=st.none() | NAMES,
    plan_state=JSON,
    payment_account=JSON,
)
SWAPS = st.builds(
    Swap,
    correlation_id=NAMES,
    plan=PLANS,
    plan_as_of=TIMES,
    started_at=TIMES,
    attendant_id=WORDS,
    station_id=WORDS,
    incoming=st.none() | READINGS,
    outgoing=st.none() | READINGS,
    payment=st.none() | PAYMENTS,
    parts=st.lists(PAYMENTS, max_size=3).map(tuple),
    inspection=WORDS,
    completed_at=st.none() | TIMES,
)


@given(SWAPS)
def test_a_swap_is_read_back_as_it_was_stored(swap: Swap) -> None:
    stored = swap_to_json(swap)
    assert swap_from_json(stored) == swap
    assert swap_to_json(swap_from_json(stored)) == stored


@given(PLANS)
def test_a_plan_is_read_back_as_it_was_stored(plan: ServicePlan) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


def test_a_quotient_with_all_its_digits_is_read_back() -> None:
    thirds = [Decimal(1) / Decimal(3), Decimal(1) / Decimal(3000), Decimal(10**9) / Decimal(3)]
    plan = plan_of(plan_state={"thirds": thirds})
    assert plan_from_json(plan_to_json(plan)) == plan


def test_what_is_stored_does_not_depend_on_the_machines_that_are_shipped() -> None:
    template = loads(plan_to_json(plan_of()))["service_plan_template"]
    assert len(template["service_cycle_fsm"]["states"]) == 6
    assert len(template["payment_cycle_fsm"]["states"]) == 6


def test_a_changed_template_is_stored_as_it_is_now() -> None:
    plan = plan_of()
    before = plan_to_json(plan)
    changed = replace(plan, template=replace(plan.template, version="2.0.1"))
    assert plan_from_json(plan_to_json(changed)).template.version == "2.0.1"
    assert plan_to_json(plan) == before


@pytest.mark.parametrize("stored", ["", "{}", "[]", "boom"])
def test_what_was_never_stored_by_us_is_refused(stored: str) -> None:
    with pytest.raises(BadInput):
        swap_from_json(stored)


def test_a_confirmation_that_is_none_is_refused() -> None:
    stored = swap_to_json(replace(swap_of(), payment=payment()))
    with pytest.raises(BadInput, match=r"payment\.confirmation"):
        swap_from_json(stored.replace('"waiting"', '"perhaps"'))


def test_a_journal_of_a_release_that_knew_no_parts_is_read() -> None:
    swap = replace(swap_of(), payment=payment())
    stored = swap_to_json(swap)
    assert '"parts":[]' in stored
    assert swap_from_json(stored.replace('"parts":[],', "")) == swap


def payment() -> Payment:
    return Payment(
        amount=Decimal("12.48"),
        currency="USD",
        receipt_id="PAY-1",
        method="CASH",
        recorded_at=datetime(2025, 1, 1, tzinfo=UTC),
        confirmation=Confirmation.WAITING,
    )


def test_a_reading_stored_before_cells_and_outputs_were_told_is_read() -> None:
    old = loads(swap_to_json(swap_of()))
    old["incoming"] = {"asset_id": "BAT-12345", "kwh_remaining": 4.8, "timestamp": "2025-01-15T10:30:00Z", "faults": ["BMS problem 0x10"]}
    incoming = swap_from_json(text(old)).incoming
    assert incoming is not None
    assert (incoming.faults, incoming.states, incoming.unknown_codes, incoming.output_on) == (("BMS problem 0x10",), (), (), None)
    assert (incoming.lowest_cell_volts, incoming.cell_spread_volts) == (None, None)


def test_what_a_reading_does_not_tell_is_not_stored() -> None:
    stored = loads(swap_to_json(replace(swap_of(), incoming=reading())))["incoming"]
    assert not {"states", "unknown_codes", "lowest_cell_volts", "cell_spread_volts", "output_on"} & set(stored)
    off = loads(swap_to_json(replace(swap_of(), incoming=reading(output_on=False))))["incoming"]
    assert off["output_on"] is False
