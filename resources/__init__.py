"""Files that are shipped with the program: fonts, icons, sounds, templates.

They lie beside this file, in a checkout, in a wheel and in a system package alike (importlib.resources finds the same, later).
A name that does not exist raises FileNotFoundError at once, with the name; nothing falls back silently.
"""

from pathlib import Path

_FOLDER = Path(__file__).parent


def path(name: str) -> Path:
    """Where the file `name` ("icons/phosphor-kiosk.ttf") lies. Raises FileNotFoundError when it is not shipped."""
    found = _FOLDER / name
    if not found.exists():
        raise FileNotFoundError(f"The program ships no {name}")
    return found


def read_text(name: str) -> str:
    """The text of `name`, UTF-8. Raises FileNotFoundError when it is not shipped."""
    return path(name).read_text(encoding="utf-8")
