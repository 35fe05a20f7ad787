"""Commodity packs for tests: the recorded ones as devices in the air, and a reader of one device over the memory backend."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.station.adapters.bluetooth import Timeouts, commodity
from kiosk.station.adapters.bluetooth.battery_protocol import (
    REFUSE_ESTIMATES,
    Ability,
    AdvertisedDevice,
    EstimatePolicy,
    Notification,
    Peripheral,
    ReadSession,
)
from kiosk.station.adapters.bluetooth.device_table import DeviceTable
from kiosk.station.adapters.bluetooth.radio import Radio
from kiosk.station.adapters.bluetooth.simulated.bleak_backend import memory_backends
from kiosk.station.adapters.bluetooth.simulated.environment import SimulatedEnvironment
from tests.station.adapters.bluetooth.bench import NOW, QUICK
from tests.station.adapters.bluetooth.jumping import run_jumping

FRAMES = Path(__file__).parent / "frames" / "recorded.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recorded pack: what it advertised, what it answered to which request, and what it reads as."""

    name: str
    address: str
    protocol: str
    service: str
    notify: str
    write: str
    manufacturer_data: Mapping[int, bytes]
    exchange: tuple[tuple[bytes, tuple[bytes, ...]], ...]
    volts: Decimal
    amp_hours: Decimal
    soc: Decimal
    watt_hours: Decimal

    def peripheral(self, exchange: Sequence[tuple[bytes, Sequence[bytes]]] | None = None) -> Peripheral:
        """The pack in the air, playing its recording or another exchange."""
        return device(
            self.name,
            self.address,
            self.service,
            self.notify,
            self.write,
            answers(self.notify, exchange or self.exchange),
            manufacturer_data=self.manufacturer_data,
        )


@cache
def recordings() -> dict[str, Recording]:
    """All eleven, by name."""
    entries = json.loads(FRAMES.read_text("utf-8"), parse_float=Decimal, parse_int=Decimal)["bms"]
    return {entry["name"]: _recording(entry) for entry in entries}


def _recording(entry: dict) -> Recording:  # type: ignore[type-arg]  # JSON
    expected = entry["expected"]
    return Recording(
        name=entry["name"],
        address=entry["address"],
        protocol={"jbd_bms": "jbd", "jikong_bms": "jk", "daly_bms": "daly"}[entry["bms"]],
        service=entry["service"],
        notify=entry["notify"],
        write=entry["write"],
        manufacturer_data={int(maker): bytes.fromhex(data) for maker, data in entry["adv"]["manufacturer_data"].items()},
        exchange=tuple(
            (bytes.fromhex(each["request"]), tuple(bytes.fromhex(data) for data in each["notifications"])) for each in entry["exchange"]
        ),
        volts=expected["voltage_v"],
        amp_hours=expected["charge_ah"],
        soc=expected["soc_pct"],
        watt_hours=expected["energy_wh"],
    )


def answers(notify: str, exchange: Sequence[tuple[bytes, Sequence[bytes]]]) -> Callable[[str, bytes], Sequence[Notification]]:
    """What is notified after which request; nothing after an unknown one."""
    told = {request: [(notify, data) for data in notifications] for request, notifications in exchange}
    return lambda _, request: told.get(request, [])


def device(
    name: str,
    address: str,
    service: str,
    notify: str,
    write: str,
    on_write: Callable[[str, bytes], Sequence[Notification]],
    manufacturer_data: Mapping[int, bytes] | None = None,
) -> Peripheral:
    """A pack that answers what is written to it."""
    able: dict[str, tuple[Ability, ...]] = {notify: ("notify",)}
    able[write] = (*able.get(write, ()), "write", "write-without-response")
    return Peripheral(
        address=address,
        name=name,
        services={service: dict.fromkeys((notify, write), b"")},
        properties=able,
        manufacturer_data=manufacturer_data or {},
        on_write=on_write,
    )


def read(pack: Peripheral, seconds: float = 10.0, estimates: EstimatePolicy = REFUSE_ESTIMATES, secret: str = "") -> BatteryTelemetry:
    """One reading of a device by the commodity reader, on a loop that never waits. Raises what the reader raises."""
    return run_jumping(reading_of(pack, seconds, estimates, secret))


async def reading_of(pack: Peripheral, seconds: float, estimates: EstimatePolicy = REFUSE_ESTIMATES, secret: str = "") -> BatteryTelemetry:
    """See `read`; the radio is left without a link."""
    loop = asyncio.get_running_loop()
    room = SimulatedEnvironment(timings=QUICK)
    room.add_devices(pack)
    radio = Radio(memory_backends(room))
    until = loop.time() + seconds
    try:
        async with asyncio.timeout_at(until):
            found = await _heard(radio)
            session = ReadSession(
                link=lambda: radio.link(found.device, until - loop.time()),
                battery_id=pack.name,
                seconds_left=lambda: until - loop.time(),
                now=lambda: NOW,
                estimates=estimates,
                answer_seconds=Timeouts().answer,
                secret=secret,
            )
            return await commodity.read(found, session)
    finally:
        await radio.settle()
        assert not room.open_links


async def _heard(radio: Radio) -> AdvertisedDevice:
    loop = asyncio.get_running_loop()
    devices, found = DeviceTable(loop.time), asyncio.Event()

    def hear(device: BLEDevice, told: AdvertisementData) -> None:
        devices.note(device, told)
        found.set()

    async with radio.listening(hear):
        await found.wait()
    return devices.rank()[0]
