"""aiobmsble 0.31.0 (pinned: its insides are used) over a link that is ours: how the bytes of a commodity battery become its sample.

The library decodes, and nothing else: it would connect by itself, for up to 81 seconds and past our owner of the adapter, so it is given an
open link and only asked for its values. Its questions are kept short too: one that is not answered in `answer_seconds` is put once more the
other way of writing, and then given up, so that a Daly pack of the older protocol, which is asked in the newer one first, answers within
one reading. It is never asked for more than the values (`device_info` locks up Pace packs), and its link is never kept (JK).

Notifications are put together to whole frames where the family's frames can be told from other bytes (`frame_stream`); the library is shown
one frame, or one notification of any other family, at a turn, and never more than `MAX_WAITING` wait for it. Whatever it raises over bad
bytes stays here.
"""

import asyncio
import logging
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from aiobmsble import BMSConfig, BMSInfo, BMSSample
from aiobmsble.basebms import BaseBMS
from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakCharacteristicNotFoundError, BleakError

from kiosk.domain.display import cleaned
from kiosk.domain.errors import ReadingPrevented
from kiosk.domain.read_obstacle import ReadObstacle
from kiosk.station.adapters.bluetooth.battery_protocol import AdvertisedDevice, ReadSession
from kiosk.station.adapters.bluetooth.frame_stream import JK_DEVICE, JK_READY, JK_VALUES, SHAPES, FrameStream
from kiosk.station.adapters.bluetooth.library_gaps import keep_dead_cells, unmasked
from kiosk.station.adapters.bluetooth.protocol_registry import protocol_name
from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS, obstacle_of

_MAX_SERIAL = 64
MAX_WAITING = 256  # a battery sends a few for an answer, and a flood ends as one that cannot be understood
_MARGIN_SECONDS = 0.3  # a battery that sends nonsense is reported before the caller's deadline
_HANDLER = "_notification_handler"
_MIN_CELL_VOLTS, _MAX_CELL_VOLTS = 0.5, 5.906  # the second is the library's own limit
_JK_TWO_CELLS = 10  # the head of a frame of values, and four bytes: two cells, or one in the older frame
_REFUSALS = frozenset({ReadObstacle.PAIRING, ReadObstacle.LOCKED, ReadObstacle.OTHER_READER})
_log = logging.getLogger(__name__)


def make_decoder(kind: type[BaseBMS], device: AdvertisedDevice, session: ReadSession) -> "Decoder":
    """For one reading of one battery of this kind."""
    return _decoder_of(kind)(device, session)


async def read_sample(decoder: "Decoder", client: BleakClient, session: ReadSession) -> BMSSample:
    """The values that a battery tells over an open link, before the session's deadline. Raises ReadingPrevented and RADIO_ERRORS."""
    left = session.seconds_left()
    try:
        async with asyncio.timeout(min(left * 0.9, left - _MARGIN_SECONDS)):
            return await decoder.values(client)
    except ReadingPrevented:
        raise
    except Exception as error:  # what a plugin raises over bad bytes is of any type; it is a reading that failed
        if decoder.refused is not None:
            raise decoder.refused from error
        if isinstance(error, TimeoutError) and not client.is_connected:
            raise BleakError("Not connected") from error
        obstacle = _meaning(error, heard=bool(decoder.bytes_heard))
        if obstacle is None:
            raise
        raise decoder.prevented(obstacle) from error


class _Link:
    """The link as the library has it. A refusal is kept: the library would try again, and then speak of silence."""

    def __init__(self, client: BleakClient, on_refusal: Callable[[ReadObstacle], ReadingPrevented]) -> None:
        self._client, self._on_refusal = client, on_refusal

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the client has
        return getattr(self._client, name)

    async def start_notify(self, *where: Any, **options: Any) -> None:  # noqa: ANN401 - bleak's own arguments
        await self._watch(self._client.start_notify(*where, **options))

    async def write_gatt_char(self, *what: Any, **options: Any) -> None:  # noqa: ANN401
        await self._watch(self._client.write_gatt_char(*what, **options))

    async def read_gatt_char(self, *what: Any, **options: Any) -> bytearray:  # noqa: ANN401
        return await self._watch(self._client.read_gatt_char(*what, **options))

    async def _watch[T](self, call: Awaitable[T]) -> T:
        try:
            return await call
        except RADIO_ERRORS as error:
            obstacle = obstacle_of(error)
            if obstacle in _REFUSALS:
                raise self._on_refusal(obstacle) from error
            raise


