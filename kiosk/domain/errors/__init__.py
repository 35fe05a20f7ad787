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
│   ├── PaymentRefused       the platform says it was not paid
│   └── TransactionOwned     another station began this transaction
├── TemplateError        a template stops what is asked of it (platform)
│   ├── TemplateInactive     it is deprecated: no new plan, no new version
│   └── RefinementRefused    it would break running contracts, with every reason
├── StoreError           the disk or the database
│   ├── StoreFailed          this write did not happen; nothing is recorded
│   │   └── DataUnusable         the kiosk cannot open its data, so nothing was to be recorded
│   └── StoreInUse           another kiosk runs on the same data
├── PanelTooSmall        the pages have no room on the screen
├── PrinterUnavailable   the receipt waits; the swap stands
│   └── PrinterMissing       no printer is set up
├── LinkDown             the platform cannot be reached now
│   ├── Forbidden            the link is up, and the broker forbids a topic
│   └── PartNeedsLink        a receipt over less than is due needs the platform's word
├── PeopleError          who is there may not do this, or is not known
│   ├── PinWrong             another PIN
│   ├── PersonLocked         too many wrong PINs
│   ├── BadgeUnknown         nobody here has this badge
│   ├── PinNeeded            a badge alone does not sign this person in
│   ├── PinUnset             no PIN of this person can be checked here
│   ├── NotSignedIn          nobody is signed in, or the counter is locked
│   ├── RoleMissing          it needs another role
│   └── PeopleTooOld         the platform's list of people was brought here too long ago
├── NotApproved          who approves is no supervisor here, or gave no reason
├── StepImpossible       the swap is not at the step that was asked for
├── StationRefused       a station is not taken for who it says it is, or cannot be enrolled (platform)
├── NotFound             no such swap, plan, completion here
└── BadInput             a file, request or setting that cannot be read, with the place and the reason
"""

from kiosk.domain.errors.battery_errors import (
    AnotherPack,
    BatteriesAlike,
    BatteryDamaged,
    BatteryError,
    BatteryNotIssuable,
    BatteryTaken,
    BatteryTooLow,
    BatteryUnbound,
    BatteryUnreachable,
    BatteryUnreadable,
    BindingTaken,
    ReadingPrevented,
    ReturnedMore,
    SameBattery,
    WrongBattery,
)
from kiosk.domain.errors.customer_errors import (
    BadCustomerCode,
    CustomerError,
    CustomerUnknown,
    PlanBlocked,
    PlanInvalid,
    PlanTooOld,
    PlanUnavailable,
)
from kiosk.domain.errors.kiosk_error import KioskError
from kiosk.domain.errors.other_errors import (
    BadInput,
    DataUnusable,
    Forbidden,
    LinkDown,
    NotApproved,
    NotFound,
    PanelTooSmall,
    PartNeedsLink,
    PrinterMissing,
    PrinterUnavailable,
    RefinementRefused,
    StationRefused,
    StepImpossible,
    StoreError,
    StoreFailed,
    StoreInUse,
    TemplateError,
    TemplateInactive,
)
from kiosk.domain.errors.payment_errors import (
    CurrencyConflict,
    PaymentError,
    PaymentInvalid,
    PaymentRefused,
    PaymentTooSmall,
    PaymentUnapplied,
    PaymentUnconfirmed,
    PaymentUsed,
    PriceMissing,
    RenewalNeeded,
    TransactionOwned,
)
from kiosk.domain.errors.people_errors import (
    BadgeUnknown,
    NotSignedIn,
    PeopleError,
    PeopleTooOld,
    PersonLocked,
    PinNeeded,
    PinUnset,
    PinWrong,
    RoleMissing,
)

__all__ = [
    "AnotherPack",
    "BadCustomerCode",
    "BadInput",
    "BadgeUnknown",
    "BatteriesAlike",
    "BatteryDamaged",
    "BatteryError",
    "BatteryNotIssuable",
    "BatteryTaken",
    "BatteryTooLow",
    "BatteryUnbound",
    "BatteryUnreachable",
    "BatteryUnreadable",
    "BindingTaken",
    "CurrencyConflict",
    "CustomerError",
    "CustomerUnknown",
    "DataUnusable",
    "Forbidden",
    "KioskError",
    "LinkDown",
    "NotApproved",
    "NotFound",
    "NotSignedIn",
    "PanelTooSmall",
    "PartNeedsLink",
    "PaymentError",
    "PaymentInvalid",
    "PaymentRefused",
    "PaymentTooSmall",
    "PaymentUnapplied",
    "PaymentUnconfirmed",
    "PaymentUsed",
    "PeopleError",
    "PeopleTooOld",
    "PersonLocked",
    "PinNeeded",
    "PinUnset",
    "PinWrong",
    "PlanBlocked",
    "PlanInvalid",
    "PlanTooOld",
    "PlanUnavailable",
    "PriceMissing",
    "PrinterMissing",
    "PrinterUnavailable",
    "ReadingPrevented",
    "RefinementRefused",
    "RenewalNeeded",
    "ReturnedMore",
    "RoleMissing",
    "SameBattery",
    "StationRefused",
    "StepImpossible",
    "StoreError",
    "StoreFailed",
    "StoreInUse",
    "TemplateError",
    "TemplateInactive",
    "TransactionOwned",
    "WrongBattery",
]
