"""Batteries whose answers are cut, joined, shifted, repeated, late or for another request, made from a seed; and one reading of each.

A family with recorded bytes must read as recorded or not at all; one without is fed with its own heads and any bytes. Every input is known
by its family and its number, so one that fails can be tried again alone.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from random import Random

from aiobmsble.basebms import BaseBMS
from bleak import BleakClient
from bleak.backends.device import BLEDevice

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits, check_reading
from kiosk.domain.errors import BatteryError
from kiosk.station.adapters.bluetooth import SimulatedEnvironment, Timeouts, commodity
from kiosk.station.adapters.bluetooth.battery_protocol import REFUSE_ESTIMATES, AdvertisedDevice, Notification, Peripheral, ReadSession
from kiosk.station.adapters.bluetooth.protocol_registry import load_kinds, own_protocols
from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS
from kiosk.station.adapters.bluetooth.simulated.bleak_backend import MemoryClient
from tests.station.adapters.bluetooth.bench import NOW, QUICK, battery
from tests.station.adapters.bluetooth.cases import answers_of, device_of
from tests.station.adapters.bluetooth.jumping import run_jumping
from tests.station.adapters.bluetooth.packs import device, recordings

SECONDS = 10.0
ADDRESS = "AA:BB:CC:00:00:01"
_CASES = {16: "ant_leg", 21: "jk", 22: "jk", 23: "jk", 25: "jbd", 26: "jbd", 27: "jbd", 28: "jk", 29: "jk", 30: "ant"}
_FORESEEN: tuple[type[Exception], ...] = (BatteryError, *RADIO_ERRORS)
_STREAM = 6  # of a recorded stream, the notifications of the frame that was annotated
_FLOOD = 600
_SIZES = (1, 2, 7, 20, 44, 100, 128, 150, 182, 244, 300, 509)

Answers = list[tuple[bytes, list[bytes]]]
Values = tuple[Decimal | None, Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Source:
    """A pack that was recorded: what it answers to the beginning of a request, and what it reads as."""

    family: str
    pack: Peripheral
    notify: str
    answers: Answers
    values: Values


@dataclass(frozen=True, slots=True)
class Input:
    """One battery as it is met, and the values that it may be read with; None where none are known."""

    family: str
    pack: Peripheral
    allowed: Values | None = None
    lost_after: int | None = None


# ---------------------------------------------------------------- what was recorded


@cache
def sources() -> Mapping[str, tuple[Source, ...]]:
    """All recorded packs by their family."""
    found = [
        Source(
            each.protocol,
            each.peripheral(),
            each.notify,
            [(request, list(told[:_STREAM])) for request, told in each.exchange],
            (each.volts, each.amp_hours, each.soc),
        )
        for each in recordings().values()
    ]
    for number, family in _CASES.items():
        pack = device_of(number)
        (notify,) = [uuid for uuid, able in pack.properties.items() if "notify" in able]
        found.append(Source(family, pack, notify, answers_of(number), values_of(meet(Input(family, pack)))))
    families = sorted({each.family for each in found})
    return {family: tuple(each for each in found if each.family == family) for family in families}


def recorded_families() -> tuple[str, ...]:
    """Those with recorded bytes, the values of OVES batteries among them."""
    return (*sources(), "oves")


def other_families() -> tuple[str, ...]:
    """Those that the library reads and nobody recorded for us."""
    return tuple(name for name in load_kinds() if name not in sources())


# ---------------------------------------------------------------- damage


def input_of(family: str, number: int, seed: int = 0) -> Input:
    """The input with this number: always the same one."""
    random = Random(f"{seed}:{family}:{number}")
    if family == "oves":
        return _oves(random)
    return _recorded(random, random.choice(sources()[family])) if family in sources() else _unknown(random, family)


def _recorded(random: Random, source: Source) -> Input:
    answers = [(request, list(told)) for request, told in source.answers]
    flipped = random.random() < 0.2  # one byte at most: two can make up for each other in a sum of 8 bits, and nobody could tell
    if flipped:
        _flip(random, random.choice(answers)[1])
    for _ in range(random.randint(1, 3)):
        nth = random.randrange(len(answers))
        request, told = answers[nth]
        answers[nth] = (request, random.choice(_DAMAGES)(random, told, answers))
    if random.random() < 0.1:
        requests = [request for request, _ in answers]
        random.shuffle(requests)
        answers = [(request, told) for request, (_, told) in zip(requests, answers, strict=True)]
    return _met(random, source.family, replace(source.pack, on_write=player(source.notify, answers)), source.values, answers)


def _met(random: Random, family: str, pack: Peripheral, allowed: Values | None, answers: Answers) -> Input:
    """Its link: mostly good, sometimes slow, or lost in the middle of an answer."""
    late = random.choice((0.0, 0.0, 0.0, 0.05, 0.4, 2.1))
    size = sum(len(each) for _, told in answers for each in told)
    lost = random.randint(0, size) if random.random() < 0.1 else None
    first = random.choice(random.choice(answers)[1] or [b""])
    unasked = [first] * random.choice((0, 0, 0, 1, 20))
    left_over = [(uuid, each) for uuid, able in pack.properties.items() if "notify" in able for each in unasked]
    return Input(family, replace(pack, read_seconds=late, on_subscribe=lambda _: left_over), allowed, lost)


def _flip(random: Random, told: list[bytes]) -> None:
    at = random.randrange(len(told)) if told else 0
    if told and told[at]:
        changed = bytearray(told[at])
        changed[random.randrange(len(changed))] ^= random.randint(1, 255)
        told[at] = bytes(changed)


def _recut(random: Random, told: list[bytes], _others: Answers) -> list[bytes]:
    data, pieces = b"".join(told), []
    while data:
        size = random.choice(_SIZES)
        pieces.append(data[:size])
        data = data[size:]
    return pieces


def _join(_random: Random, told: list[bytes], _others: Answers) -> list[bytes]:
    return [b"".join(told)]


def _shift(random: Random, told: list[bytes], others: Answers) -> list[bytes]:
    data = b"".join(told)
    at = random.randint(0, len(data))
    return _recut(random, [data[at:], data[:at]] if random.random() < 0.5 else [data[at:], data], others)


def _repeat(random: Random, told: list[bytes], _others: Answers) -> list[bytes]:
    if random.random() < 0.5 or not told:
        return told * random.randint(2, 4)
    at = random.randrange(len(told))
    return [*told[: at + 1], *told[at:]]


def _drop(random: Random, told: list[bytes], _others: Answers) -> list[bytes]:
    at = random.randrange(len(told)) if told else 0
    return told[:at] + told[at + 1 :]


def _shorten(random: Random, told: list[bytes], _others: Answers) -> list[bytes]:
    data = b"".join(told)
    return [data[: random.randint(0, len(data))]]


def _swap(random: Random, told: list[bytes], others: Answers) -> list[bytes]:
    """A piece of any answer in the place of one of these. The order of one answer stays: a link keeps it, and a sum cannot tell it."""
    at = random.randrange(len(told)) if told else 0
    return [*told[:at], random.choice(random.choice(others)[1] or [b""]), *told[at + 1 :]]


def _insert(random: Random, told: list[bytes], others: Answers) -> list[bytes]:
    at = random.randint(0, len(told))
    foreign = random.choice((b"AT\r\n", random.randbytes(random.randint(0, 40)), *random.choice(others)[1]))
    return [*told[:at], foreign, *told[at:]]


def _flood(random: Random, told: list[bytes], _others: Answers) -> list[bytes]:
    piece = random.choice((b"AT\r\n", bytes(20), random.randbytes(20), *told[:1], *[each[:4] for each in told[:1]]))
    flood = [piece] * random.randint(1, _FLOOD)
    return flood + told if random.random() < 0.5 else told + flood


_DAMAGES = (*(_recut, _recut, _recut, _join, _shift, _shift, _repeat, _repeat, _drop, _shorten, _swap, _insert, _insert) * 4, _flood)


def _unknown(random: Random, family: str) -> Input:
    """A pack of a kind that nobody recorded: its own heads and any bytes, or the request sent back, in notifications of any size."""
    kind = load_kinds()[family]
    heads = [value for each in kind.__mro__ for value in vars(each).values() if isinstance(value, bytes) and value]

    def answer(request: bytes) -> list[bytes]:
        head = random.choice((request[: random.randint(0, len(request))], *heads, b""))
        tail = random.choice((*heads, b"\r\n", b""))
        told = [head + random.randbytes(random.choice((0, 1, 8, 30, 120, 250))) + tail for _ in range(random.randint(1, 3))]
        return _recut(random, told, []) if random.random() < 0.5 else told

    answered: dict[bytes, list[bytes]] = {}  # like a battery: the same to the same question
    notify, write = _long(kind.uuid_rx()), _long(_asked_at(kind))

    def on_write(_uuid: str, request: bytes) -> Sequence[Notification]:
        return [(notify, each) for each in answered.setdefault(request, answer(request))]

    pack = device("BAT-12345", ADDRESS, _long(kind.uuid_services()[0]), notify, write, on_write)
    return _met(random, family, pack, None, [(b"", answer(b""))])


def _asked_at(kind: type[BaseBMS]) -> str:
    try:
        return kind.uuid_tx()
    except NotImplementedError:  # such a pack only sends
        return kind.uuid_rx()


def _long(uuid: str) -> str:
    return f"0000{uuid}-0000-1000-8000-00805f9b34fb" if len(uuid) == 4 else uuid


def _oves(random: Random) -> Input:
    """A battery whose values are whole, cut, doubled, or another value of another width."""
    good = SimulatedEnvironment([battery()], timings=QUICK).peripherals[0]
    every = [raw for values in good.services.values() for raw in values.values()]
    changed = random.sample([uuid for values in good.services.values() for uuid in values], random.randint(0, 2))

    def damaged(uuid: str, raw: bytes) -> bytes:
        if uuid not in changed:
            return raw
        cut = raw[: random.randint(0, len(raw) - 1)]
        return random.choice(
            (cut, raw + raw, raw + random.randbytes(random.randint(1, 20)), *(each for each in every if len(each) != len(raw)))
        )

    services = {service: {uuid: damaged(uuid, raw) for uuid, raw in values.items()} for service, values in good.services.items()}
    drop = random.randint(0, 8) if random.random() < 0.1 else None
    pack = replace(good, address=ADDRESS, services=services, reads_before_drop=drop)
    return Input("oves", pack, (Decimal("71.2"), Decimal("11.236"), Decimal(25)))


# ---------------------------------------------------------------- one reading


class _HostileClient(MemoryClient):
    """The link is lost after so many bytes of answers."""

    lost_after: int | None = None

    def _deliver(self, queued: deque[Notification], seconds: float) -> None:
        if self.lost_after is None or queued is not self._queued:
            super()._deliver(queued, seconds)
            return
        uuid, data = queued[0]
        queued[0] = (uuid, data[: self.lost_after])
        self.lost_after -= len(queued[0][1])
        super()._deliver(queued, seconds)
        if self.lost_after == 0:
            self._going = asyncio.ensure_future(self.disconnect())


def player(notify: str, answers: Answers) -> Callable[[str, bytes], Sequence[Notification]]:
    """What is notified after a request that begins like one of these."""

    def on_write(_uuid: str, request: bytes) -> Sequence[Notification]:
        return next(([(notify, each) for each in told] for head, told in answers if request.startswith(head)), [])

    return on_write


async def reading_of(given: Input) -> BatteryTelemetry:
    """One reading as the search does it, on a link of its own. Raises what the reader raises."""
    loop = asyncio.get_running_loop()
    room = SimulatedEnvironment(timings=QUICK)
    room.add_devices(given.pack)
    until = loop.time() + SECONDS
    backend = type("Client", (_HostileClient,), {"environment": room, "lost_after": given.lost_after})
    handle = BLEDevice(given.pack.address, given.pack.name, None)

    @asynccontextmanager
    async def link() -> AsyncIterator[BleakClient]:
        client = BleakClient(handle, backend=backend)
        await client.connect()
        try:
            yield client
        finally:
            await client.disconnect()

    found = AdvertisedDevice(address=given.pack.address, name=given.pack.name, device=handle, last_seen=0.0, protocol=given.family)
    session = ReadSession(
        link=link,
        battery_id="BAT-12345",
        seconds_left=lambda: until - loop.time(),
        now=lambda: NOW,
        estimates=REFUSE_ESTIMATES,
        answer_seconds=Timeouts().answer,
    )
    own = own_protocols().get(given.family)
    try:
        async with asyncio.timeout_at(until):
            return await (own.read if own and own.read else commodity.read)(found, session)
    finally:
        assert loop.time() <= until + 0.001, "later than its deadline"
        assert not room.open_links


def values_of(reading: BatteryTelemetry | str) -> Values:
    """What must not be another value."""
    assert not isinstance(reading, str), reading
    return (reading.voltage, reading.charge_ah, reading.soc_percent)


def meet(given: Input) -> BatteryTelemetry | str:
    """One reading on a loop that never waits: what it gave, or the name of its error. Raises AssertionError and what nobody foresaw."""
    return run_jumping(outcome_of(given))


async def outcome_of(given: Input) -> BatteryTelemetry | str:
    """The reading as the domain takes it, or the name of the error that a sentence is made of."""
    try:
        reading = await reading_of(given)
        check_reading(reading, FitnessLimits())
    except _FORESEEN as error:
        return type(error).__name__
    if given.allowed is not None:
        assert values_of(reading) == given.allowed, f"another value: {reading}"
    return reading
