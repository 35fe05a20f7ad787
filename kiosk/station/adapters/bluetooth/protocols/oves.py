"""OVES batteries: what they advertise, how they are read, what their bytes mean, and how they are simulated (facts/field.md, decision 11).

Six characteristics are read by their UUID, whichever service they are in (75 ms each); the pay-as-you-go id only when the battery's own id
is blank. Where firmware has moved a value to another characteristic, it is found by the name in descriptor 0x2901.

Any bytes give either a reading or BatteryUnreadable with the reason; never a guess and never another exception. A value of any
width but its own is refused, a missing required one too. Energy in kWh = mAh x mV / 1,000,000,000, exact, rounded once, half up,
to whole watt hours. Whether a well-formed reading contradicts itself is the domain's question (`check_reading`).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.battery.battery import BatteryTelemetry, EnergyMethod, id_tail, normalise_id
from kiosk.domain.decimals import to_watt_hours, trimmed
from kiosk.domain.errors import BatteryUnreadable, ReadingPrevented
from kiosk.domain.language import tr
from kiosk.domain.read_obstacle import ReadObstacle
from kiosk.station.adapters.bluetooth.battery_protocol import (
    NOT_TOLD,
    REFUSE_ESTIMATES,
    AdvertisedDevice,
    Advertisement,
    BatteryProtocol,
    EstimatePolicy,
    Fault,
    Peripheral,
    ReadSession,
    Resolution,
    SimulatedProtocol,
    SimulatedValues,
    energy_of,
    round_half_up,
)

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

NAME = "oves"
NAME_PREFIX = "OVES"
MAX_MAH = 0xFFFF
MAX_ID_LENGTH = 64

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
_DESCRIPTION = "00002901-0000-1000-8000-00805f9b34fb"
_ID_WIDTH = 20

# ---------------------------------------------------------------- what the bytes mean


def matches(advertisement: Advertisement) -> bool:
    """Whether a device has a name that OVES batteries use."""
    return advertisement.name.strip().upper().startswith(NAME_PREFIX)


def is_vendor_uuid(uuid: str) -> bool:
    """Whether a characteristic is one of the vendor's."""
    return uuid.lower().endswith(_TAIL)


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
        raise ReadingPrevented.by(ReadObstacle.UNKNOWN_KIND, battery_id)
    own_id = _own_id(values, battery_id)
    numbers = {uuid: _decode_number(values[uuid], uuid, own_id) for uuid in _WIDTHS if uuid in values}
    if PCKV not in numbers:
        raise BatteryUnreadable(own_id, tr("it does not tell its voltage"))
    full_kwh = energy_of(numbers[FCCP], numbers[PCKV]) if FCCP in numbers else None
    kwh, celsius = _remaining(numbers, full_kwh, own_id, estimates), values.get(PCKT, b"")
    return BatteryTelemetry(
        battery_id=own_id,
        serial=own_id,
        kwh_remaining=kwh,
        timestamp=read_at,
        voltage=trimmed(Decimal(numbers[PCKV]).scaleb(-3)),
        temperature_celsius=Decimal(int.from_bytes(celsius, "little", signed=True)) if len(celsius) in _TEMPERATURE_WIDTHS else None,
        soc_percent=Decimal(numbers[RSOC]) if RSOC in numbers else None,
        full_kwh=full_kwh,
        estimated=kwh is not None and RCAP not in numbers,
        protocol=NAME,
        charge_ah=trimmed(Decimal(numbers[RCAP]).scaleb(-3)) if RCAP in numbers else None,
        method=None if kwh is None else EnergyMethod.CHARGE_X_VOLTAGE if RCAP in numbers else EnergyMethod.SOC_ESTIMATE,
    )


def _own_id(values: Mapping[str, bytes], battery_id: str) -> str:
    for uuid in (OPID, PPID):  # ppid is asked only when opid is blank
        text = decode_id(values.get(uuid, b""))
        if text is None:
            raise BatteryUnreadable(battery_id, tr("its id is not text"))
        if len(text) > MAX_ID_LENGTH:
            raise BatteryUnreadable(battery_id, tr("its id is too long"))
        if normalise_id(text):
            return text
    raise BatteryUnreadable(battery_id, tr("it gave no id of its own"))


def _decode_number(raw: bytes, uuid: str, own_id: str) -> int:
    if len(raw) != _WIDTHS[uuid]:
        raise BatteryUnreadable(
            own_id, tr("its {value} has {count} bytes instead of {width}", value=_NAMES[uuid], count=len(raw), width=_WIDTHS[uuid])
        )
    return int.from_bytes(raw, "little")  # unsigned: 40,000 mAh read as signed would turn negative


def _remaining(numbers: Mapping[str, int], full_kwh: Decimal | None, own_id: str, estimates: EstimatePolicy) -> Decimal | None:
    if RCAP in numbers:
        return energy_of(numbers[RCAP], numbers[PCKV])
    capacity = full_kwh if full_kwh is not None else estimates.design_kwh
    if RSOC in numbers and estimates.allowed and capacity is not None:
        return to_watt_hours(capacity * numbers[RSOC] / 100)
    if not estimates.needed:
        return None
    raise BatteryUnreadable(
        own_id, tr("it reports only a state of charge") if RSOC in numbers else tr("it does not tell how much it holds")
    )


