"""What aiobmsble 0.31.0 masks or drops of what a battery tells, read here instead. `docs/contributing/aiobmsble.md` says what to send
upstream; what is mended there goes away here.

- It drops cells at 0 V, so that a dead cell leaves no trace. They stay, but for those at the end of a list of fixed length.
- JK with 32 cells: the upper 16 of the 32 alarm bits. JK: the cells are those of a mask, and need not be the first ones.
- ANT: of the two status codes it hides some that matter (manually switched off), and those above 0x0F.
- Seplos: the latch after a short circuit, and the temperatures of the surroundings and of the switches.
- Daly of the older protocol 0x81: its code has other bits than that of 0xD2. It is handed on as one without a known meaning.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

from aiobmsble import BMSSample
from aiobmsble.basebms import BaseBMS

UNNAMED_CODE = "unnamed_code"  # beside the library's keys: a code of another kind than the family's table explains
_CELLS = "_cell_voltages"
_JK_ALARMS, _JK_MASK, _JK_24_MASK, _JK_CELLS, _JK_SLOTS = 166, 70, 54, 6, 32
_ANT_STATUS = 46  # behind cells and temperatures, as the library counts
_ANT_OLD_STATUS = 103
_ANT_ON, _ANT_OFF = frozenset({0x01, 0x0B}), frozenset({0x00, 0x02, 0x05, 0x0F, 0x10})  # on, and on by the charge switch; off, empty
_SEPLOS_EVENTS, _SEPLOS_AT, _SEPLOS_COUNT = 0x5, 4, 9
_DALY_OLDER = 0x81


def keep_dead_cells(kind: type[BaseBMS]) -> None:
    """Let this kind of the library tell cells at 0 V too. Its plugins ask for their cells by the name of the class that they are written
    in, which may be a base of this kind, so that a subclass cannot answer instead.
    """
    for plugin in kind.__mro__:
        if issubclass(plugin, BaseBMS) and plugin is not BaseBMS and plugin._cell_voltages is BaseBMS._cell_voltages:  # noqa: SLF001 - the library is pinned, its insides are used
            setattr(plugin, _CELLS, staticmethod(_cell_voltages))


def _cell_voltages(
    data: bytes, *, cells: int, start: int, size: int = 2, gap: int = 0, byteorder: Literal["little", "big"] = "big", divider: int = 1000
) -> list[float]:
    """As the library's own: volts of so many cells, each `size` bytes with a `gap` behind it; here with those at 0 V before the last."""
    slots = [data[at : at + size] for at in range(start, start + cells * (size + gap), size + gap)]
    volts = [int.from_bytes(slot, byteorder) / divider for slot in slots if len(slot) == size]
    while volts and not volts[-1]:
        volts.pop()
    return volts


def unmasked(protocol: str, decoder: Any, sample: BMSSample) -> BMSSample:  # noqa: ANN401 - a plugin's own class
    """The sample with what the plugin has masked, from the bytes that it still holds."""
    gap = _GAPS.get(protocol)
    return sample if gap is None else gap(decoder, sample)


def _jk(decoder: Any, sample: BMSSample) -> BMSSample:  # noqa: ANN401
    frame, of_24_cells = decoder._msg, bool(decoder._prot_offset)  # noqa: SLF001
    at = _JK_24_MASK if of_24_cells else _JK_MASK
    mask = int.from_bytes(frame[at : at + 4], "little")
    used = [slot for slot in range(_JK_SLOTS) if mask >> slot & 1]
    sample["cell_voltages"] = [int.from_bytes(frame[_JK_CELLS + 2 * slot : _JK_CELLS + 2 * slot + 2], "little") / 1000 for slot in used]
    if not of_24_cells:
        sample["problem_code"] = int.from_bytes(frame[_JK_ALARMS : _JK_ALARMS + 4], "little")
    return sample


def _ant(decoder: Any, sample: BMSSample) -> BMSSample:  # noqa: ANN401
    at = _ANT_STATUS + 2 * (sample.get("cell_count", 0) + sample.get("temp_sensors", 0))
    return _with_status(decoder._msg[at : at + 2], sample)  # noqa: SLF001


def _ant_old(decoder: Any, sample: BMSSample) -> BMSSample:  # noqa: ANN401
    return _with_status(decoder._msg[_ANT_OLD_STATUS : _ANT_OLD_STATUS + 2], sample)  # noqa: SLF001


def _with_status(status: bytes, sample: BMSSample) -> BMSSample:
    """`status` is the code of the charge switch and that of the discharge switch."""
    if len(status) == 2:
        sample["problem_code"] = int.from_bytes(status, "little")
        sample.pop("dischrg_mosfet", None)
        if status[1] in _ANT_ON | _ANT_OFF:
            sample["dischrg_mosfet"] = status[1] in _ANT_ON
    return sample


def _seplos(decoder: Any, sample: BMSSample) -> BMSSample:  # noqa: ANN401
    events = decoder._msg[_SEPLOS_EVENTS][_SEPLOS_AT : _SEPLOS_AT + _SEPLOS_COUNT]  # noqa: SLF001
    sample["problem_code"] = int.from_bytes(events, "big")
    return sample


def _daly(decoder: Any, sample: BMSSample) -> BMSSample:  # noqa: ANN401
    if decoder._proto != _DALY_OLDER:  # noqa: SLF001
        return sample
    code = sample.pop("problem_code", 0)
    told: dict[str, Any] = {**sample, UNNAMED_CODE: code}
    return cast("BMSSample", told)


_GAPS: Mapping[str, Callable[[Any, BMSSample], BMSSample]] = {"ant": _ant, "ant_leg": _ant_old, "daly": _daly, "jk": _jk, "seplos": _seplos}
