"""Whole kiosks against a real broker and the reference platform.

`build_kiosk`'s own wiring, simulated batteries below the readers, and what a test waits for.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from kiosk.bootstrap import COUNTER, build_kiosk
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.platform.store.repository import PlatformStore
from kiosk.settings import DatabaseSettings, MqttSettings, ScannerSettings, Settings, StationSettings
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event, OutboxChanged, SwapAnswered
from kiosk.station.ports import ReadPhase
from kiosk.station.services.kiosk import Kiosk
from kiosk.station.services.outbox import RetryPolicy
from kiosk.wire.customer_codes import parse_customer_code
from tests.brokers import Mosquitto
from tests.builders import plan_of
from tests.station.adapters.mqtt.parties import Ears
from tests.stores import store_of

WAIT_SECONDS = 20.0
RETURNED, NEW = "BAT-12345", "BAT-67890"
BATTERIES = [
    {"asset_id": RETURNED, "protocol": "oves", "kwh_remaining": 0.8, "soc_percent": 25, "voltage": 71.2, "rssi": -48},
    {"asset_id": NEW, "protocol": "oves", "kwh_remaining": 4.4, "soc_percent": 98, "voltage": 74.6, "rssi": -52},
    {"asset_id": "BAT-77777", "protocol": "oves", "kwh_remaining": 4.2, "voltage": 74.1, "rssi": -58},
    {"asset_id": "BAT-13579", "protocol": "oves", "kwh_remaining": 0.9, "voltage": 71.3, "rssi": -59},
    {"asset_id": "BAT-68000", "protocol": "oves", "kwh_remaining": 1.1, "voltage": 71.9, "rssi": -60, "faults": ["hot"]},
]


def settings_in(folder: Path, broker: Mosquitto | int, station: str = "STATION_XYZ", **mqtt: Any) -> Settings:
    """A counter's settings: `broker` is one, or the port of what pretends to be one."""
    batteries = folder / "batteries.json"
    folder.mkdir(parents=True, exist_ok=True)
    batteries.write_text(json.dumps(BATTERIES))
    port = broker if isinstance(broker, int) else broker.port
    link = {"host": "127.0.0.1", "port": port, "connect_seconds": 5, "answer_seconds": 3, "confirm_seconds": 5, **mqtt}
    return Settings(
        station=StationSettings(id=station, name=f"Station {station}", time_zone="Africa/Nairobi"),
        mqtt=MqttSettings(**link),
        database=DatabaseSettings(url=f"sqlite:///{folder / 'kiosk.sqlite'}"),
        scanner=ScannerSettings(backend="simulated", batteries=batteries),
        data=folder,
    )


@dataclass
class Shop:
    """A running kiosk and what it announced."""

    kiosk: Kiosk
    heard: Ears[Event] = field(default_factory=Ears)

    async def identify(self, plan_id: str) -> Swap:
        return await self.kiosk.swaps.identify(parse_customer_code(plan_id))

    async def with_batteries(self, plan_id: str, new_id: str = NEW) -> Swap:
        """A swap whose batteries are read, over the radio."""
        swap = await self.identify(plan_id)
        if next_step(swap) is Step.RETURNED:
            swap = await self.returned(swap, swap.plan.current_asset or "")
        return await self.new(swap, new_id)

    async def returned(self, swap: Swap, battery_id: str, inspection: str = "") -> Swap:
        reading = await self.kiosk.swaps.read(swap, battery_id, _unseen)
        return await self.kiosk.swaps.accept_returned(swap, reading, inspection)

    async def new(self, swap: Swap, battery_id: str) -> Swap:
        return await self.kiosk.swaps.accept_new(swap, await self.kiosk.swaps.read(swap, battery_id, _unseen))

    async def pay(self, swap: Swap, receipt_id: str = "MP4471") -> Swap:
        """Exactly what is due."""
        return await self.kiosk.swaps.take_payment(swap, self.kiosk.swaps.due(swap).cost, receipt_id, "MOBILE_MONEY")

    async def answer(self, swap: Swap) -> SwapAnswered:
        """The platform's word on a completed swap."""
        (found, *_) = await self.heard.until(lambda event: isinstance(event, SwapAnswered) and event.correlation_id == swap.correlation_id)
        assert isinstance(found, SwapAnswered)
        self.kiosk.outbox.catch_up()  # it is announced first and stored a moment later
        return found

    async def settled(self, swap: Swap) -> None:
        """The platform has booked it, and this kiosk knows it."""
        answer = await self.answer(swap)
        assert answer.settled, answer.reason
        assert self.state(swap) == "settled"

    async def link(self, *, up: bool) -> None:
        """Until the last that was told of the link is this."""
        while [each.connected for each in self.heard.heard if isinstance(each, LinkChanged)][-1:] != [up]:
            told = sum(isinstance(each, LinkChanged) for each in self.heard.heard)
            await self.heard.until(lambda event: isinstance(event, LinkChanged), told + 1)

    def state(self, swap: Swap) -> str:
        """Where its completion stands."""
        return store_of(self.kiosk).outbox_entry(swap.correlation_id).state.value

    @property
    def waiting(self) -> OutboxChanged:
        """What the status line shows."""
        return [each for each in self.heard.heard if isinstance(each, OutboxChanged)][-1]


@asynccontextmanager
async def counter(settings: Settings, instance: str = COUNTER) -> AsyncIterator[Shop]:
    """A counter that is open, its link tried once. It asks again soon where no answer comes."""
    heard: Ears[Event] = Ears()
    kiosk = build_kiosk(settings, heard, instance=instance)
    kiosk.outbox._policy = RetryPolicy(first_seconds=0.3, most_seconds=1.0)  # a station's patience is ten times this
    try:
        await kiosk.start()
        await kiosk.link.wait_until_tried()
        yield Shop(kiosk, heard)
    finally:
        await kiosk.stop()


def plan_named(name: str, plan: ServicePlan | None = None) -> ServicePlan:
    """A plan that no other test on this broker knows."""
    return replace(plan or plan_of(), id=f"{name}-{os.getpid()}-{os.urandom(4).hex()}")


def booked(books: Path, plan_id: str) -> tuple[Decimal, Decimal, str | None]:
    """The platform's word on a plan: swaps used, kWh used, the battery held."""
    store = PlatformStore(books)
    plan = store.plan(plan_id)
    store.close()
    assert plan is not None
    assert plan.electricity is not None
    return plan.swap_count.used, plan.electricity.used, plan.current_asset


def facts(swap: Swap) -> Swap:
    """The swap but for how long its readings took, kept to the microsecond only, and when its plan was told, which resuming asks anew."""
    readings = {name: replace(found, seconds=None) for name in ("incoming", "outgoing") if (found := getattr(swap, name)) is not None}
    return replace(swap, **readings, plan_as_of=swap.started_at)


def _unseen(_phase: ReadPhase) -> None:
    """Nobody watches."""
