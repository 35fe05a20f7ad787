"""Which battery comes back and which goes out: one rule for the kiosk and the platform (decisions 4, 12). Ids are compared normalised."""

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import BatteryUnreadable, SameBattery, WrongBattery
from kiosk.domain.language import tr


def check_returned(expected_id: str | None, returned_id: str | None) -> str:
    """The normalised id of the returned battery, which must be the expected one; None and "" are no battery. Raises WrongBattery."""
    expected, returned = normalise_id(expected_id or ""), normalise_id(returned_id or "")
    if expected != returned:
        raise WrongBattery(expected, returned)
    return returned


def check_issued(returned_id: str | None, issued_id: str) -> str:
    """The normalised id of the battery to issue, which has one and is not the returned battery. Raises BatteryUnreadable, SameBattery."""
    issued = normalise_id(issued_id)
    if not issued:
        raise BatteryUnreadable("", tr("it gave no id of its own"))
    if issued == normalise_id(returned_id or ""):
        raise SameBattery(issued)
    return issued
