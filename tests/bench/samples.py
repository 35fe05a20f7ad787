"""What is measured with: the shipped plan, a swap of an ordinary customer, its receipt."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.receipt import BatteryLine, QuotaLine, Receipt
from kiosk.domain.swap.swap import Swap, SwapRules, completion, start_swap, with_new, with_returned
from kiosk.wire.plan_documents import read_plan
from kiosk.wire.request_documents import write_request
from kiosk.wire.shipped import plan_text

NOON = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
STATION, ATTENDANT = "STATION_XYZ", "ATT-001"
RETURNED, ISSUED = "BAT-12345", "BAT-67890"
RETURNED_KWH, ISSUED_KWH = Decimal("4.8"), Decimal("30.4")
USED_KWH, QUOTA_KWH, SWAPS_USED = Decimal("44.5"), Decimal(400), Decimal(6)
RULES = SwapRules()


def sample_plan() -> ServicePlan:
    """The shipped plan with a battery held and something used."""
    plan = read_plan(plan_text("bss-plan-weekly-freedom-nairobi-v2-plan1"))
    states = [replace(plan.fleet, used=SWAPS_USED, current_asset=RETURNED)]
    if plan.electricity is not None:
        states.append(replace(plan.electricity, used=USED_KWH, quota=QUOTA_KWH))
    return replace(plan.with_states(*states), service_state="BATTERY_ISSUED")


def reading(battery_id: str, kwh: Decimal) -> BatteryTelemetry:
    """A fit battery."""
    return BatteryTelemetry(
        battery_id=battery_id, kwh_remaining=kwh, timestamp=NOON, voltage=Decimal("71.2"), temperature_celsius=Decimal(25)
    )


def sample_swap(number: int = 0) -> Swap:
    """A swap ready to complete; each `number` is another swap, of another plan."""
    plan = replace(sample_plan(), id=f"bench-{number}")
    swap = start_swap(
        plan, correlation_id=f"TXN-01JHMN5Z00{number:016}", plan_as_of=NOON, now=NOON, attendant_id=ATTENDANT, station_id=STATION
    )
    swap = with_returned(swap, reading(RETURNED, RETURNED_KWH), RULES)
    return with_new(swap, reading(ISSUED, ISSUED_KWH), RULES)


def completed(swap: Swap) -> Swap:
    """The same swap at its end. Raises StepImpossible where it is not ready."""
    return replace(swap, completed_at=completion(swap, NOON).transaction_timestamp)


def payload() -> bytes:
    """The bytes of a completion."""
    return write_request(completion(sample_swap(), NOON))


def sample_receipt(number: int = 0) -> Receipt:
    """The receipt of such a swap, confirmed."""
    return Receipt(
        transaction_id=f"TXN-01JHMN5Z00{number:016}",
        timestamp=NOON,
        station_id=STATION,
        station_name="Nairobi West",
        attendant_id=ATTENDANT,
        customer_id="CUST-001",
        plan_name="Weekly Freedom Nairobi",
        returned=BatteryLine(battery_id=RETURNED, kwh=RETURNED_KWH, read_at=NOON),
        issued=BatteryLine(battery_id=ISSUED, kwh=ISSUED_KWH, read_at=NOON),
        net_kwh=ISSUED_KWH - RETURNED_KWH,
        quotas=(
            QuotaLine(name="Swaps", remaining=Decimal(3), quota=Decimal(10)),
            QuotaLine(name="Electricity", remaining=Decimal("29.9"), quota=Decimal(400), unit="kWh"),
        ),
        settled=True,
    )
