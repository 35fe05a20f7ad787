"""A password or a token goes to another machine over TLS only, unless a setting says otherwise: what a listener on the network hears.

0.0.0.0 stands for another machine: it is none of the loopback's addresses, and what is sent there arrives here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.domain.errors import LinkDown
from kiosk.shared.mqtt.link import LinkChanged, LinkSettings
from kiosk.station.adapters.http.client import PlatformAddress, PlatformClient
from tests.brokers import run
from tests.station.adapters.mqtt.parties import Ears, unlinked

Link = Callable[..., LinkSettings]
ELSEWHERE, SECRET = "0.0.0.0", b"s3cret-of-the-counter"  # noqa: S104  an address that is asked, not listened on
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@dataclass
class Listener:
    """Hears all that arrives, and answers the first bytes."""

    answer: bytes = b""
    port: int = 0
    heard: bytearray = field(default_factory=bytearray)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(4096):
            self.heard += part
            writer.write(self.answer)
        writer.close()


@asynccontextmanager
async def listening(answer: bytes = b"") -> AsyncIterator[Listener]:
    listener = Listener(answer)
    server = await asyncio.start_server(listener.talk, "127.0.0.1", 0)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_bytes(SECRET)
    file.chmod(0o600)
    return file


async def heard_of_a_link(link: Link, secret: Path, **changes: object) -> tuple[bytes, str]:
    """What the network hears of a link that is tried, and why it fails."""
    changed: Ears[LinkChanged] = Ears()
    async with listening() as listener:
        facts: dict[str, object] = {"host": ELSEWHERE, "username": "station-1", "password_file": secret, "connect_timeout": 1.0}
        async with unlinked(link(listener.port, **facts | changes), changed):
            reason = (await changed.until())[0].reason
        return bytes(listener.heard), reason


def test_a_password_is_not_sent_unencrypted_to_another_machine(link: Link, secret: Path) -> None:
    heard, reason = run(heard_of_a_link(link, secret))
    assert heard == b""
    assert "mqtt.password_file would be sent to 0.0.0.0 unencrypted: set tls = true, or allow_plain = true" in reason


def test_over_tls_the_network_does_not_hear_the_password(link: Link, secret: Path) -> None:
    heard, reason = run(heard_of_a_link(link, secret, tls=True))
    assert heard[:1] == b"\x16"  # a handshake
    assert SECRET not in heard
    assert reason


@pytest.mark.parametrize("changes", [{"allow_plain": True}, {"host": "127.0.0.1"}, {"host": "localhost"}])
def test_a_password_is_sent_where_a_setting_or_the_loopback_allows_it(link: Link, secret: Path, changes: dict[str, object]) -> None:
    heard, _ = run(heard_of_a_link(link, secret, **changes))
    assert SECRET in heard


def test_a_password_file_that_others_can_change_is_not_used(link: Link, secret: Path) -> None:
    secret.chmod(0o666)
    heard, reason = run(heard_of_a_link(link, secret, host="127.0.0.1"))
    assert heard == b""
    assert f"chmod 600 {secret}" in reason


async def heard_of_a_question(token: Path, host: str, *, allow_plain: bool = False) -> tuple[bytes, str]:
    async with listening(ANSWER) as listener:
        address = PlatformAddress(url=f"http://{host}:{listener.port}", token_file=token, allow_plain=allow_plain, timeout_seconds=5)
        client, why = PlatformClient(address), ""
        try:
            await client.get("/api/v1/anything")
        except LinkDown as error:
            why = error.reason
        finally:
            await client.close()
        return bytes(listener.heard), why


def test_a_token_is_not_sent_unencrypted_to_another_machine(secret: Path) -> None:
    heard, why = run(heard_of_a_question(secret, ELSEWHERE))
    assert heard == b""
    assert "is not https: the token is not sent, unless [platform] allow_plain = true" in why


@pytest.mark.parametrize(("host", "allow_plain"), [(ELSEWHERE, True), ("127.0.0.1", False)])
def test_a_token_is_sent_where_a_setting_or_the_loopback_allows_it(secret: Path, host: str, *, allow_plain: bool) -> None:
    heard, why = run(heard_of_a_question(secret, host, allow_plain=allow_plain))
    assert (b"Bearer " + SECRET in heard, why) == (True, "")


def test_a_token_file_that_others_can_change_is_not_used(secret: Path) -> None:
    secret.chmod(0o660)
    heard, why = run(heard_of_a_question(secret, "127.0.0.1"))
    assert heard == b""
    assert f"chmod 600 {secret}" in why
