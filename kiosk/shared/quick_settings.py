"""Single settings, read in a few milliseconds from the file and the environment that `kiosk.settings` reads.

For what must be known before the whole configuration is read and checked: how the window looks, and the language of what is said first.
Nothing is refused here: what cannot be read is as if it were not set. `kiosk.settings` refuses it later, with file, key and reason.
"""

import os
import sys
from gettext import NullTranslations
from pathlib import Path

from kiosk.domain.language import ENGLISH

APP = "swap-kiosk"
Table = dict[str, object]


def read_table() -> Table:
    """The configuration file; empty where there is none or it cannot be read."""
    try:
        content = _configuration_file().read_text(encoding="utf-8")
        import tomllib  # 5 ms of the first picture, only where there is a file to read

        return tomllib.loads(content)
    except (OSError, ValueError):
        return {}


def setting_text(table: Table, section: str, key: str) -> str:
    """A setting as text; the environment wins. Empty where it is not set."""
    for name, value in os.environ.items():
        if name.upper() == f"SWAP_KIOSK_{section}__{key}".upper():
            return value
    keys = table.get(section)
    return str(keys.get(key, "")) if isinstance(keys, dict) else ""


def chosen_language(table: Table) -> NullTranslations:
    """The catalogue of `[ui] language`; English where it is not set or not there."""
    language = setting_text(table, "ui", "language")
    if not language:
        return ENGLISH
    from kiosk.domain.errors import BadInput  # 7 ms of the first picture
    from kiosk.shared.translations import translations_of

    try:
        return translations_of(language)
    except BadInput:
        return ENGLISH


def _configuration_file() -> Path:
    """Where `kiosk.settings` finds it, without 8 ms for platformdirs on the platform of most counters."""
    path = os.environ.get("SWAP_KIOSK_CONFIG")
    if path:
        return Path(path)
    if sys.platform == "linux":
        base = os.environ.get("XDG_CONFIG_HOME", "").strip()
        return (Path(base) if base else Path.home() / ".config") / APP / "kiosk.toml"
    import platformdirs

    return platformdirs.user_config_path(APP) / "kiosk.toml"
