"""Where the windows of the benchmark are: on the screen there is, else offscreen. Ours and the floor's are always on the same."""

import os
import sys


def choose_platform() -> str:
    """Set Qt's platform for this process and those it starts; returns its name, "" for the system's own."""
    screenless = sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if screenless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return os.environ.get("QT_QPA_PLATFORM", "")
