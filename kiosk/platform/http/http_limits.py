"""What one caller may cost. Behind a reverse proxy these hold for the proxy's connections; it may have tighter ones of its own."""

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from kiosk.wire.exact_json import loads

_UNSUPPORTED = 415


async def document_of(request: Request) -> Any:  # noqa: ANN401  any JSON value
    """The body. Raises HTTPException for a content type that is not JSON in UTF-8, BadInput for what is not JSON."""
    check_content_type(request)
    return loads(await request.body())


def check_content_type(request: Request) -> None:
    """Raises HTTPException 415 unless the body is declared as JSON, in UTF-8 where it says so, and not compressed."""
    kind, *parameters = (each.strip().lower() for each in request.headers.get("content-type", "").split(";"))
    charsets = [each.partition("=")[2].strip('"') for each in parameters if each.startswith("charset=")]
    coded = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != "application/json" or any(each not in ("utf-8", "utf8") for each in charsets) or coded != "identity":
        raise HTTPException(_UNSUPPORTED)


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
