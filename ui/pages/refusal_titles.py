"""The title of a page that shows a refusal: the news in a few words. The sentence below it says the same with the facts. Pure."""

from collections.abc import Mapping

from kiosk.domain import errors as e
from kiosk.domain.language import mark, tr

TITLES: Mapping[type[e.KioskError], str] = {
    e.BadCustomerCode: mark("The card cannot be read"),
    e.CustomerUnknown: mark("This code is not known"),
    e.PlanUnavailable: mark("No answer, no plan here"),
    e.PlanTooOld: mark("This plan is too old"),
    e.PlanBlocked: mark("This plan is blocked"),
    e.PlanInvalid: mark("This plan has a mistake"),
    e.BatteryUnreachable: mark("No reading"),
    e.BatteryUnbound: mark("Sticker not bound"),
    e.BatteryUnreadable: mark("No reading"),
    e.BatteriesAlike: mark("Two batteries, one id"),
    e.AnotherPack: mark("Another pack"),
    e.WrongBattery: mark("Wrong battery"),
    e.ReturnedMore: mark("Holds more than before"),
    e.BatteryDamaged: mark("Not fit for use"),
    e.BatteryNotIssuable: mark("Not to hand out"),
    e.BatteryTooLow: mark("Too little charge"),
    e.SameBattery: mark("The returned battery"),
    e.BatteryTaken: mark("Another customer's battery"),
    e.BindingTaken: mark("Bound already"),
    e.PriceMissing: mark("No price is known"),
    e.CurrencyConflict: mark("Two currencies in the plan"),
    e.RenewalNeeded: mark("The plan must be renewed"),
    e.PaymentUsed: mark("This receipt was used"),
    e.PaymentTooSmall: mark("More is due"),
    e.PaymentInvalid: mark("This is no payment"),
    e.PaymentUnconfirmed: mark("Not confirmed yet"),
    e.PaymentRefused: mark("This receipt is not paid"),
    e.PaymentUnapplied: mark("Money that counts for nothing"),
    e.TransactionOwned: mark("Begun at another counter"),
    e.StationRefused: mark("This counter is not accepted"),
    e.StoreFailed: mark("Not stored"),
    e.DataUnusable: mark("The data cannot be opened"),
    e.StoreInUse: mark("Another window is open"),
    e.PanelTooSmall: mark("The screen is too small"),
    e.LinkDown: mark("No link to the platform"),
    e.Forbidden: mark("The platform forbids it"),
    e.PrinterUnavailable: mark("The receipt is not printed"),
    e.PrinterMissing: mark("No printer is set up"),
    e.PinWrong: mark("This PIN is wrong"),
    e.PersonLocked: mark("Too many wrong PINs"),
    e.BadgeUnknown: mark("This badge is not known"),
    e.PinNeeded: mark("The PIN is needed too"),
    e.PinUnset: mark("No PIN is set here"),
    e.NotSignedIn: mark("Nobody is signed in"),
    e.RoleMissing: mark("Another role is needed"),
    e.PeopleTooOld: mark("The list is too old"),
    e.NotApproved: mark("This is not approved"),
    e.StepImpossible: mark("Another step comes first"),
    e.NotFound: mark("This id is not known"),
    e.BadInput: mark("This cannot be used"),
}
PAY_FIRST = mark("A payment comes first")
SEVERAL_ALIKE = mark("Several batteries, one id")
OTHER = mark("This step did not work")


def title_of(error: e.KioskError | None) -> str:
    """The news of an error; that of the nearest ancestor where an error has none of its own."""
    if isinstance(error, e.BatteriesAlike) and error.count > 2:
        return tr(SEVERAL_ALIKE)
    if isinstance(error, e.PlanBlocked) and error.pay_first:
        return tr(PAY_FIRST)
    return tr(next((TITLES[kind] for kind in type(error).__mro__ if kind in TITLES), OTHER))
