"""What the bytes of an OVES battery mean: pure decoding, no radio (facts/field.md, decision 11).

Any bytes give either a reading or BatteryUnreadable with the reason; never a guess and never another exception. A value of any
width but its own is refused, a missing required one too. Energy in kWh = mAh x mV / 1,000,000,000, exact, rounded once, half up,
to whole watt hours. Whether a well-formed reading contradicts itself is the domain's question (`check_reading`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiosk.domain.battery import battery_kinds
from kiosk.domain.battery.battery import BatteryTelemetry, EnergyMethod, normalise_id
from kiosk.domain.decimals import to_watt_hours, trimmed
from kiosk.domain.errors import BatteryUnreadable

PROTOCOL = battery_kinds.OVES
NAME_PREFIX = "OVES"
MOST_MAH = 0xFFFF

_TAIL = "-d1ec-4451-be62-f86a05dd9b47"
ATT = f"9b071000{_TAIL}"
DTA = f"9b074000{_TAIL}"
OPID = f"9b071001{_TAIL}"
PPID = f"9b071002{_TAIL}"
PCKV = f"9b074005{_TAIL}"
RSOC = f"9b074007{_TAIL}"
RCAP = f"9b074008{_TAIL}"
FCCP = f"9b074009{_TAIL}"
PCKT = f"9b07400a{_TAIL}"

SERVICES: Mapping[str, tuple[str, ...]] = {ATT: (OPID, PPID), DTA: (PCKV, RSOC, RCAP, FCCP, PCKT)}
READ_ORDER = (OPID, PPID, PCKV, RSOC, RCAP, FCCP, PCKT)  # identity first: it decides whether the rest matters

REQUIRED = (PCKV, RCAP)  # without these there is no kWh

_WIDTHS = {PCKV: 4, RSOC: 2, RCAP: 2, FCCP: 2}
_NAMES = {OPID: "opid", PPID: "ppid", PCKV: "pckv", RSOC: "rsoc", RCAP: "rcap", FCCP: "fccp", PCKT: "pckt"}
_WORD = re.compile(r"[a-z0-9]+")
_TEMPERATURE_WIDTHS = (1, 2, 4)  # its type is not documented; each of these is a plain signed integer


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatePolicy:
    """What to do with a battery that reports a state of charge and no capacity left (decision 11).

    `design_kwh` is the capacity taken when the battery does not tell its own. Where the energy is not `needed`, because the plan does not
    count it (decision 21), a battery that does not tell it is no failure.
    """

    allowed: bool = False
    design_kwh: Decimal | None = None
    needed: bool = True


REFUSE_ESTIMATES = EstimatePolicy()


def is_oves_name(name: str) -> bool:
    """Whether an advertised name is one that OVES batteries use; used to rank, never to hide."""
    return name.strip().upper().startswith(NAME_PREFIX)


def is_vendor_uuid(uuid: str) -> bool:
    """Whether a characteristic is one of the vendor's."""
    return uuid.lower().endswith(_TAIL)


def names(uuid: str, description: str) -> bool:
    """Whether a description (descriptor 0x2901) is of the value that belongs at this UUID: its name stands in it as a word."""
    return _NAMES[uuid] in _WORD.findall(description.lower())


def decode_id(raw: bytes) -> str | None:
    """The id in `opid` or `ppid` without its padding; "" when blank, None when the bytes are not text."""
    text = raw.split(b"\0", 1)[0].strip(b"<> \t\r\n")
    if not all(0x20 <= byte < 0x7F for byte in text):
        return None
    return text.decode("ascii")


def decode(
    values: Mapping[str, bytes], *, battery_id: str, read_at: datetime, estimates: EstimatePolicy = REFUSE_ESTIMATES
) -> BatteryTelemetry:
    """A reading from the bytes of the characteristics, keyed by UUID; `battery_id` names the battery in errors.

    Raises BatteryUnreadable. `pckt`, `rsoc` and `fccp` may be absent; `pckv`, an id and (unless estimated or not needed) `rcap` may not.
    """
    if not any(uuid in values for uuid in READ_ORDER):
        raise BatteryUnreadable(battery_id, "it is not a kind of battery known here")
    own_id = _own_id(values, battery_id)
    numbers = {uuid: _unsigned(values[uuid], uuid, own_id) for uuid in _WIDTHS if uuid in values}
    if PCKV not in numbers:
        raise BatteryUnreadable(own_id, "it does not tell its voltage")
    full_kwh = _kwh(numbers[FCCP], numbers[PCKV]) if FCCP in numbers else None
    kwh = _remaining(numbers, full_kwh, own_id, estimates)
    return BatteryTelemetry(
        battery_id=own_id,
        kwh_remaining=kwh,
        timestamp=read_at,
        voltage=trimmed(Decimal(numbers[PCKV]).scaleb(-3)),
        temperature_celsius=_temperature(values.get(PCKT, b"")),
        soc_percent=Decimal(numbers[RSOC]) if RSOC in numbers else None,
        full_kwh=full_kwh,
        estimated=kwh is not None and RCAP not in numbers,
        protocol=PROTOCOL,
        charge_ah=trimmed(Decimal(numbers[RCAP]).scaleb(-3)) if RCAP in numbers else None,
        method=None if kwh is None else EnergyMethod.CHARGE_X_VOLTAGE if RCAP in numbers else EnergyMethod.SOC_ESTIMATE,
    )


def _own_id(values: Mapping[str, bytes], battery_id: str) -> str:
    for uuid in (OPID, PPID):  # ppid is asked only when opid is blank
        text = decode_id(values.get(uuid, b""))
        if text is None:
            raise BatteryUnreadable(battery_id, "its id is not text")
        if normalise_id(text):
            return text
    raise BatteryUnreadable(battery_id, "it gave no id of its own")


def _unsigned(raw: bytes, uuid: str, own_id: str) -> int:
    if len(raw) != _WIDTHS[uuid]:
        raise BatteryUnreadable(own_id, f"its {_NAMES[uuid]} has {len(raw)} bytes instead of {_WIDTHS[uuid]}")
    return int.from_bytes(raw, "little")  # unsigned: 40,000 mAh read as signed would turn negative


def _kwh(mah: int, millivolts: int) -> Decimal:
    return to_watt_hours(Decimal(mah * millivolts).scaleb(-9))


def _remaining(numbers: Mapping[str, int], full_kwh: Decimal | None, own_id: str, estimates: EstimatePolicy) -> Decimal | None:
    if RCAP in numbers:
        return _kwh(numbers[RCAP], numbers[PCKV])
    capacity = full_kwh if full_kwh is not None else estimates.design_kwh
    if RSOC in numbers and estimates.allowed and capacity is not None:
        return to_watt_hours(capacity * numbers[RSOC] / 100)
    if not estimates.needed:
        return None
    raise BatteryUnreadable(own_id, "it reports only a state of charge" if RSOC in numbers else "it does not tell how much it holds")


def _temperature(raw: bytes) -> Decimal | None:
    return Decimal(int.from_bytes(raw, "little", signed=True)) if len(raw) in _TEMPERATURE_WIDTHS else None
