"""What a scanned code is, as far as its form tells."""

from kiosk.domain.money.receipt_ids import is_battery_sticker

PREFIX_OF_CUSTOMERS = "QR_CUSTOMER_"


def is_battery_code(text: str) -> bool:
    """Whether a code has the form of a battery's sticker. A customer's code never begins so; what is neither is the page's to judge."""
    return is_battery_sticker(text)


def is_customer_code(text: str) -> bool:
    """Whether a code is certainly a customer's: JSON, or with the prefix of the cards."""
    return text.lstrip().startswith(("{", PREFIX_OF_CUSTOMERS))
