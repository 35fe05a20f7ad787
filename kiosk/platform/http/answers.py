"""What every part needs: answers and errors, what a body has to be, and what one caller may cost.

Every error has one form: `{"error": {"code", "message"}}`, the message a sentence (GraphQL's own errors apart).
A KioskError's code is its name and its message the table's of `kiosk/domain/messages`; other errors are HTTP's own and are named by
their status. Behind a reverse proxy that is named with --trusted-proxy the limits hold for those who ask it (`addresses`).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kiosk.domain import errors as e
from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import BadInput
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import message_for
from kiosk.wire.checked import id_fault
from kiosk.wire.exact_json import dumps


def check_content_type(request: Request) -> None:
    """Raises HTTPException 415 unless the body is declared as JSON, in UTF-8 where it says so, and not compressed."""
    kind, *parameters = (each.strip().lower() for each in request.headers.get("content-type", "").split(";"))
    charsets = {each.partition("=")[2].strip('"') for each in parameters if each.startswith("charset=")}
    coded = request.headers.get("content-encoding", "identity").strip().lower() != "identity"
    if coded or kind != JSON or not charsets <= {"utf-8", "utf8"}:
        raise HTTPException(415)


def asset_in(request: Request) -> str:
    """The battery of the address, normalised. Raises BadInput."""
    asset_id = normalise_id(request.path_params["asset_id"])
    found = id_fault(asset_id)
    if found:
        raise BadInput("asset_id", found)
    return asset_id


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """`header_seconds` is for a request's line and headers, `body_seconds` for its whole body, `write_seconds` for a client that does not
    read its answer, `linger_seconds` for what a refused client goes on sending.

    `connections` wait for a request, `bodies` arrive, `requests` are under way; `..._each` is what one address may have of them, of
    requests also one station and one token. Beyond the first two the oldest gives way, beyond requests the answer is 429 for one caller and
    503 for all. `strangers` are the requests under way of all who show no token. A process must be allowed to open more files than
    connections and requests together.
    """

    body_bytes: int = 65_536
    header_seconds: float = 10.0
    body_seconds: float = 20.0
    write_seconds: float = 20.0
    linger_seconds: float = 2.0
    idle_seconds: int = 15
    stop_seconds: int = 5
    connections: int = 700
    connections_each: int = 150
    bodies: int = 300
    bodies_each: int = 50
    requests: int = 200
    requests_each: int = 100
    strangers: int = 50


log = logging.getLogger(__name__)
JSON = "application/json"
FORBIDDEN, NOT_YOURS = "FORBIDDEN", "NOT_YOURS"
_HTTP = {
    400: ("BAD_REQUEST", mark("This request cannot be read.")),
    401: ("UNAUTHORIZED", mark("A bearer token is needed.")),
    403: (FORBIDDEN, mark("This token may not do this.")),
    404: ("NOT_FOUND", mark("There is nothing at this address.")),
    405: ("METHOD_NOT_ALLOWED", mark("This address does not take this method.")),
    408: ("REQUEST_TIMEOUT", mark("The request did not arrive in time.")),
    413: ("CONTENT_TOO_LARGE", mark("The body is too long.")),
    415: ("UNSUPPORTED_MEDIA_TYPE", mark("The body must be JSON in UTF-8: Content-Type: application/json.")),
    429: ("TOO_MANY_REQUESTS", mark("This caller has too many requests under way. Try again in a moment.")),
    500: ("INTERNAL_SERVER_ERROR", mark("This did not work, and the fault is the platform's.")),
    503: ("SERVICE_UNAVAILABLE", mark("The platform is busy. Try again in a moment.")),
}
_STATUS: dict[type, int] = {
    e.KioskError: 422,
    e.BadInput: 400,
    e.NotFound: 404,
    e.CustomerUnknown: 404,
    e.PaymentUsed: 409,
    e.StepImpossible: 409,
    e.BindingTaken: 409,
    e.StoreError: 503,
    e.LinkDown: 503,
}


class OutOfScope(HTTPException):
    """403: this token may do it, but not with this; `detail` is the sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(403, sentence)


def answer(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON with exact numbers."""
    return Response(dumps(document), status, dict(headers or {}), JSON)


def error_answer(status: int, code: str = "", message: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """An error; code and message are the status's own where none are given."""
    usual_code, usual_message = _HTTP.get(status) or (f"HTTP_{status}", f"{HTTPStatus(status).phrase}.")
    return answer({"error": {"code": code or usual_code, "message": message or tr(usual_message)}}, status, headers)


def on_kiosk_error(request: Request, error: Exception) -> Response:
    """Starlette's handler of KioskErrors; a database that does not answer is logged."""
    if not isinstance(error, e.KioskError):
        raise error
    if isinstance(error, e.StoreError):
        log.error("%s %s: %s", request.method, request.url.path, error)
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    headers = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return error_answer(status, type(error).__name__, message_for(error).sentence, headers)


def on_http_error(request: Request, error: Exception) -> Response:
    """Starlette's handler of its own errors; OPTIONS is answered with what a known address takes."""
    if not isinstance(error, HTTPException):
        raise error
    if request.method == "OPTIONS" and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=dict(error.headers or {}))
    if isinstance(error, OutOfScope):
        return error_answer(error.status_code, NOT_YOURS, error.detail)
    return error_answer(error.status_code, headers=error.headers)
