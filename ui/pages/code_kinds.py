"""What a scanned code can be, judged by its form."""

from kiosk.wire.customer_codes import PREFIX


def is_customer_code(text: str) -> bool:
    """Whether a code is certainly a customer's: JSON, or with the prefix of the cards. A battery's code is
    `kiosk.domain.money.receipt_ids.is_battery_sticker`; what is neither is judged by the page."""
    return text.lstrip().startswith(("{", PREFIX))
