"""The panels that are connected to this machine, as its kernel tells: without a window, and over ssh too.

A panel tells its size in its EDID (VESA E-EDID 1.4): bytes 21 and 22 in whole cm, and the first detailed timing, from byte 54 on, in mm.
What cannot be read is as if nothing were connected: nothing here fails.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HEADER = bytes.fromhex("00ffffffffffff00")
MM_PER_CM = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`name` is the connector's ("card0-HDMI-A-1"); `size_mm` what the panel reports, zeros where it does not tell."""

    name: str
    width: int
    height: int
    size_mm: tuple[float, float]


def connected_panels(root: Path = Path("/")) -> tuple[Panel, ...]:
    """In the order of their names; the resolution is the one that a panel prefers."""
    found = (_panel(folder) for folder in sorted((root / "sys/class/drm").glob("card*-*")))
    return tuple(panel for panel in found if panel is not None)


def _panel(connector: Path) -> Panel | None:
    with suppress(OSError, ValueError):
        if (connector / "status").read_text(encoding="ascii").strip() != "connected":
            return None
        width, height = (connector / "modes").read_text(encoding="ascii").split()[0].rstrip("i").split("x")
        return Panel(name=connector.name, width=int(width), height=int(height), size_mm=reported_mm(_edid(connector)))
    return None


def _edid(connector: Path) -> bytes:
    with suppress(OSError):
        return (connector / "edid").read_bytes()
    return b""


def reported_mm(edid: bytes) -> tuple[float, float]:
    """Width and height that an EDID tells, mm; the finer of its two where both are there, zeros for none."""
    if len(edid) < 128 or edid[:8] != HEADER:
        return 0.0, 0.0
    wide, high = edid[66] + ((edid[68] & 0xF0) << 4), edid[67] + ((edid[68] & 0x0F) << 8)
    has_timing = edid[54] or edid[55]  # else the block holds words, no timing
    if has_timing and wide and high:
        return float(wide), float(high)
    return float(edid[21] * MM_PER_CM), float(edid[22] * MM_PER_CM)
