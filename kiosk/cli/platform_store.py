"""The platform's database for a command of a person: its record is sealed by the platform's key, where that lies in the data folder."""

from typing import TYPE_CHECKING

from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.platform.store.repository import PlatformStore

SIGNING_KEY = "signing-key.pem"


def existing_store(url: str) -> "PlatformStore":
    """As `open_existing`. Raises BadInput, StoreFailed."""
    from kiosk.platform.store.repository import open_existing
    from kiosk.settings import load_settings
    from kiosk.shared.record_key import KeyFile

    try:
        folder = load_settings().data
    except BadInput:  # a platform's machine need not have a counter's settings that can be used
        return open_existing(url)
    return open_existing(url, KeyFile(folder / "platform" / SIGNING_KEY))
