"""The specification's requests, by action: what service_agent is called with; and a customer's code as it was read."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BadInput
from kiosk.domain.keyboard import FITS, KeyboardState
from kiosk.domain.language import tr


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCode:
    """A code as it was read, and the plan id in it. `typed` tells it from a scanned one. `other_id` is the plan id in the second reading of
    the scanner's keys, "" where there is none; `keyboard` what makes it differ."""

    text: str
    plan_id: str
    typed: bool = False
    other_id: str = ""
    keyboard: KeyboardState = FITS


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyCustomer:
    """Who stands at the counter; `attendant_station` is the station's id."""

    action = "IDENTIFY_CUSTOMER"
    attendant_station: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyReturnedEquipment:
    """Is this the customer's battery, and what does it hold? The telemetry is None where kWh is not tracked, the station "" where it is
    unknown."""

    action = "IDENTIFY_RETURNED_EQUIPMENT"
    equipment_id: str
    telemetry: BatteryTelemetry | None = None
    attendant_station: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyOutgoingEquipment:
    """May this battery be issued, and what does it hold?"""

    action = "IDENTIFY_OUTGOING_EQUIPMENT"
    equipment_id: str
    telemetry: BatteryTelemetry | None = None
    attendant_station: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentCheckin:
    """The returned battery is taken back."""

    action = "EQUIPMENT_CHECKIN"
    equipment_id: str
    incoming_kwh: Decimal | None = None
    incoming_soc_percent: Decimal | None = None
    correlation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentCheckout:
    """The new battery is issued; kWh as read, both null-able (first visit; tracking off). A state of charge counts where no kWh does
    (decision 34)."""

    action = "EQUIPMENT_CHECKOUT"
    replacement_equipment_id: str
    incoming_equipment_id: str | None = None
    incoming_kwh: Decimal | None = None
    outgoing_kwh: Decimal | None = None
    incoming_soc_percent: Decimal | None = None
    outgoing_soc_percent: Decimal | None = None
    correlation_id: str = ""

    @property
    def incoming_battery_id(self) -> str | None:
        """As COMPLETE_SERVICE calls it."""
        return self.incoming_equipment_id

    @property
    def outgoing_battery_id(self) -> str:
        """As COMPLETE_SERVICE calls it."""
        return self.replacement_equipment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPayment:
    """A receipt that the customer shows; the amount is in the plan's currency."""

    action = "PROCESS_PAYMENT"
    payment_amount: Decimal
    payment_receipt_id: str
    payment_method: str
    attendant_id: str = ""
    attendant_station: str = ""
    correlation_id: str = ""
    transaction_id: str = ""
    payment_timestamp: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAttendantActivity:
    """The end of the older sequence: who did what where."""

    action = "REPORT_ATTENDANT_ACTIVITY"
    attendant_id: str
    attendant_station: str
    activity: str = "BATTERY_SWAP"
    correlation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteService:
    """The whole swap in one request. Incoming fields are None on a first visit; a state of charge counts where no kWh does (decision 34).

    Raises BadInput on a payment without its facts.
    """

    action = "COMPLETE_SERVICE"
    outgoing_battery_id: str
    outgoing_kwh: Decimal | None
    attendant_id: str
    attendant_station: str
    transaction_timestamp: datetime
    correlation_id: str
    incoming_battery_id: str | None = None
    incoming_kwh: Decimal | None = None
    incoming_soc_percent: Decimal | None = None
    outgoing_soc_percent: Decimal | None = None
    payment_occurred: bool = False
    payment_amount: Decimal | None = None
    payment_receipt_id: str | None = None
    payment_method: str | None = None

    def __post_init__(self) -> None:
        facts = (self.payment_amount, self.payment_receipt_id, self.payment_method)
        if self.payment_occurred and (None in facts or "" in facts):
            raise BadInput("payment_occurred", tr("a payment needs payment_amount, payment_receipt_id and payment_method"))


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyServiceQuota:
    """Is this much of one service left? `quantity` is kWh for electricity, a count for any other service (decision 35)."""

    action = "VERIFY_SERVICE_QUOTA"
    service_id: str
    quantity: Decimal
    correlation_id: str = ""
    attendant_station: str = ""


Request = (
    IdentifyCustomer
    | IdentifyReturnedEquipment
    | IdentifyOutgoingEquipment
    | EquipmentCheckin
    | EquipmentCheckout
    | ProcessPayment
    | ReportAttendantActivity
    | CompleteService
    | VerifyServiceQuota
)

Exchange = EquipmentCheckout | CompleteService  # what issues a battery in exchange for the returned one
# one step of the older sequence (decision 21)
CompletionStep = EquipmentCheckin | ProcessPayment | EquipmentCheckout | ReportAttendantActivity
CompletionRequest = CompleteService | CompletionStep  # what completes a swap: all of it, or one step
# a question that books nothing. Pinned templates list what there was when they were made, and never change (decision 23).
ALWAYS_AVAILABLE = frozenset({VerifyServiceQuota.action})
# the actions of the older sequence, in its order
OLDER_STEPS = (EquipmentCheckin.action, ProcessPayment.action, EquipmentCheckout.action, ReportAttendantActivity.action)
