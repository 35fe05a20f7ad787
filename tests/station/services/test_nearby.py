"""Batteries that are near: what is in range is passed on, and one battery is waited for."""

import asyncio
from collections.abc import AsyncIterator

from kiosk.domain.battery.battery import id_tail
from kiosk.domain.errors import BatteryUnreachable
from kiosk.station.ports import Sighting
from kiosk.station.services.device_health import wait_until_near, watch

PHONE = Sighting(address="1", name="Phone")
BATTERY = Sighting(address="2", name="OVES BATT 45AH -12345")


class Listed:
    """A scanner that sees these lists one after the other, and then fails or sees nothing new."""

    def __init__(self, *lists: tuple[Sighting, ...], failure: BatteryUnreachable | None = None) -> None:
        self.lists, self.failure, self.closed = lists, failure, False

    async def sightings(self) -> AsyncIterator[tuple[Sighting, ...]]:
        try:
            for each in self.lists:
                yield each
            if self.failure is not None:
                raise self.failure
        finally:
            self.closed = True


def test_an_advertised_name_and_the_id_of_the_same_battery_have_one_tail() -> None:
    assert id_tail("oves batt 45ah -12345") == id_tail("BAT-12345")


async def test_each_list_of_what_is_in_range_is_passed_on() -> None:
    seen: list[tuple[Sighting, ...]] = []
    scanner = Listed((PHONE,), (PHONE, BATTERY))
    await watch(scanner, seen.append)  # type: ignore[arg-type]  # only its sightings are asked for
    assert seen == [(PHONE,), (PHONE, BATTERY)]


async def test_a_battery_is_near_as_soon_as_it_is_seen_and_the_scanner_is_released() -> None:
    scanner = Listed((PHONE,), (PHONE, BATTERY), failure=BatteryUnreachable("", 0))
    async with asyncio.timeout(5):
        assert await wait_until_near(scanner, "bat-12345")  # type: ignore[arg-type]  # only its sightings are asked for
    assert scanner.closed


async def test_where_nothing_can_be_looked_for_no_battery_is_near() -> None:
    scanner = Listed((PHONE,), failure=BatteryUnreachable("", 0))
    assert not await wait_until_near(scanner, "BAT-12345")  # type: ignore[arg-type]  # only its sightings are asked for
