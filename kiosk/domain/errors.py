"""What stops a step. Each carries the facts; the sentences for people are in `kiosk/domain/messages`.

KioskError
├── CustomerError        the customer or the plan stops the swap
│   ├── BadCustomerCode      empty, too long, binary, or JSON without a code
│   ├── CustomerUnknown      the platform (or, offline, the cache) has no such plan
│   ├── PlanUnavailable      no answer from the platform and nothing cached
│   ├── PlanTooOld           the cached plan is older than allowed offline
│   ├── PlanBlocked          the state of the plan forbids a swap
│   └── PlanInvalid          the plan document breaks a rule, with the place of it
├── BatteryError         the battery stops the swap
│   ├── BatteryUnreachable   no answer in time
│   │   └── BatteryUnbound       nobody knows which of the packs in range it is
│   ├── BatteryUnreadable    an answer that cannot be trusted
│   │   ├── BatteriesAlike       two in range say they are one battery
│   │   ├── ReadingPrevented     pairing, password, another reader, old firmware: no word about its health
│   │   └── AnotherPack          the pack at the address of a battery is not the one that was bound
│   ├── WrongBattery         not the battery that the plan expects
│   ├── ReturnedMore         it came back with clearly more energy than it went out with
│   ├── BatteryDamaged       outside the limits of fitness
│   ├── BatteryNotIssuable   good to take back, not to hand out
│   ├── BatteryTooLow        less energy than the least to issue
│   ├── SameBattery          the new battery is the returned one
│   ├── BatteryTaken         another customer holds it
│   └── BindingTaken         its sticker or its address is bound to another
├── PaymentError         money stops the swap
│   ├── PriceMissing         something is owed and no price is known
│   ├── CurrencyConflict     two currencies in one plan
│   ├── RenewalNeeded        no swaps left and no price for one
│   ├── PaymentUsed          this receipt paid before
│   ├── PaymentTooSmall      it does not cover what is missing
│   ├── PaymentInvalid       an amount or receipt id that cannot be one
│   ├── PaymentUnconfirmed   the platform has not confirmed it in time
│   ├── PaymentUnapplied     money that came and counts for no swap yet
│   └── PaymentRefused       the platform says it was not paid
├── TemplateError        a template stops what is asked of it (platform)
│   ├── TemplateInactive     it is deprecated: no new plan, no new version
│   └── RefinementRefused    it would break running contracts, with every reason
├── StoreError           the disk or the database
│   ├── StoreFailed          this write did not happen; nothing is recorded
│   └── StoreInUse           another kiosk runs on the same data
├── PrinterUnavailable   the receipt waits; the swap stands
│   └── PrinterMissing       no printer is set up
├── LinkDown             the platform cannot be reached now
│   └── PartNeedsLink        a receipt over less than is due needs the platform's word
├── NotApproved          who approves is no supervisor here, or gave no reason
├── StepImpossible       the swap is not at the step that was asked for
├── NotFound             no such swap, plan, completion here
└── BadInput             a file, request or setting that cannot be read, with the place and the reason
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.language import tr, tr_count
from kiosk.domain.read_obstacle import ReadObstacle


class KioskError(Exception):
    """Something that stops a step, foreseen and with a way on."""

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in vars(self).items())
        return f"{type(self).__name__}({facts})"


class CustomerError(KioskError):
    """The customer or the plan stops the swap."""


@dataclass(eq=False)
class BadCustomerCode(CustomerError):
    """`reason` says what is wrong with the code, e.g. "it is empty"."""

    reason: str


@dataclass(eq=False)
class CustomerUnknown(CustomerError):
    """No plan has this code."""

    code: str


@dataclass(eq=False)
class PlanUnavailable(CustomerError):
    """The platform did not answer in time and this kiosk has never seen the plan."""

    code: str


@dataclass(eq=False)
class PlanTooOld(CustomerError):
    """The platform did not answer and the cached plan is older than `limit` (decision 19)."""

    code: str
    age: timedelta
    limit: timedelta


@dataclass(eq=False)
class PlanBlocked(CustomerError):
    """The plan may not swap; `state` is the FSM state that forbids it (decision 15)."""

    plan_id: str
    state: str
    pay_first: bool = False


@dataclass(eq=False)
class PlanInvalid(CustomerError):
    """The plan document breaks a rule; `where` is the key, `reason` a phrase."""

    where: str
    reason: str


class BatteryError(KioskError):
    """The battery stops the swap."""


@dataclass(eq=False)
class BatteryUnreachable(BatteryError):
    """No answer within `seconds`; `heard_others` tells a silent battery from a stuck adapter. `fault` is set when more is known;
    `battery_id` is empty when no certain battery was looked for."""

    battery_id: str
    seconds: float
    heard_others: bool = True
    fault: AdapterFault | None = None


@dataclass(eq=False)
class BatteryUnbound(BatteryUnreachable):
    """No pack is bound to this id and none in range has it as its name; `packs` in range have only their maker's name: one of them may be
    it."""

    packs: int = 0


@dataclass(eq=False)
class BatteryUnreadable(BatteryError):
    """The battery answered, but its answer cannot be trusted; `reason` is a phrase."""

    battery_id: str
    reason: str


@dataclass(eq=False)
class BatteriesAlike(BatteryUnreadable):
    """`count` batteries in range say they are the battery `battery_id`, by their name or by their own id: none of them is guessed."""

    count: int

    @classmethod
    def of(cls, battery_id: str, count: int) -> "BatteriesAlike":
        """With the phrase that goes with it."""
        return cls(
            battery_id,
            tr_count(
                "{count} battery in range says it is {battery_id}",
                "{count} batteries in range say they are {battery_id}",
                count,
                battery_id=battery_id,
            ),
            count,
        )


@dataclass(eq=False)
class ReadingPrevented(BatteryUnreadable):
    """The battery is there and `obstacle` keeps it from being read. That says nothing about whether it is fit."""

    obstacle: ReadObstacle

    @classmethod
    def by(cls, obstacle: ReadObstacle, battery_id: str) -> "ReadingPrevented":
        """With the phrase that goes with it."""
        return cls(battery_id, obstacle.phrase, obstacle)


@dataclass(eq=False)
class AnotherPack(BatteryUnreadable):
    """The pack at the address that is bound to `battery_id` tells another serial or id (`found`) than the one that was bound (`bound`)."""

    found: str
    bound: str

    @classmethod
    def of(cls, battery_id: str, *, found: str, bound: str) -> "AnotherPack":
        """With the phrase that goes with it."""
        return cls(battery_id, tr("another pack answers at the address of {battery_id}", battery_id=battery_id), found, bound)


@dataclass(eq=False)
class WrongBattery(BatteryError):
    """The id read from the battery is not the expected one (decision 12)."""

    expected_id: str
    read_id: str


@dataclass(eq=False)
class ReturnedMore(BatteryError):
    """It came back with `kwh` and went out with `issued_kwh`, which is clearly less (decision 28). `issued_at` None and `station` "" where
    they are not known; `estimated` where it went out with an estimate."""

    battery_id: str
    kwh: Decimal
    issued_kwh: Decimal
    issued_at: datetime | None = None
    station: str = ""
    estimated: bool = False

    @property
    def more_kwh(self) -> Decimal:
        """What it came back with above what went out."""
        return self.kwh - self.issued_kwh


@dataclass(eq=False)
class BatteryDamaged(BatteryError):
    """Outside the limits of fitness; `reasons` are phrases such as "too hot, 68 °C"."""

    battery_id: str
    reasons: tuple[str, ...]


@dataclass(eq=False)
class BatteryNotIssuable(BatteryError):
    """Good to take back, but not to hand out; `reasons` are phrases such as "its output is switched off". `output_off` where switching its
    output on mends it."""

    battery_id: str
    reasons: tuple[str, ...]
    output_off: bool = False


@dataclass(eq=False)
class BatteryTooLow(BatteryError):
    """It holds less than the least to issue."""

    battery_id: str
    kwh: Decimal
    least_kwh: Decimal


@dataclass(eq=False)
class SameBattery(BatteryError):
    """The battery offered as the new one is the one just returned."""

    battery_id: str


@dataclass(eq=False)
class BatteryTaken(BatteryError):
    """Another customer known here holds this battery."""

    battery_id: str


@dataclass(eq=False)
class BindingTaken(BatteryError):
    """This id cannot be bound to this address (decision 84): `standing` are the bindings in the way, in words."""

    battery_id: str
    address: str
    standing: tuple[str, ...]


class PaymentError(KioskError):
    """Money stops the swap."""


@dataclass(eq=False)
class PriceMissing(PaymentError):
    """Something is owed and no price is known; a swap is never free by mistake (decision 5)."""

    deficit_kwh: Decimal


@dataclass(eq=False)
class CurrencyConflict(PaymentError):
    """The plan and its template name two currencies (decision 5)."""

    plan_currency: str
    template_currency: str


@dataclass(eq=False)
class RenewalNeeded(PaymentError):
    """No swaps are left and the template gives no price for one (decision 9)."""

    deficit_swaps: int


@dataclass(eq=False)
class PaymentUsed(PaymentError):
    """This (method, receipt id) paid another swap, or is counted in this one already: `here` (decision 10)."""

    method: str
    receipt_id: str
    used_at: datetime | None = None
    here: bool = False


@dataclass(eq=False)
class PaymentTooSmall(PaymentError):
    """`missing` is what still has to be paid, in `currency` (decision 9)."""

    missing: Decimal
    currency: str


@dataclass(eq=False)
class PaymentInvalid(PaymentError):
    """An amount or receipt id that cannot be one; `reason` is a phrase."""

    reason: str


@dataclass(eq=False)
class PaymentUnconfirmed(PaymentError):
    """The platform has not confirmed the receipt within `seconds` (decision 22)."""

    receipt_id: str
    seconds: float


@dataclass(eq=False)
class PaymentRefused(PaymentError):
    """The platform says this receipt is not a payment; `reason` is its own."""

    receipt_id: str
    reason: str


class TemplateError(KioskError):
    """A template stops what is asked of it."""


@dataclass(eq=False)
class TemplateInactive(TemplateError):
    """It starts no new plan and gets no new version (decision 23)."""

    template_id: str
    status: str


@dataclass(eq=False)
class RefinementRefused(TemplateError):
    """The new version would break running contracts; `reasons` are phrases, all of them (decision 23)."""

    template_id: str
    version: str
    reasons: tuple[str, ...]


@dataclass(eq=False)
class PaymentUnapplied(PaymentError):
    """The money of this receipt has come, but counts for no swap until a person has looked; `reason` is a phrase, e.g. "it is in KES"."""

    receipt_id: str
    reason: str


class StoreError(KioskError):
    """The disk or the database."""


@dataclass(eq=False)
class StoreFailed(StoreError):
    """This write did not happen: disk full, read-only, damaged. Nothing is recorded."""

    reason: str


@dataclass(eq=False)
class StoreInUse(StoreError):
    """Another kiosk runs on the data in `folder`."""

    folder: str


@dataclass(eq=False)
class PrinterUnavailable(KioskError):
    """The receipt waits; the swap stands. `reason` is a phrase such as "paper out"."""

    reason: str


@dataclass(eq=False)
class PrinterMissing(PrinterUnavailable):
    """No printer is set up here, so none can fail."""


@dataclass(eq=False)
class LinkDown(KioskError):
    """The platform cannot be reached now; `reason` is the broker's or the network's."""

    reason: str


@dataclass(eq=False)
class PartNeedsLink(LinkDown):
    """A receipt over less than is due counts with the platform's word only, and the platform cannot be reached now."""


@dataclass(eq=False)
class NotApproved(KioskError):
    """Nothing was approved; `reason` is a phrase."""

    reason: str


@dataclass(eq=False)
class StepImpossible(KioskError):
    """The swap is not at the step that was asked for; `reason` is a phrase."""

    reason: str


@dataclass(eq=False)
class NotFound(KioskError):
    """`what` (a swap, a plan, a completion) with id `key` is not known here."""

    what: str
    key: str


@dataclass(eq=False)
class BadInput(KioskError):
    """A file, request or setting that cannot be read: `where` (file and key) and `reason`."""

    where: str
    reason: str
