"""The settings of a link to a broker, and the messages that are sent over it."""

import re
import secrets
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.shared.hosts import is_loopback
from kiosk.shared.secret_files import check_secret, read_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged:
    """The link to the platform: `connected` since or lost since `since`; `reason` when lost. `forbidden` says what the broker does not let
    this kiosk do although the link is up, "" for nothing that is known."""

    connected: bool
    since: datetime
    reason: str = ""
    forbidden: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """Where the broker is and how long to wait for it; all times in seconds.

    `client_id` must be this process's own: a second session with the same id takes the first one's place. TLS is used with `tls` or any
    `tls_*`; without `tls_ca` the system's authorities are trusted. A password goes to another machine over TLS only, unless `allow_plain`
    says otherwise. A link on which nothing arrives is given up after at most twice `keepalive`. Between tries the wait doubles from
    `first_retry` to `most_retry`, less up to half of it; it starts afresh after a link that has held for `steady`.
    """

    host: str
    client_id: str
    port: int = 1883
    tls: bool = False
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    allow_plain: bool = False
    keepalive: int = 10
    connect_timeout: float = 5.0
    ack_timeout: float = 5.0
    first_retry: float = 0.5
    most_retry: float = 30.0
    steady: float = 20.0

    @property
    def uses_tls(self) -> bool:
        """Whether the link is encrypted."""
        return self.tls or any((self.tls_ca, self.tls_cert, self.tls_key))

    @property
    def shows_password(self) -> bool:
        """Whether a password would pass a network unencrypted."""
        return bool(self.username is not None and self.password_file) and not self.uses_tls and not is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class MqttMessage:
    """One message received. What stands below the payload is MQTT 5's, and None or empty elsewhere."""

    topic: str
    payload: bytes
    response_topic: str | None = None
    correlation_data: bytes | None = None
    user_properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What MQTT 5 says beside a payload; left out where the broker speaks 3.1.1."""

    response_topic: str | None = None
    correlation_data: bytes | None = None
    expiry_seconds: int | None = None
    user_properties: tuple[tuple[str, str], ...] = ()


class MessageGuard(Protocol):
    """Signs what leaves, at each send anew, and says what of what comes may be used."""

    def sign(self, topic: str, payload: bytes, delivery: Delivery | None) -> Delivery | None:
        """The delivery with the signature beside it; unchanged where this message is not signed."""

    def admits(self, message: MqttMessage) -> bool:
        """Whether the message may be used; a guard that says no has logged why."""


def client_id(*names: str) -> str:
    """The names, and 128 random bits: whoever knew or guessed an id in use could take its place at the broker, again and again."""
    return re.sub("[^A-Za-z0-9_.-]", "_", "-".join((*names, secrets.token_hex(16))))


def topic_for_log(topic: str) -> str:
    """A topic or filter without a plan's id: what was typed in its place may be a name."""
    return re.sub(r"(/plan/)[^/]+", r"\1…", topic)


def tls_context(settings: LinkSettings) -> ssl.SSLContext | None:
    """The TLS side of a link, or None without TLS. Raises BadInput for files that cannot be used."""
    if not settings.uses_tls:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.tls_ca)
    except (OSError, ssl.SSLError) as error:
        raise BadInput("mqtt.tls_ca", tr("cannot be used: {error}", error=error)) from error
    if settings.tls_cert:
        try:
            check_secret(settings.tls_key or settings.tls_cert)  # one file may hold both
            # a key with a pass phrase would ask for it on the terminal, where no person is
            context.load_cert_chain(settings.tls_cert, settings.tls_key, password=lambda: b"")
        except (OSError, ssl.SSLError) as error:
            raise BadInput("mqtt.tls_cert", tr("cannot be used: {error}", error=error)) from error
    context.sslsocket_class = _ClosingSocket
    return context


class _ClosingSocket(ssl.SSLSocket):
    """Closed at once when the handshake fails: paho leaves such a socket to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002  the overridden signature
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def password(settings: LinkSettings) -> str | None:
    """The password, read for each connection so that it may change. Raises BadInput, also where it would pass a network unencrypted."""
    if settings.password_file is None:
        return None
    if settings.shows_password and not settings.allow_plain:
        reason = tr("would be sent to {host} unencrypted: set tls = true, or allow_plain = true to do so", host=settings.host)
        raise BadInput("mqtt.password_file", reason)
    try:
        return read_secret(settings.password_file).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("mqtt.password_file", tr("cannot be read: {error}", error=error)) from error
