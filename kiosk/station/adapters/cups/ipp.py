"""Questions to a print system in IPP (RFC 8010 and 8011), over its socket or its port; one connection a question, with a deadline.

Only what is asked here: requests without a document, answers with whole numbers, truth and text. Attributes of other kinds are passed over.
`ask` blocks. Raises OSError when there is no answer in time, ValueError for one that is no IPP.
"""

import http.client
import itertools
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

Value = int | bool | str
Attributes = Mapping[str, tuple[Value, ...]]
ANSWER_SECONDS = 3.0
MAX_BYTES = 4_000_000
CLIENT_NOT_FOUND = 0x0406
_OPERATION, _END, _MAX_DELIMITER = 0x01, 0x03, 0x0F
_INTEGER, _BOOLEAN, _ENUM, _URI, _CHARSET, _LANGUAGE, _NAME, _KEYWORD = 0x21, 0x22, 0x23, 0x45, 0x47, 0x48, 0x42, 0x44
_TEXT = range(0x41, 0x4A)
_TAGS = {"attributes-charset": _CHARSET, "attributes-natural-language": _LANGUAGE, "printer-uri": _URI, "requesting-user-name": _NAME}
_request_ids = itertools.count(1)


class Operation(IntEnum):
    """What is asked, by its number in RFC 8011."""

    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


@dataclass(frozen=True, slots=True)
class IppAnswer:
    """`status` is RFC 8011's; up to 0x00FF it is a success. `groups` are those of printers and jobs, in order."""

    status: int
    groups: tuple[Attributes, ...]

    @property
    def succeeded(self) -> bool:
        return self.status <= 0x00FF


def ask(server: str, operation: Operation, attributes: Mapping[str, Value | Sequence[str]], seconds: float = ANSWER_SECONDS) -> IppAnswer:
    """`server` is the path of a socket, or host:port. Raises OSError, ValueError."""
    connection = _SocketConnection(server, seconds) if server.startswith("/") else http.client.HTTPConnection(server, timeout=seconds)
    try:
        connection.request("POST", "/", _request(operation, attributes), {"Content-Type": "application/ipp"})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise OSError(f"HTTP {answer.status} {answer.reason}")
        return _answer(answer.read(MAX_BYTES))
    except http.client.HTTPException as error:
        raise OSError(f"{type(error).__name__} {error}") from error
    finally:
        connection.close()


class _SocketConnection(http.client.HTTPConnection):
    """HTTP through a Unix socket."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _request(operation: Operation, attributes: Mapping[str, Value | Sequence[str]]) -> bytes:
    whole = {"attributes-charset": "utf-8", "attributes-natural-language": "en", **attributes}
    body = b"".join(_attribute(name, value) for name, value in whole.items())
    return struct.pack(">HHiB", 0x0200, operation, next(_request_ids), _OPERATION) + body + bytes([_END])


def _attribute(name: str, value: Value | Sequence[str]) -> bytes:
    """One attribute; the further values of a list have an empty name."""
    if isinstance(value, bool):
        return _field(_BOOLEAN, name, bytes([value]))
    if isinstance(value, int):
        return _field(_INTEGER, name, struct.pack(">i", value))
    values = [value] if isinstance(value, str) else list(value)
    tag = _TAGS.get(name, _KEYWORD)
    return b"".join(_field(tag, "" if number else name, each.encode()) for number, each in enumerate(values))


def _field(tag: int, name: str, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(value)) + value


def _answer(data: bytes) -> IppAnswer:
    try:
        (status,) = struct.unpack_from(">H", data, 2)
        groups = tuple(_groups(data))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("that is no answer in IPP") from error
    return IppAnswer(status, groups)


def _groups(data: bytes) -> Iterator[Attributes]:
    """The groups behind the operation's own."""
    group: dict[str, tuple[Value, ...]] = {}
    kind, name, at = _OPERATION, "", 8
    while (tag := data[at]) != _END:
        at += 1
        if tag <= _MAX_DELIMITER:
            if kind != _OPERATION:
                yield group
            group, kind = {}, tag
            continue
        field, at = _text(data, at)
        name = field.decode() or name
        raw, at = _text(data, at)
        value = _value(tag, raw)
        if value is not None:
            group[name] = (*group.get(name, ()), value)
    if kind != _OPERATION:
        yield group


def _text(data: bytes, at: int) -> tuple[bytes, int]:
    """What stands there with its length before it, and where it ends."""
    (length,) = struct.unpack_from(">H", data, at)
    end = at + 2 + length
    if end >= len(data):
        raise IndexError
    return data[at + 2 : end], end


def _value(tag: int, raw: bytes) -> Value | None:
    if tag in {_INTEGER, _ENUM}:
        return int(struct.unpack(">i", raw)[0])
    if tag == _BOOLEAN:
        return raw != b"\0"
    return raw.decode() if tag in _TEXT else None
