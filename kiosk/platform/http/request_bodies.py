"""The body of a request, read as exact JSON."""

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
