"""A battery whose kind its advertisement does not tell, or tells wrongly: it is told by what is behind it once it is connected to.

Most kinds are recognised by the name that the maker gave them, and a pack that was renamed is read all the same. Where the vendor's values
of OVES are there, it is OVES. Else each family whose service and characteristics are there is asked, those that stations use first. One
that does not understand the question is silent, or its answer has no right checksum: then the next one is tried over the same link.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BatteryUnreadable, ReadingPrevented
from kiosk.domain.read_obstacle import ReadObstacle
from kiosk.station.adapters.bluetooth.battery_protocol import AdvertisedDevice, ReadSession, uuid_of
from kiosk.station.adapters.bluetooth.protocol_registry import load_kinds
from kiosk.station.adapters.bluetooth.protocols import oves

if TYPE_CHECKING:
    from aiobmsble.basebms import BaseBMS
    from bleak import BleakClient

TRIED = ("jbd", "jk", "ant", "daly")
_SERVICES = frozenset(uuid_of(short) for short in (0xFF00, 0xFFE0, 0xFFF0))  # of these families
_ANSWER_SECONDS = 0.8  # for a question to a family that it may not be


def has_battery_service(service_uuids: Sequence[str]) -> bool:
    """Whether a device advertises a service that packs of the usual families have, and other devices may have too."""
    return not _SERVICES.isdisjoint(service_uuids)


async def read(device: AdvertisedDevice, session: ReadSession) -> BatteryTelemetry:
    """Connect, find out the kind, read, disconnect. Raises RADIO_ERRORS, and BatteryUnreadable also where it is no kind known here."""
    async with session.link() as client:
        if any(oves.is_vendor_uuid(each.uuid) for each in client.services.characteristics.values()):
            return await oves.read_open(client, session, is_told=device.protocol == oves.NAME)
        return await _read_first(client, [name for name in families_behind(client) if session.allows(name)], device, session)


def families_behind(client: "BleakClient") -> list[str]:
    """The families whose service and characteristics this device has: the usual ones, else the only other one."""
    fitting = [name for name, kind in load_kinds().items() if _fits(kind, client)]
    usual = [name for name in TRIED if name in fitting]
    return usual or (fitting if len(fitting) == 1 else [])


def _fits(kind: "type[BaseBMS]", client: "BleakClient") -> bool:
    from bleak.uuids import normalize_uuid_str

    try:
        needed = {normalize_uuid_str(each) for each in (kind.uuid_rx(), kind.uuid_tx())}
    except NotImplementedError:  # it finds them some other way
        return False
    services = {normalize_uuid_str(each) for each in kind.uuid_services()}
    return needed <= {inner.uuid for each in client.services if each.uuid in services for inner in each.characteristics}


async def _read_first(client: "BleakClient", names: Sequence[str], device: AdvertisedDevice, session: ReadSession) -> BatteryTelemetry:
    from kiosk.station.adapters.bluetooth import commodity

    for place, name in enumerate(names):
        kind, is_last = load_kinds()[name], place == len(names) - 1
        if is_last:
            return await commodity.read_open(client, kind, device, session)
        shortly = replace(session, answer_seconds=min(session.answer_seconds, _ANSWER_SECONDS))
        with suppress(BatteryUnreadable, TimeoutError):
            return await commodity.read_open(client, kind, device, shortly)
        await _unsubscribe(client, kind)
    raise ReadingPrevented.by(ReadObstacle.OTHER_KIND if device.protocol else ReadObstacle.UNKNOWN_KIND, session.battery_id)


async def _unsubscribe(client: "BleakClient", kind: "type[BaseBMS]") -> None:
    """What one family has subscribed to, the next one cannot subscribe to."""
    from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS

    with suppress(*RADIO_ERRORS, ValueError):
        await client.stop_notify(kind.uuid_rx())