class Decoder(BaseBMS):
    """Mixed in before a kind of aiobmsble: an open link, short questions, and a count of what came. Only made by `make_decoder`."""

    def __init__(self, device: AdvertisedDevice, session: ReadSession) -> None:
        # No BLEDevice on purpose: the client that each decoder makes for itself, and that is put aside unused, accepts anything else on
        # every platform. A decoder wants to know address and name.
        plate = SimpleNamespace(address=device.address, name=device.name)
        secret = session.secret if self.accept_secret else ""
        self.protocol, self.has_secret = protocol_name(type(self).__mro__[2].__module__), bool(secret)
        super().__init__(cast("BLEDevice", plate), BMSConfig(secret=secret), f"{__name__}.{self.protocol}")
        self.battery_id = device.name or device.address
        self.answer_seconds, self.bytes_heard, self.serial = session.answer_seconds, 0, ""
        self.refused: ReadingPrevented | None = None
        shape = SHAPES.get(protocol_name(getattr(type(self).__mro__[2], _HANDLER).__module__))
        self.stream = None if shape is None else FrameStream(shape)
        self.waiting: deque[Callable[[], Awaitable[None] | None]] = deque()
        self.tasks: set[asyncio.Future[None]] = set()

    async def values(self, client: BleakClient) -> BMSSample:
        """What the battery tells, nothing derived. Raises ReadingPrevented."""
        self._client = cast("BleakClient", _Link(client, self._refuse))  # instead of connecting
        with _writes_unlogged(self._log.logger.name, "bleak") if self.has_secret else nullcontext():
            await self._init_connection()
        sample = await self._async_update()
        if self.protocol == "jk" and _tells_floats(getattr(self, "_msg", b"")):
            raise self.prevented(ReadObstacle.OLD_FIRMWARE)
        return unmasked(self.protocol, self, sample)

    async def _fetch_device_info(self) -> BMSInfo:
        """Asked by the families that must know it before the values (JK); nobody else is asked."""
        info = await super()._fetch_device_info()
        self.serial = serial_of(info.get("serial_number", ""))
        return info

    def prevented(self, obstacle: ReadObstacle) -> ReadingPrevented:
        """With the id of this battery; a password that was given was the wrong one."""
        locked = obstacle is ReadObstacle.LOCKED
        return ReadingPrevented.by(ReadObstacle.UNLOCK_REFUSED if locked and self.has_secret else obstacle, self.battery_id)

    def _refuse(self, obstacle: ReadObstacle) -> ReadingPrevented:
        self.refused = self.prevented(obstacle)
        return self.refused

    async def _await_msg(self, data: bytes, char: int | str | None = None, wait_for_notify: bool = True, max_size: int = 0) -> None:  # noqa: FBT001, FBT002 - the library's
        """The library's question, cut off; both ways of writing get their turn as long as none has worked."""
        if self.stream is not None:
            self.stream.request = data
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

    def pieces_of(self, data: bytearray) -> Iterator[bytearray]:
        """What the library is shown of a notification: the whole frames that it completes, or itself."""
        self.bytes_heard += len(data)
        if self.stream is None:
            yield data
            return
        for frame in self.stream.feed(bytes(data)):
            if self.protocol == "jk" and frame[4] == JK_DEVICE:  # it is ready: some packs say so after they began to send, some never
                yield bytearray(frame + JK_READY)
            elif self.protocol != "jk" or frame[4] == JK_VALUES:
                yield bytearray(frame)


@contextmanager
def _writes_unlogged(*names: str) -> Iterator[None]:
    """The library and bleak log every byte that is written, where the log shows all: a password is not for the log."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.INFO)
    try:
        yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)


def serial_of(told: str) -> str:
    """A serial as it is compared, "" for one that no maker set: nothing, or one sign again and again."""
    serial = cleaned(told, _MAX_SERIAL)
    return serial if len(set(serial)) > 1 else ""


def _tells_floats(frame: bytes) -> bool:
    """Whether a JK frame of values is the older one: its first cell is a float where newer ones have two whole millivolts."""
    first = struct.unpack_from("<f", frame, 6)[0] if len(frame) >= _JK_TWO_CELLS else 0.0
    return _MIN_CELL_VOLTS < first < _MAX_CELL_VOLTS and int.from_bytes(frame[6:8], "little") > _MAX_CELL_VOLTS * 1000


@cache
def _decoder_of(kind: type[BaseBMS]) -> type[Decoder]:
    """The kind with the mixin, and with a handler that takes its frames or notifications one at a turn."""
    keep_dead_cells(kind)
    handle: Callable[[Any, BleakGATTCharacteristic, bytearray], Awaitable[None] | None] = getattr(kind, _HANDLER)

    def handle_notification(self: Decoder, sender: BleakGATTCharacteristic, data: bytearray) -> None:
        for piece in self.pieces_of(data):
            if len(self.waiting) < MAX_WAITING:
                self.waiting.append(lambda piece=piece: handle(self, sender, piece))  # type: ignore[misc]  # a default, to bind this one
                if len(self.waiting) == 1:
                    asyncio.get_running_loop().call_soon(_next_turn, self)

    return type(f"{protocol_name(kind.__module__)}_decoder", (Decoder, kind), {_HANDLER: handle_notification})


def _next_turn(decoder: Decoder) -> None:
    """Hand over one piece. The next one waits for the next turn of the loop: who was waiting for this one must see it first, and a
    library that is shown two at once misses the second.
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


async def _finish(decoder: Decoder, later: Awaitable[None]) -> None:
    with _keep_errors(decoder):
        await later


@contextmanager
def _keep_errors(decoder: Decoder) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - fifty parsers that nobody here wrote, fed with any bytes
        _log.debug("%s: a notification broke the decoder: %r", decoder.name, error)
        decoder._frame.clear()  # noqa: SLF001 - our own subclass


def _meaning(error: Exception, *, heard: bool) -> ReadObstacle | None:
    """What an error of the library says, None for silence and for the errors of the link. Only a password is ever encoded."""
    if isinstance(error, TimeoutError):
        return ReadObstacle.NOT_UNDERSTOOD if heard else None
    if isinstance(error, PermissionError | ConnectionRefusedError | UnicodeEncodeError) or "secret" in str(error):
        return ReadObstacle.LOCKED
    if isinstance(error, BleakCharacteristicNotFoundError | ConnectionError):
        return ReadObstacle.OTHER_KIND
    return None if isinstance(error, RADIO_ERRORS) else ReadObstacle.NOT_UNDERSTOOD
