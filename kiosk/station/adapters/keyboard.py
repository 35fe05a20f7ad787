"""What the keyboard of this machine does to what a scanner types: Caps Lock, and the language that it is set to.

Caps Lock is read from the light on the keyboard, the language from the X server where there is one, else from Debian's file. What cannot be
read is as if it were right: nothing here fails.
"""

import asyncio
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from kiosk.domain.keyboard import KeyboardState

QUERY_SECONDS = 2.0
US = "us"
_NAMED = frozenset({"fr", "de", "gb"})


async def keyboard_state(root: Path = Path("/")) -> KeyboardState:
    """As it is now, beside a scanner that is set to the United States."""
    layout = await _layout(root)
    named = layout if layout in _NAMED else "other" if layout not in {"", US} else ""
    return KeyboardState(caps_lock=_caps_lock(root), layout=named)


def _caps_lock(root: Path) -> bool:
    for light in (root / "sys/class/leds").glob("*::capslock/brightness"):
        with suppress(OSError, ValueError):
            if int(light.read_text(encoding="ascii")):
                return True
    return False


async def _layout(root: Path) -> str:
    """The first language that is set; "" where it is not known."""
    found = re.search(r"^layout:\s*([a-z]+)", await _asked_of_x(), re.MULTILINE)
    if found is None:
        with suppress(OSError, UnicodeDecodeError):
            found = re.search(r'^XKBLAYOUT="?([a-z]+)', (root / "etc/default/keyboard").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


async def _asked_of_x() -> str:
    program = shutil.which("setxkbmap")
    if program is None or not os.environ.get("DISPLAY"):
        return ""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(QUERY_SECONDS):
            asked = await asyncio.create_subprocess_exec(
                program, "-query", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
            out, _ = await asked.communicate()
            return out.decode("utf-8", "replace")
    return ""
