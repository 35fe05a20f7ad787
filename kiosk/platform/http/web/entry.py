"""Who may see the page: the browser asks for a password, which is one of the platform's tokens; the name does not matter.

A browser cannot be given a bearer token, keeps this answer by itself and needs no page for it. Nothing here changes anything, so another
site that sends a visitor's browser here gains nothing.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kiosk.domain.language import tr
from kiosk.platform.http.context import Secrets

Handler = Callable[[Request], Awaitable[Response]]
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def for_people(secrets: Secrets, handler: Handler) -> Handler:
    """The handler, for those who give a password."""

    async def guarded(request: Request) -> Response:
        if not secrets.accept(_credential(request.headers.get("authorization", ""))):
            return _ask_for_password()
        response = await handler(request)
        response.headers.update(HEADERS)
        return response

    return guarded


def _credential(header: str) -> str:
    """The password of Basic, or the token of Bearer; empty where there is none that can be read."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _ask_for_password() -> Response:
    sentence = tr("This page asks for a password: give any name, and one of the platform's tokens as the password.")
    return PlainTextResponse(f"{sentence}\n", 401, {"WWW-Authenticate": 'Basic realm="Swap Kiosk platform", charset="UTF-8"', **HEADERS})
