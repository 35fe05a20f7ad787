"""An HTTP server that a test tells what to answer."""

import asyncio
from dataclasses import dataclass, field


@dataclass
class Peer:
    """An HTTP server that answers each request with what it is told to, byte for byte, and keeps the requests; nothing keeps it silent."""

    port: int = 0
    answer: bytes = b""
    asked: list[bytes] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
        self.asked.append(head + await reader.readexactly(length))
        if self.answer:
            writer.write(self.answer)
            await writer.drain()
        else:
            await reader.read()  # until the other end has had enough
        writer.close()


def http(status: str, body: bytes, kind: str = "application/json") -> bytes:
    """An answer, whole."""
    return f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body
