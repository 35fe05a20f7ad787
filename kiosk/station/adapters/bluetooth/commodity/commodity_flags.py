"""The problem codes of commodity batteries as phrases for `BatteryTelemetry.faults`. Pure; any code gives phrases, none an exception.

The bits of JBD are documented; that a pack has stopped charging because it is full, or stopped discharging because it is empty, is how it
comes out of the charger and back from the road, and no fault. The codes of other families are told as numbers, every bit a fault.
"""

_JBD = {
    0x0010: "too hot to charge",
    0x0020: "too cold to charge",
    0x0040: "too hot to discharge",
    0x0080: "too cold to discharge",
    0x0100: "overcurrent while charging",
    0x0200: "overcurrent while discharging",
    0x0400: "short circuit",
    0x0800: "fault of the measuring chip",
    0x1000: "switched off by software",
}
_JBD_FULL_OR_EMPTY = 0x000F  # over- and undervoltage of a cell and of the pack
_MOST_CODE = 0xFFFF_FFFF_FFFF_FFFF


def flags_of(protocol: str, code: object) -> list[str]:
    """What a problem code says; nothing for 0, for none, and for what is no code."""
    if isinstance(code, bool) or not isinstance(code, int) or not 0 < code <= _MOST_CODE:
        return []
    if protocol != "jbd":
        return [f"BMS problem {code:#x}"]
    code &= ~_JBD_FULL_OR_EMPTY
    known = [words for bit, words in _JBD.items() if code & bit]
    unknown = code & ~sum(_JBD)
    return [*known, *([f"BMS problem {unknown:#x}"] if unknown else [])]
