"""Batteries of the commodity families, read by aiobmsble 0.31.0 (pinned: its insides are used) over a link that is ours.

The library decodes, and nothing else: it would connect by itself, for up to 81 seconds and past our owner of the adapter, so it is given an
open link and only asked for its values. Its questions are kept short too: one that is not answered in `answer_seconds` is put once more the
other way of writing, and then given up, so that a Daly pack of the older protocol, which is asked in the newer one first, answers within
one reading. It is never asked for more than the values (`device_info` locks up Pace packs), and its link is never kept (JK).

BatteryUnreadable: it sent bytes that are no valid answer (checksum, length, garbage), asks for a password, lacks a characteristic, or its
numbers cannot be. Silence is a TimeoutError, a lost link a BleakError, as for every reader. Whatever the library raises over bad bytes
stays here.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple, cast

from aiobmsble import BMSConfig, BMSSample
from aiobmsble.basebms import BaseBMS
from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakCharacteristicNotFoundError, BleakError

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BatteryUnreadable
from kiosk.domain.language import mark, tr
from kiosk.station.adapters.bluetooth.battery_protocol import ReadSession
from kiosk.station.adapters.bluetooth.commodity.commodity_kinds import load_kinds, protocol_name
from kiosk.station.adapters.bluetooth.commodity.commodity_values import telemetry
from kiosk.station.adapters.bluetooth.peripheral import AdvertisedDevice

_MARGIN_SECONDS = 0.3  # a battery that sends nonsense is reported before the caller's deadline
_NOT_UNDERSTOOD = mark("its answers cannot be understood")
_ANOTHER_KIND = mark("it is not the kind of battery that it advertises")
_HANDLER = "_notification_handler"
_log = logging.getLogger(__name__)

_Notified = Callable[[Any, BleakGATTCharacteristic, bytearray], Awaitable[None] | None]


class _Nameplate(NamedTuple):
    """What a decoder wants to know of a device. No BLEDevice on purpose: the client that each decoder makes for itself, and that is put
    aside unused, accepts anything else on every platform.
    """

    address: str
    name: str


async def read(device: AdvertisedDevice, session: ReadSession) -> BatteryTelemetry:
    """Connect, read, disconnect. The id of the reading is the advertised name, else the address: such a battery has no other.

    Raises BatteryUnreadable and RADIO_ERRORS.
    """
    kind = load_kinds().get(device.protocol)
    if kind is None:
        raise BatteryUnreadable(session.battery_id, tr("it is not a kind of battery known here"))
    async with session.radio.link(device.device, session.seconds_left()) as client:
        session.connected()
        left = session.seconds_left()
        plate = _Nameplate(device.address, device.name)
        sample = await read_sample(client, kind, plate, min(left * 0.9, left - _MARGIN_SECONDS), session.answer_seconds)
    return telemetry(sample, kind, battery_id=device.name.strip() or device.address, read_at=session.now(), estimates=session.estimates)


class _Decoder(BaseBMS):
    """Mixed in before a kind of aiobmsble: an open link, short questions, and a count of what came. Only made by `_decoder_of`."""

    answer_seconds = 2.0
    bytes_heard = 0

    def __init__(self, plate: _Nameplate, name: str) -> None:
        super().__init__(cast("BLEDevice", plate), BMSConfig(), name)
        self.waiting: deque[Callable[[], Awaitable[None] | None]] = deque()
        self.tasks: set[asyncio.Future[None]] = set()

    async def values(self, client: BleakClient) -> BMSSample:
        """What the battery tells, nothing derived."""
        self._client = client  # instead of connecting
        await self._init_connection()
        return await self._async_update()

    async def _await_msg(self, data: bytes, char: int | str | None = None, wait_for_notify: bool = True, max_size: int = 0) -> None:  # noqa: FBT001, FBT002 - the library's
        """The library's question, cut off; both ways of writing get their turn as long as none has worked."""
        known = self._inv_wr_mode
        for inverted in (False, True) if known is None and wait_for_notify else (known,):
            self._inv_wr_mode = inverted
            try:
                async with asyncio.timeout(self.answer_seconds):
                    return await super()._await_msg(data, char, wait_for_notify, max_size)
            except TimeoutError:
                self._inv_wr_mode = known
                if not self.is_connected:
                    raise BleakError("Not connected") from None
        raise TimeoutError


@cache
def _decoder_of(kind: type[BaseBMS]) -> type[_Decoder]:
    """The kind with the mixin, and with a handler that takes its notifications one at a turn."""
    handle: _Notified = getattr(kind, _HANDLER)

    def handle_notification(self: _Decoder, sender: BleakGATTCharacteristic, data: bytearray) -> None:
        self.bytes_heard += len(data)
        self.waiting.append(lambda: handle(self, sender, data))
        if len(self.waiting) == 1:
            asyncio.get_running_loop().call_soon(_next_turn, self)

    return type(f"{protocol_name(kind.__module__)}_decoder", (_Decoder, kind), {_HANDLER: handle_notification})


def _next_turn(decoder: _Decoder) -> None:
    """Hand over one notification. The next one waits for the next turn of the loop: who was waiting for this one must see it first, and a
    library that is shown two at once (Jikong's information and its "ready") misses the second.
    """
    with _keep_errors(decoder):
        later = decoder.waiting[0]()
        if later is not None:
            task = asyncio.ensure_future(_finish(decoder, later))
            decoder.tasks.add(task)
            task.add_done_callback(decoder.tasks.discard)
    decoder.waiting.popleft()
    if decoder.waiting:
        asyncio.get_running_loop().call_soon(_next_turn, decoder)


async def _finish(decoder: _Decoder, later: Awaitable[None]) -> None:
    with _keep_errors(decoder):
        await later


@contextmanager
def _keep_errors(decoder: _Decoder) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - fifty parsers that nobody here wrote, fed with any bytes
        _log.debug("%s: a notification broke the decoder: %r", decoder.name, error)
        decoder._frame.clear()  # noqa: SLF001 - our own subclass


async def read_sample(client: BleakClient, kind: type[BaseBMS], plate: _Nameplate, seconds: float, answer_seconds: float) -> BMSSample:
    """The values that a battery tells over an open link, within so many seconds. Raises BatteryUnreadable and RADIO_ERRORS."""
    decoder = _decoder_of(kind)(plate, f"{__name__}.{protocol_name(kind.__module__)}")
    decoder.answer_seconds = answer_seconds
    name = plate.name or plate.address
    try:
        async with asyncio.timeout(seconds):
            return await decoder.values(client)
    except TimeoutError:
        if decoder.bytes_heard:
            raise BatteryUnreadable(name, tr(_NOT_UNDERSTOOD)) from None
        raise
    except BleakCharacteristicNotFoundError:
        raise BatteryUnreadable(name, tr(_ANOTHER_KIND)) from None
    except (PermissionError, ConnectionRefusedError):
        raise BatteryUnreadable(name, tr("it asks for a password")) from None
    except (BleakError, EOFError):
        raise
    except ConnectionError as error:
        raise BatteryUnreadable(name, tr(_ANOTHER_KIND)) from error
    except OSError:
        raise
    except Exception as error:  # what a plugin raises over bad bytes is of any type; it is a reading that failed
        raise BatteryUnreadable(name, tr(_NOT_UNDERSTOOD)) from error
