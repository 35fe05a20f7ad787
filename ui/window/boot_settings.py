"""What the first picture needs of the settings: read in a few milliseconds from the same file and environment as `kiosk.settings`.

The whole configuration is checked in the background, after the first painted page, and refused there with file, key and reason. Here
nothing is refused: what cannot be read is the default, so that there is a window to say it in.
"""

from dataclasses import dataclass

from kiosk.domain.display import cleaned
from kiosk.shared.quick_settings import read_table, setting_text

APP = "swap-kiosk"
THEMES, SOURCE = ("light", "dark"), "en"
Table = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class BootSettings:
    """`inches` is the panel's diagonal, None to trust the screen; `size` of a window that does not fill the screen, px.

    `language` is as it is written in the file: it may be one that is not there.
    """

    theme: str = "light"
    language: str = SOURCE
    inches: float | None = None
    fullscreen: bool = True
    station: str = ""
    attendant: str = ""
    training: bool = False
    size: tuple[int, int] = (1280, 800)


def read_boot_settings(*, training: bool = False) -> BootSettings:
    """The settings as configured. Never raises."""
    table = _configuration()
    theme = _value(table, "ui", "theme")
    return BootSettings(
        theme=theme if theme in THEMES else "light",
        language=_value(table, "ui", "language") or SOURCE,
        inches=_inches(_value(table, "ui", "diagonal_inches")),
        fullscreen=_value(table, "ui", "fullscreen").lower() not in {"false", "0", "no", "off", "f", "n"},
        station=cleaned(_value(table, "station", "name")),
        attendant=cleaned(_value(table, "station", "attendant_id")),
        training=training,
    )


def _configuration() -> Table:
    try:
        words = _file().read_text(encoding="utf-8")
    except (OSError, ValueError):
        return {}
    import tomllib  # 5 ms of the first picture, only where there is a file to read

    try:
        return tomllib.loads(words)
    except ValueError:
        return {}


def _file() -> Path:
    """Where `kiosk.settings` finds it, without 8 ms for platformdirs on the platform of most counters."""
    given = os.environ.get("SWAP_KIOSK_CONFIG")
    if given:
        return Path(given)
    if sys.platform == "linux":
        base = os.environ.get("XDG_CONFIG_HOME", "").strip()
        return (Path(base) if base else Path.home() / ".config") / APP / "kiosk.toml"
    import platformdirs

    return platformdirs.user_config_path(APP) / "kiosk.toml"


def _value(table: Table, section: str, key: str) -> str:
    """A setting as words; the environment wins. Empty where there is none."""
    for name, value in os.environ.items():
        if name.upper() == f"SWAP_KIOSK_{section}__{key}".upper():
            return value
    keys = table.get(section)
    found = keys.get(key, "") if isinstance(keys, dict) else ""
    return str(found)


def _inches(words: str) -> float | None:
    try:
        inches = float(words)
    except ValueError:
        return None
    return inches if 5 < inches <= 60 else None
