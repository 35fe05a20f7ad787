"""When certificates begin and end: read from the files that the settings name, as TLS itself reads them.

A certificate is read as far as its two dates and no further: whether it is to be trusted, the handshake decides. Raises ValueError for text
that holds none.
"""

import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_BLOCK = re.compile(r"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(.+?)-----END (?:X509 |TRUSTED )?CERTIFICATE-----", re.DOTALL)
_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_LONG_FORM, _CENTURY = 0x80, 50  # RFC 5280: two digits from 50 on are of the last century


@dataclass(frozen=True, slots=True)
class Certificate:
    """`begins` and `ends` are aware, in UTC."""

    file: Path
    begins: datetime
    ends: datetime


def certificates_in(file: Path) -> tuple[Certificate, ...]:
    """All of a PEM file, one at least. Raises OSError, ValueError."""
    blocks = _BLOCK.findall(file.read_text(encoding="ascii"))
    if not blocks:
        raise ValueError("no certificate")
    frame = "-----BEGIN CERTIFICATE-----{}-----END CERTIFICATE-----\n"
    return tuple(Certificate(file, *_dates(ssl.PEM_cert_to_DER_cert(frame.format(each)))) for each in blocks)


def tls_fault(error: ssl.SSLError) -> str:
    """Why TLS failed, as OpenSSL says it: of a certificate that is not trusted the reason, not only that it is not."""
    return getattr(error, "verify_message", "") or error.reason or str(error)


def end_of(connected: object) -> datetime | None:
    """When the certificate of the other side ends; None without TLS."""
    certificate = connected.getpeercert() if isinstance(connected, ssl.SSLSocket | ssl.SSLObject) else None
    ends = (certificate or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None


def _dates(der: bytes) -> tuple[datetime, datetime]:
    """The validity: the fifth field of the first field, the fourth where the version is left out (RFC 5280)."""
    try:
        fields = _fields(_fields(_fields(der)[0][1])[0][1])
        at = 4 if fields[0][0] == _VERSION else 3
        begins, ends = (_time(kind, text) for kind, text in _fields(fields[at][1])[:2])
    except IndexError as error:
        raise ValueError("no certificate") from error
    return begins, ends


def _fields(data: bytes) -> list[tuple[int, bytes]]:
    """(tag, content) of each value in DER. Raises IndexError where it is cut off."""
    found, at = [], 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size & _LONG_FORM:
            count = size & ~_LONG_FORM
            size, at = int.from_bytes(data[at : at + count]), at + count
        if at + size > len(data):
            raise IndexError
        found.append((tag, data[at : at + size]))
        at += size
    return found


def _time(kind: int, text: bytes) -> datetime:
    words = text.decode("ascii")
    if kind == _UTC_TIME:
        words = ("19" if int(words[:2]) >= _CENTURY else "20") + words
    elif kind != _GENERALIZED_TIME:
        raise ValueError("no time")
    return datetime.strptime(words, "%Y%m%d%H%M%S%z").astimezone(UTC)
