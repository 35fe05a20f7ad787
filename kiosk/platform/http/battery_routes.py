"""The register of batteries over HTTP (decision 84): which pack wears which sticker.

GET /api/v1/batteries: what was bound and unbound since a cursor, page by page; everything without one. GET /api/v1/batteries/{asset_id}:
one battery with its history. PUT there: bind or unbind it; put again it changes nothing. GET .../secret: one battery's secret, which stands
in no other answer and in no log. What happens on each kind of failure:

- A cursor that is not this database's: 400; whoever asked begins without one.
- A binding that another stands in the way of: 409 with the one asked for and those that stand; it is listed, and nothing has changed.
- A kiosk's change that names another station: 403. One that names none is the kiosk's own.
- A secret asked for or put where the request may have been read on its way: 403. It came over TLS where the reverse proxy says so in
  X-Forwarded-Proto (or, without a proxy, from this machine itself).
- A kiosk asks for the secrets of more than SECRETS_AN_HOUR batteries: 429 until the next hour, and a line in the log.
- No such battery, or none has a secret: 404. The database does not answer: 503, by the application.
"""

import ipaddress
import logging
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk.domain.battery.binding import taken_error
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.messages import message_for
from kiosk.platform.http.access import TokenRole, caller_in, own_station
from kiosk.platform.http.addresses import Proxies, peer_of
from kiosk.platform.http.answers import answer, asset_in, check_content_type, error_answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.store.battery_register import BatteryRegister, InTheWay, RegisteredBattery, history_json
from kiosk.platform.store.open_rows import HourlyRate
from kiosk.wire.battery_documents import BindingChangeDocument, binding_to_document, change_from, unbound_to_document
from kiosk.wire.checked import checked
from kiosk.wire.exact_json import loads

log = logging.getLogger(__name__)
PATH = "/api/v1/batteries"
ONE = f"{PATH}/{{asset_id:path}}"
DEFAULT_BATTERIES = 200
NO_TLS, TOO_MANY_SECRETS = "SecretNeedsTls", "TooManySecrets"
SECRETS_AN_HOUR = 120
"""A kiosk asks once for each battery that it reads and keeps what it is told; one that was stolen would ask for all."""
_FORWARDED = ("x-forwarded-proto", "x-forwarded-for", "forwarded", "via")


def routes(context: ApiContext) -> list[BaseRoute]:
    """All four."""
    handlers = BatteryHandlers(context)
    return [
        Route(PATH, handlers.page, methods=["GET"], name="batteries"),
        Route(f"{ONE}/secret", handlers.secret, methods=["GET"], name="battery_secret"),
        Route(ONE, handlers.one, methods=["GET"], name="battery"),
        Route(ONE, handlers.put, methods=["PUT"], name="battery_put"),
    ]


class BatteryHandlers:
    def __init__(self, context: ApiContext) -> None:
        self._context, self._register = context, BatteryRegister(context.store)
        self._secrets = HourlyRate(SECRETS_AN_HOUR)

    async def page(self, request: Request) -> Response:
        """What changed since `after`, at most `limit`."""
        limit = request.query_params.get("limit", str(DEFAULT_BATTERIES))
        if not limit.isascii() or not limit.isdecimal() or len(limit) > _MAX_DIGITS:
            raise BadInput("limit", tr("must be a whole number"))
        told = await run_in_threadpool(self._register.page, request.query_params.get("after", ""), int(limit))
        batteries = [binding_to_document(each) for each in told.bindings] + [unbound_to_document(each) for each in told.unbound]
        return answer({"batteries": batteries, "cursor": told.cursor, "more": told.more})

    async def one(self, request: Request) -> Response:
        """The binding and its history."""
        return answer(_document(await run_in_threadpool(self._register.battery, asset_in(request))))

    async def put(self, request: Request) -> Response:
        """Bind or unbind."""
        asset_id = asset_in(request)
        check_content_type(request)
        read = checked(BindingChangeDocument, loads(await request.body()), BadInput)
        read = read.model_copy(update={"station_id": own_station(request, read.station_id)})
        if read.secret is not None and not came_safely(request, self._context.proxies):
            return _unsafe()
        change = change_from(asset_id, read, has_secret=read.secret is not None)
        done = await run_in_threadpool(self._register.change, change, read.secret or "", self._context.clock.now())
        return answer(_document(done)) if isinstance(done, RegisteredBattery) else _conflict(done)

    async def secret(self, request: Request) -> Response:
        """One battery's secret."""
        asset_id = asset_in(request)
        if not came_safely(request, self._context.proxies):
            return _unsafe()
        caller = caller_in(request.scope)
        if caller and caller.role is TokenRole.KIOSK and not self._secrets.admits(caller.name, self._context.clock.now()):
            log.warning("the station %s asks for more batteries' secrets than %s an hour", caller.name, SECRETS_AN_HOUR)
            told = tr("This station has asked for many batteries' secrets in this hour. Ask again in the next.")
            return error_answer(429, TOO_MANY_SECRETS, told, {"Retry-After": "3600"})
        found = await run_in_threadpool(self._register.secret, asset_id)
        return answer({"asset_id": asset_id, "secret": found}, headers={"Cache-Control": "no-store"})


_MAX_DIGITS = 9


def came_safely(request: Request, proxies: Proxies) -> bool:
    """Whether nobody could read the request on its way: each proxy says that it came over TLS, or it came from this machine without one.
    Where the operator named the proxies, the word of others counts for nothing."""
    peer = peer_of(request.scope)
    told = request.headers.getlist("x-forwarded-proto")
    if told and (proxies.believes(peer) or not proxies.named):
        return all(each.strip().lower() == "https" for line in told for each in line.split(","))
    if request.url.scheme == "https":
        return True
    return not any(each in request.headers for each in _FORWARDED) and _is_here(peer)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unsafe() -> Response:
    return error_answer(403, NO_TLS, tr("A battery's secret is given and taken over TLS only, or on the platform's own machine."))


def _conflict(found: InTheWay) -> Response:
    taken = taken_error(found.wanted, found.standing)
    error = {"code": type(taken).__name__, "message": message_for(taken).sentence}
    standing = [binding_to_document(each) for each in found.standing]
    return answer({"error": error, "asked": binding_to_document(found.wanted), "standing": standing}, 409)


def _document(battery: RegisteredBattery) -> dict[str, Any]:
    bound = unbound_to_document(battery.battery_id) if battery.binding is None else binding_to_document(battery.binding)
    return {**bound, "history": [history_json(each) for each in battery.history]}
