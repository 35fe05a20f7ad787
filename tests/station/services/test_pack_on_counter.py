"""Which pack lies on the counter: the only one, the clearly nearest, or none (decision 84)."""

from collections.abc import AsyncIterator

import pytest

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.binding import Binding
from kiosk.domain.errors import StepImpossible
from kiosk.station.ports import Sighting
from kiosk.station.services.pack_on_counter import clearly_nearest, find_pack, read_pack
from tests.builders import NOON, reading
from tests.fakes import FixedScanner
from tests.station.services.binding_station import SECRET, Bound, X


def pack(rssi: int | None, address: str = X, protocol: str = "jk") -> Sighting:
    return Sighting(address=address, name="JK-B2A24S", rssi=rssi, protocol=protocol)


NEAR, PHONE = pack(-50), pack(-30, "11:22:33:44:55:66", "")


@pytest.mark.parametrize(
    ("others", "is_clear"),
    [
        ((), True),
        ((PHONE,), True),
        ((pack(-58, "2"),), True),
        ((pack(-57, "2"),), False),
        ((pack(-80, "2"), pack(-57, "3")), False),
        ((pack(-80, "2"), pack(-58, "3")), True),
        ((pack(None, "2"),), False),
    ],
)
def test_the_nearest_is_clear_by_8_db_or_alone(others: tuple[Sighting, ...], is_clear: bool) -> None:  # noqa: FBT001  a table
    assert clearly_nearest((*others, NEAR)) == (NEAR if is_clear else None)


def test_one_alone_is_the_one_however_weak_it_is() -> None:
    assert clearly_nearest((pack(None),)) == pack(None)
    assert clearly_nearest((PHONE,)) is clearly_nearest(()) is None


class Listing(FixedScanner):
    """What is in range."""

    def __init__(self, *packs: Sighting) -> None:
        super().__init__()
        self._packs = packs

    async def sightings(self) -> AsyncIterator[tuple[Sighting, ...]]:
        yield self._packs


async def test_a_named_pack_is_found_in_any_spelling_and_none_other_is_taken_for_it() -> None:
    scanner = Listing(pack(-90, "c8:47:8c:00:10:01"), pack(-30, "C8:47:8C:00:10:02"))
    found = await find_pack(scanner, X, 1)
    assert found is not None
    assert found.rssi == -90
    assert await find_pack(scanner, "C8:47:8C:00:10:09", 1) is None


async def test_where_none_is_clearly_meant_all_are_named() -> None:
    with pytest.raises(StepImpossible, match=r"JK-B2A24S \(C8:47:8C:00:10:01, -50 dBm\).*8C:00:10:02, -51 dBm"):
        await find_pack(Listing(NEAR, pack(-51, "C8:47:8C:00:10:02"), PHONE), "", 1)
    with pytest.raises(StepImpossible, match="no battery is in range"):
        await find_pack(Listing(PHONE), "", 1)


async def test_a_pack_is_read_as_what_it_will_be_bound_as_with_its_password(bound: Bound) -> None:
    station = await bound.station(alone=True)
    passwords: list[str] = []

    class Asking(FixedScanner):
        async def read(self, battery_id: str, *arguments: object, **options: object) -> BatteryTelemetry:
            known = station.binding_at(battery_id)
            passwords.append(await station.secret_of(known.battery_id) if known else "")
            return reading("JK-B2A24S", serial="S1", protocol="jk")

    wanted = Binding(battery_id="BAT-1", address="", family="", bound_by="ATT-001", bound_at=NOON)
    read = await read_pack(station, Asking(), wanted, NEAR, SECRET, on_phase=lambda _phase: None, timeout_seconds=1)
    assert passwords == [SECRET]
    assert (read.binding.battery_id, read.binding.address, read.binding.family, read.binding.serial) == ("BAT-1", X, "jk", "S1")
    assert station.binding_at(X) is None  # nothing is bound by reading
