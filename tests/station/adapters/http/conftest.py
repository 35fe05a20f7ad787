"""A platform that answers as it is told, and a client of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.station.adapters.http.client import PlatformAddress, PlatformClient
from tests.station.adapters.http.peer import Peer


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    server = await asyncio.start_server(peer.talk, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    yield peer
    server.close()
    await server.wait_closed()


@pytest.fixture
async def client(peer: Peer, tmp_path: Path) -> AsyncIterator[PlatformClient]:
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    client = PlatformClient(PlatformAddress(url=f"http://127.0.0.1:{peer.port}", token_file=token, timeout_seconds=5))
    yield client
    await client.close()
