"""What a scanned code is, as far as its form tells."""

import re

from kiosk.domain.battery import normalise_id

_BATTERY = re.compile(r"(BAT|BATT|OVES)[-_ ]?[A-Z0-9 _-]*\d{3,}")  # as stations print them on packs
PREFIX_OF_CUSTOMERS = "QR_CUSTOMER_"


def is_battery_code(text: str) -> bool:
    """Whether a code has the form of a battery's sticker. A customer's code never begins so; what is neither is the page's to judge."""
    return _BATTERY.fullmatch(normalise_id(text)) is not None


def is_customer_code(text: str) -> bool:
    """Whether a code is certainly a customer's: JSON, or with the prefix of the cards."""
    return text.lstrip().startswith(("{", PREFIX_OF_CUSTOMERS))
