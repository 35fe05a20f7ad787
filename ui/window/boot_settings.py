"""What the first picture needs of the settings: read in a few milliseconds from the same file and environment as `kiosk.settings`.

The whole configuration is checked in the background, after the first painted page, and refused there with file, key and reason. Here
nothing is refused: what cannot be read is the default, so that there is a window to say it in.
"""

from dataclasses import dataclass
from gettext import NullTranslations

from kiosk.domain.display import cleaned
from kiosk.domain.language import ENGLISH
from kiosk.shared.quick_settings import chosen_language, read_table, setting_text

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class BootSettings:
    """`inches` is the panel's diagonal, None to trust the screen; `size` of a window that does not fill the screen, px. `translations` are
    English where the configured language is not there."""

    theme: str = "light"
    translations: NullTranslations = ENGLISH
    inches: float | None = None
    fullscreen: bool = True
    station: str = ""
    attendant: str = ""
    training: bool = False
    size: tuple[int, int] = (1280, 800)


def read_boot_settings(*, training: bool = False) -> BootSettings:
    """The settings as configured. Never raises."""
    table = read_table()
    theme = setting_text(table, "ui", "theme")
    return BootSettings(
        theme=theme if theme in THEMES else "light",
        translations=chosen_language(table),
        inches=_inches(setting_text(table, "ui", "diagonal_inches")),
        fullscreen=setting_text(table, "ui", "fullscreen").lower() not in {"false", "0", "no", "off", "f", "n"},
        station=cleaned(setting_text(table, "station", "name")),
        attendant=cleaned(setting_text(table, "station", "attendant_id")),
        training=training,
    )


def _inches(words: str) -> float | None:
    try:
        inches = float(words)
    except ValueError:
        return None
    return inches if 5 < inches <= 60 else None
