"""A simulated battery in the bytes of OVES (facts/field.md): values behind characteristics, nothing notified. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from kiosk.domain.battery.battery import normalise_id
from kiosk.station.adapters.bluetooth.protocols import oves
from kiosk.station.adapters.bluetooth.simulated.body import Fault, Resolution, SimulatedGatt, SimulatedValues, rounded
from kiosk.station.adapters.bluetooth.target import TAIL_LENGTH

RESOLUTION = Resolution(
    protocol=oves.PROTOCOL,
    most_mah=oves.MOST_MAH,
    most_volts=1000,  # above this one milliampere hour is more than a watt hour
    full_mah=(30_000, 45_000, oves.MOST_MAH),
)
WITHOUT: Mapping[Fault, str] = {}
MOST_ID_LENGTH = 64
_ID_WIDTH = 20


def body(inside: SimulatedValues) -> SimulatedGatt:
    """What the battery puts into the air."""
    charge, celsius = inside.charge, rounded(inside.celsius)
    values = {
        oves.OPID: inside.own_id.encode("ascii").ljust(_ID_WIDTH, b"\0"),
        oves.PPID: inside.own_id.encode("ascii").ljust(_ID_WIDTH, b"<"),
        oves.PCKV: charge.millivolts.to_bytes(4, "little"),
        oves.RSOC: inside.told_soc.to_bytes(2, "little"),
        oves.RCAP: charge.remaining_mah.to_bytes(2, "little"),
        oves.FCCP: charge.full_mah.to_bytes(2, "little"),
        oves.PCKT: celsius.to_bytes(2, "little", signed=True),
    }
    if inside.bad_frame:
        values[oves.PCKV] = values[oves.PCKV][:2]
    tail = normalise_id(inside.asset_id)[-TAIL_LENGTH:]
    return SimulatedGatt(
        name=f"OVES BATT {rounded(Decimal(charge.full_mah).scaleb(-3))}AH {tail}",
        services={service: {uuid: values[uuid] for uuid in uuids} for service, uuids in oves.SERVICES.items()},
        exchanges_before_drop=2,
    )
