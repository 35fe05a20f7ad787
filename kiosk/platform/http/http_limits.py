"""What one caller may cost. Behind a reverse proxy these hold for the proxy's connections; it may have tighter ones of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """`header_seconds` is for a request's line and headers, `body_seconds` for its whole body, `write_seconds` for a client that does not
    read its answer, `linger_seconds` for what a refused client goes on sending. Beyond `connections` new ones are closed, beyond `requests`
    at once the answer is 503.
    """

    body_bytes: int = 65_536
    header_seconds: float = 10.0
    body_seconds: float = 20.0
    write_seconds: float = 20.0
    linger_seconds: float = 2.0
    idle_seconds: int = 15
    stop_seconds: int = 5
    connections: int = 1_000
    requests: int = 200
