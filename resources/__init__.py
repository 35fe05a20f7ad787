"""Files that are shipped with the program: stylesheet, fonts, icons, sounds, templates.

Found through the import system, so they are found in a checkout, in a wheel and in a system package alike.
A name that does not exist raises FileNotFoundError at once, with the name; nothing falls back silently.
"""

from importlib.resources import files
from pathlib import Path


def path(name: str) -> Path:
    """Where the file `name` ("icons/phosphor-kiosk.ttf") lies. Raises FileNotFoundError when it is not shipped."""
    found = Path(str(files(__name__).joinpath(name)))
    if not found.exists():
        raise FileNotFoundError(f"The program ships no {name}")
    return found


def read_text(name: str) -> str:
    """The text of `name`, UTF-8. Raises FileNotFoundError when it is not shipped."""
    return path(name).read_text(encoding="utf-8")
