"""Kits for tests: one per screen and look, and the application dressed for it."""

from functools import cache

from PySide6.QtWidgets import QApplication

from tests.ui.faults import LOOKS, SCREENS
from ui import theme
from ui.kit import Kit
from ui.tokens import Tokens


@cache
def _kit(screen: str, look: str) -> Kit:
    colours, training = LOOKS[look]
    return Kit(Tokens(SCREENS[screen], colours, training=training))


def kit_of(screen: str = "1280x800", look: str = "light") -> Kit:
    """The kit for a screen of `SCREENS` in a look of `LOOKS`; the running application takes its font and palette."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    kit = _kit(screen, look)
    theme.apply(application, kit)
    return kit
