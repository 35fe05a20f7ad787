"""The problem codes of commodity batteries as phrases for `BatteryTelemetry.faults`. Pure; any code gives phrases, none an exception.

The bits of JBD are documented. That a battery has stopped charging because it is full, or stopped discharging because it is empty, is how
it comes out of the charger and back from the road, and no fault. The codes of other families are given as numbers, every bit a fault. The
phrases are English, since they are sent to the platform; they are translated where they are shown.
"""

from kiosk.domain.language import mark

_JBD = {
    0x0010: mark("too hot to charge"),
    0x0020: mark("too cold to charge"),
    0x0040: mark("too hot to discharge"),
    0x0080: mark("too cold to discharge"),
    0x0100: mark("overcurrent while charging"),
    0x0200: mark("overcurrent while discharging"),
    0x0400: mark("short circuit"),
    0x0800: mark("fault of the measuring chip"),
    0x1000: mark("switched off by software"),
}
_JBD_FULL_OR_EMPTY = 0x000F  # over- and undervoltage of a cell and of the pack
_MAX_CODE = 0xFFFF_FFFF_FFFF_FFFF


def flags_of(protocol: str, code: object) -> list[str]:
    """What a problem code says; nothing for 0, for none, and for what is no code."""
    if isinstance(code, bool) or not isinstance(code, int) or not 0 < code <= _MAX_CODE:
        return []
    if protocol != "jbd":
        return [f"BMS problem {code:#x}"]
    code &= ~_JBD_FULL_OR_EMPTY
    known = [words for bit, words in _JBD.items() if code & bit]
    unknown = code & ~sum(_JBD)
    return [*known, *([f"BMS problem {unknown:#x}"] if unknown else [])]