# ---------------------------------------------------------------- reading


async def read(device: AdvertisedDevice, session: ReadSession) -> BatteryTelemetry:
    """Connect, read, disconnect. A device that is no OVES battery is ReadingPrevented. Raises RADIO_ERRORS too."""
    async with session.link() as client:
        return await read_open(client, session, is_told=device.protocol == NAME)


async def read_open(client: "BleakClient", session: ReadSession, *, is_told: bool = False) -> BatteryTelemetry:
    """The same over an open link; `is_told` where its advertisement says that it is one."""
    values = await read_values(client)
    if not values and is_told:
        raise ReadingPrevented.by(ReadObstacle.OTHER_KIND, session.battery_id)
    return decode(values, battery_id=session.battery_id, read_at=session.now(), estimates=session.estimates)


async def read_values(client: "BleakClient") -> dict[str, bytes]:
    """The OVES values that this device has, by UUID."""
    values = await _read_each(client, _places(client))
    if values and not all(uuid in values for uuid in REQUIRED):
        values |= await _read_each(client, await _moved_places(client, missing=[uuid for uuid in READ_ORDER if uuid not in values]))
    return values


async def _read_each(client: "BleakClient", places: "Mapping[str, BleakGATTCharacteristic]") -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    for uuid, characteristic in places.items():
        if uuid != PPID or decode_id(values.get(OPID, b"")) == "":
            values[uuid] = bytes(await client.read_gatt_char(characteristic))
    return values


def _places(client: "BleakClient") -> "dict[str, BleakGATTCharacteristic]":
    """Where each value is, in the order of reading. Of two with the same UUID the first counts."""
    places = {each.uuid: each for each in reversed(client.services.characteristics.values())}
    return {uuid: places[uuid] for uuid in READ_ORDER if uuid in places}


async def _moved_places(client: "BleakClient", missing: list[str]) -> "dict[str, BleakGATTCharacteristic]":
    """Where values have gone that are not at their UUID: unknown characteristics of the vendor are asked for their descriptions (descriptor
    0x2901), in which the name of the value stands as a word.
    """
    places: dict[str, BleakGATTCharacteristic] = {}
    for characteristic in client.services.characteristics.values():
        if is_vendor_uuid(characteristic.uuid) and characteristic.uuid not in READ_ORDER:
            words = _WORD.findall((await _name_of(client, characteristic)).lower())
            for uuid in missing:
                if _NAMES[uuid] in words:
                    places.setdefault(uuid, characteristic)
    return {uuid: places[uuid] for uuid in missing if uuid in places}


async def _name_of(client: "BleakClient", characteristic: "BleakGATTCharacteristic") -> str:
    from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS, is_lost_link

    for descriptor in characteristic.descriptors:
        if descriptor.uuid == _DESCRIPTION:
            try:
                return bytes(await client.read_gatt_descriptor(descriptor.handle)).decode("ascii", "replace")
            except RADIO_ERRORS as error:
                if not client.is_connected or not is_lost_link(error):
                    raise
    return ""


# ---------------------------------------------------------------- simulation


def _build(values: SimulatedValues) -> Peripheral:
    charge, celsius = values.charge, round_half_up(values.celsius)
    registers = {
        OPID: values.own_id.encode("ascii").ljust(_ID_WIDTH, b"\0"),
        PPID: values.own_id.encode("ascii").ljust(_ID_WIDTH, b"<"),
        PCKV: charge.millivolts.to_bytes(4, "little"),
        RSOC: values.reported_soc.to_bytes(2, "little"),
        RCAP: charge.remaining_mah.to_bytes(2, "little"),
        FCCP: charge.full_mah.to_bytes(2, "little"),
        PCKT: celsius.to_bytes(2, "little", signed=True),
    }
    if values.bad_frame:
        registers[PCKV] = registers[PCKV][:2]
    return Peripheral(
        name=f"OVES BATT {round_half_up(Decimal(charge.full_mah).scaleb(-3))}AH {id_tail(values.asset_id)}",
        services={service: {uuid: registers[uuid] for uuid in uuids} for service, uuids in SERVICES.items()},
    )


PROTOCOL = BatteryProtocol(
    name=NAME,
    matches=matches,
    read=read,
    has_own_id=True,
    is_own_uuid=is_vendor_uuid,
    simulated=SimulatedProtocol(
        resolution=Resolution(
            max_mah=MAX_MAH,
            max_volts=1000,  # above this one milliampere hour is more than a watt hour
            full_mah=(30_000, 45_000, MAX_MAH),
        ),
        build=_build,
        without=dict.fromkeys((Fault.DEAD_CELL, Fault.UNEQUAL_CELLS, Fault.OUTPUT_OFF), NOT_TOLD),
        max_id_length=MAX_ID_LENGTH,
        exchanges_before_drop=2,
    ),
)
