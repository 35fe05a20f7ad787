"""PlatformClient against a real server: what each answer, and each way of getting none, becomes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, KioskError, LinkDown, NotFound
from kiosk.shared.certificates import certificates_in
from kiosk.station.adapters.http.client import PlatformAddress, PlatformClient
from tests.station.adapters.http.peer import Peer, http

CERTIFICATES = Path(__file__).parents[1] / "mqtt" / "certificates"


async def test_numbers_are_exact_both_ways(peer: Peer, client: PlatformClient) -> None:
    peer.answer = http("200 OK", b'{"kwh": 4.80}')
    assert str((await client.post("/here", {"kwh": Decimal("0.10")}))["kwh"]) == "4.80"
    assert peer.asked[0].endswith(b'{"kwh":0.10}')


async def test_the_token_is_read_at_each_request(peer: Peer, client: PlatformClient, tmp_path: Path) -> None:
    peer.answer = http("200 OK", b"{}")
    await client.get("/a")
    (tmp_path / "token").write_text("another")
    await client.get("/b")
    assert [b"Bearer s3cret" in peer.asked[0], b"Bearer another" in peer.asked[1]] == [True, True]


async def test_an_empty_answer_is_no_document(peer: Peer, client: PlatformClient) -> None:
    peer.answer = http("204 No Content", b"")
    assert await client.post("/a", {}) is None


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "408 T", "429 T", "500 E", "503 E", "301 Moved"])
async def test_what_may_pass_is_a_link_that_is_down(peer: Peer, client: PlatformClient, status: str) -> None:
    peer.answer = http(status, b'{"error": {"code": "x", "message": "Come again."}}')
    with pytest.raises(LinkDown, match="Come again"):
        await client.get("/a")


async def test_what_is_of_another_station_never_will_be_taken(peer: Peer, client: PlatformClient) -> None:
    peer.answer = http("403 Forbidden", b'{"error": {"code": "NOT_YOURS", "message": "This token is of the station STATION-2."}}')
    with pytest.raises(BadInput, match="of the station STATION-2"):
        await client.get("/a")


@pytest.mark.parametrize("status", ["400 Bad", "413 Big", "422 No", "409 C", "415 M"])
async def test_what_never_will_be_taken_is_told_with_the_platforms_reason(peer: Peer, client: PlatformClient, status: str) -> None:
    peer.answer = http(status, b'{"error": {"code": "x", "message": "timestamp lies in the future."}}')
    with pytest.raises(BadInput) as refusal:
        await client.post("/a", {})
    assert (refusal.value.where, refusal.value.reason) == ("/a", "timestamp lies in the future")


@pytest.mark.parametrize("status", ["404 Not Found", "405 Method Not Allowed"])
async def test_an_address_that_is_not_known_there_is_not_found(peer: Peer, client: PlatformClient, status: str) -> None:
    peer.answer = http(status, b"<html>", "text/html")
    with pytest.raises(NotFound):
        await client.get("/a")


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", b"<html>Log in to the guest network</html>", "text/html"),
        http("200 OK", b"[" * 100),
        http("200 OK", b'{"a": NaN}'),
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
    ids=["a page", "too deep", "no number", "cut off", "no HTTP"],
)
async def test_what_is_no_answer_of_the_platform_is_a_link_that_is_down(peer: Peer, client: PlatformClient, answer: bytes) -> None:
    peer.answer = answer
    with pytest.raises(LinkDown):
        await client.get("/a")


async def test_a_silent_platform_is_given_up_at_the_deadline(client: PlatformClient) -> None:
    with pytest.raises(LinkDown, match=r"in 0.05 s"):
        await client.get("/a", timeout_seconds=0.05)


async def test_a_platform_that_is_not_there_is_a_link_that_is_down() -> None:
    with pytest.raises(LinkDown, match=r"127\.0\.0\.1:9"):
        await PlatformClient(PlatformAddress(url="http://127.0.0.1:9")).get("/a")


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"two words", b"a\r\nX-Injected: 1"])
async def test_a_token_that_cannot_be_used_is_told_and_nothing_is_sent(
    peer: Peer, client: PlatformClient, tmp_path: Path, content: bytes | None
) -> None:
    (tmp_path / "token").unlink()
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(LinkDown, match="token"):
        await client.get("/a")
    assert peer.asked == []


async def test_a_certificate_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for name in ("missing", "junk"):
        (tmp_path / "junk").write_text("no certificate")
        failure: KioskError | None = None
        try:
            await PlatformClient(PlatformAddress(url="https://127.0.0.1:9", tls_ca=tmp_path / name)).get("/a")
        except LinkDown as error:
            failure = error
        assert "certificate" in str(failure)


@asynccontextmanager
async def over_tls(peer: Peer, authority: str | None) -> AsyncIterator[PlatformClient]:
    """A client that trusts this authority, of a server that proves itself with the broker's certificate."""
    proof = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    proof.load_cert_chain(CERTIFICATES / "broker.pem", CERTIFICATES / "broker.key")
    server = await asyncio.start_server(peer.talk, "127.0.0.1", 0, ssl=proof)
    port = server.sockets[0].getsockname()[1]
    tls_ca = CERTIFICATES / authority if authority else None
    client = PlatformClient(PlatformAddress(url=f"https://127.0.0.1:{port}", tls_ca=tls_ca, timeout_seconds=5))
    yield client
    await client.close()
    server.close()
    await server.wait_closed()


async def test_over_tls_the_configured_authority_vouches(peer: Peer) -> None:
    peer.answer = http("200 OK", b"{}")
    async with over_tls(peer, "ca.pem") as client:
        assert client.certificate_ends is None
        assert await client.get("/a") == {}
        assert client.certificate_ends == certificates_in(CERTIFICATES / "broker.pem")[0].ends


async def test_without_an_authority_of_our_own_those_of_the_system_vouch(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL finds them by SSL_CERT_FILE, where that is set."""
    peer.answer = http("200 OK", b"{}")
    async with over_tls(peer, None) as client:
        with pytest.raises(LinkDown, match=r"TLS failed: (unable to get local issuer|self-signed) certificate"):
            await client.get("/a")
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "ca.pem"))
    async with over_tls(peer, None) as client:
        assert await client.get("/a") == {}


async def test_a_platform_that_the_authority_does_not_vouch_for_is_no_link(peer: Peer) -> None:
    async with over_tls(peer, "kiosk.pem") as client:
        with pytest.raises(LinkDown, match="certificate"):
            await client.get("/a")
    assert peer.asked == []


async def test_many_requests_at_once_make_one_client(peer: Peer, client: PlatformClient) -> None:
    peer.answer = http("200 OK", b"{}")
    await asyncio.gather(*(client.get(f"/{each}") for each in range(20)))
    assert len(peer.asked) == 20


async def test_a_request_that_is_broken_off_leaves_the_next_one_working(peer: Peer, client: PlatformClient) -> None:
    broken_off = asyncio.ensure_future(client.get("/a"))
    await asyncio.wait({broken_off}, timeout=0.05)
    broken_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await broken_off
    peer.answer = http("200 OK", b"{}")
    assert await client.get("/b") == {}
