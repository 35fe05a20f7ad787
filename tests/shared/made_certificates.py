"""Certificates with the dates of a test. They hold no key and no signature: nobody is to trust them, only to read their dates."""

import base64
from datetime import datetime
from pathlib import Path


def _value(tag: int, content: bytes) -> bytes:
    size = len(content)
    return bytes([tag, size]) + content if size < 128 else bytes([tag, 0x82]) + size.to_bytes(2) + content


def _time(moment: datetime) -> bytes:
    if moment.year < 2050:
        return _value(0x17, f"{moment:%y%m%d%H%M%SZ}".encode())
    return _value(0x18, f"{moment:%Y%m%d%H%M%SZ}".encode())


def certificate(file: Path, begins: datetime, ends: datetime, *, with_version: bool = True) -> Path:
    """Write one to `file`, behind what the file holds already."""
    version = _value(0xA0, _value(0x02, b"\2")) if with_version else b""
    name, algorithm = _value(0x30, b"\x0c\x02me" * 60), _value(0x30, b"\x05\x00")
    body = _value(0x30, version + _value(0x02, b"\7") + algorithm + name + _value(0x30, _time(begins) + _time(ends)) + name)
    text = base64.encodebytes(_value(0x30, body + algorithm + _value(0x03, b"\0"))).decode()
    with file.open("a", encoding="ascii") as out:
        out.write(f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n")
    return file
