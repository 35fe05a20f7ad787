"""Whole frames out of a stream of bytes: where they are cut, joined, shifted, repeated, or stand between other bytes.

A battery's frames are carried by notifications of any size, and a notification may begin or end in the middle of one: packs that send all
the time do so, and others after a lost notification. The library expects a frame to begin with a notification, so it is given whole frames:
the head, the length, the checksum and the kind of each were looked at here before. Every position is a beginning until it proves to be
none, so a frame that was cut hides none that comes after it. Pure, and bounded: no more is kept than one unfinished frame.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameShape:
    """How the frames of one family are told from other bytes.

    `heads` begin a frame; `length` gives that of the whole frame from its first `least` bytes and the last request, 0 where no frame begins
    like this; `is_whole` looks at the rest, the checksum first of all. `starts` are what may follow a frame without a gap, where the
    checksum alone is too weak; () where it is not. `noise` stands between and inside frames and belongs to none.
    """

    heads: tuple[bytes, ...]
    least: int
    length: Callable[[bytes, bytes], int]
    is_whole: Callable[[bytes], bool]
    starts: tuple[bytes, ...] = ()
    noise: bytes = b""


class FrameStream:
    """One link's stream. `feed` takes notifications as they come and gives the frames that became whole with each; `request` is what was
    written last.
    """

    def __init__(self, shape: FrameShape) -> None:
        self.shape, self.request, self._bytes = shape, b"", b""
        self._head = re.compile(b"(?=" + b"|".join(map(re.escape, shape.heads)) + b")")

    @property
    def pending(self) -> int:
        """How many bytes are kept because a frame may have begun in them."""
        return len(self._bytes)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The whole frames, in order."""
        self._bytes += data
        if self.shape.noise:
            self._bytes = self._bytes.replace(self.shape.noise, b"")
        while (frame := self._next_frame()) is not None:
            yield frame

    def _next_frame(self) -> bytes | None:
        """The first whole frame, taken out with all that stands before it; else what cannot become one is dropped."""
        unfinished = None
        for at in (match.start() for match in self._head.finditer(self._bytes)):
            rest = self._bytes[at:]
            length = self.shape.length(rest, self.request) if len(rest) >= self.shape.least else self.shape.least
            if not length:
                continue
            if len(rest) < length or len(rest) < self.shape.least:
                unfinished = at if unfinished is None else unfinished
            elif self.shape.is_whole(rest[:length]) and self._may_follow(rest[length:]):
                self._bytes = rest[length:]
                return rest[:length]
        longest = max(len(each) for each in (*self.shape.heads, self.shape.noise))
        keep = max(0, len(self._bytes) - longest + 1)
        self._bytes = self._bytes[keep if unfinished is None else min(unfinished, keep) :]
        return None

    def _may_follow(self, rest: bytes) -> bool:
        starts = self.shape.starts
        return not rest or not starts or any(start.startswith(rest[: len(start)]) for start in starts)


# ---------------------------------------------------------------- JK

_JK_HEAD, _JK_ACKNOWLEDGED, _AT = b"\x55\xaa\xeb\x90", b"\xaa\x55\x90\xeb", b"AT\r\n"
_JK_LENGTH = 300
JK_SETTINGS, JK_VALUES, JK_DEVICE = 1, 2, 3
JK_READY = _JK_ACKNOWLEDGED + b"\xc8\x01\x01" + bytes(12) + b"\x44"


def _is_jk(frame: bytes) -> bool:
    return (
        frame[4] in (JK_SETTINGS, JK_VALUES, JK_DEVICE)
        and frame.find(_JK_HEAD, 1) < 0  # two halves of two frames: the sum of 8 bits would be right once in 256 times
        and frame[-1] == sum(frame[:-1]) & 0xFF
    )


# ---------------------------------------------------------------- JBD, ANT, Daly

_OLD_ANT_MAX_MILLIVOLTS_APART, _OLD_ANT_MAX_PERCENT_APART = 200, 12


def _shifted(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC16 = tuple(_shifted(byte) for byte in range(256))


def _crc16(data: bytes) -> int:
    """That of Modbus, by a table: a flood of heads asks for it again and again."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC16[(crc ^ byte) & 0xFF]
    return crc


def _jbd_length(head: bytes, _request: bytes) -> int:
    return head[3] + 7 if head[2] in (0x00, 0x80) else 0


def _is_jbd(frame: bytes) -> bool:
    return frame[-1] == 0x77 and (0x10000 - sum(frame[2:-3])) & 0xFFFF == int.from_bytes(frame[-3:-1], "big")


def _is_ant(frame: bytes) -> bool:
    return frame.endswith(b"\xaa\x55") and _crc16(frame[1:-4]) == int.from_bytes(frame[-4:-2], "little")


def _is_old_ant(frame: bytes) -> bool:
    """The sum is the same in any order of the pieces: so there are as many cells as it says, and its highest and mean cell are theirs."""
    count, cells = frame[123], [int.from_bytes(frame[at : at + 2], "big") for at in range(6, 70, 2)]
    highest, mean, volts = (int.from_bytes(frame[at : at + 2], "big") for at in (116, 121, 4))
    return (
        sum(frame[4:-2]) & 0xFFFF == int.from_bytes(frame[-2:], "big")
        and 0 < count <= len(cells)
        and not any(cells[count:])
        and (not highest or abs(highest - max(cells)) <= _OLD_ANT_MAX_MILLIVOLTS_APART)
        and (not mean or abs(mean * count - volts * 100) <= volts * _OLD_ANT_MAX_PERCENT_APART)
    )


def _is_daly(frame: bytes) -> bool:
    return _crc16(frame[:-2]) == int.from_bytes(frame[-2:], "little")


def _daly_length(head: bytes, request: bytes) -> int:
    registers = int.from_bytes(request[4:6], "big")  # it does not tell which they are: their count is all that tells an answer to this
    return head[2] + 5 if head[2] == 2 * registers else 0


SHAPES = {
    "jk": FrameShape(
        heads=(_JK_HEAD,),
        least=5,
        length=lambda _head, _request: _JK_LENGTH,
        is_whole=_is_jk,
        starts=(_JK_HEAD, _JK_ACKNOWLEDGED, _AT),
        noise=_AT,
    ),
    "jbd": FrameShape(heads=(b"\xdd",), least=4, length=_jbd_length, is_whole=_is_jbd),
    "ant": FrameShape(heads=(b"\x7e\xa1",), least=6, length=lambda head, _request: head[5] + 10, is_whole=_is_ant),
    "ant_leg": FrameShape(heads=(b"\xaa\x55\xaa\xff",), least=4, length=lambda _head, _request: 140, is_whole=_is_old_ant),
    "daly": FrameShape(heads=(b"\xd2\x03", b"\x51\x03"), least=3, length=_daly_length, is_whole=_is_daly),
}
"""By the module of the library whose handler takes the frames, as `protocol_name` spells it: families that share it are read alike."""
