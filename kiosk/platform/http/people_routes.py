"""The people of a station over HTTP (decision 29): GET /api/v1/stations/{station}/people, what changed since a cursor, page by page.

Each page has what the PINs are checked by, so that it goes over TLS alone: 403 where the request may have been read on its way. A cursor
that is not this database's: 400, and whoever asked begins without one. A platform without its pepper tells nobody: 404. A PIN that was
sealed with another pepper is told as none: it is made anew.
"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.platform.http.access import own_station
from kiosk.platform.http.answers import answer, error_answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.battery_routes import came_safely
from kiosk.platform.store.people_register import PeoplePage, PeopleRegister, RegisteredPerson
from kiosk.shared.pins import Seal
from kiosk.wire.people_documents import person_to_document

PATH = "/api/v1/stations/{station}/people"
DEFAULT_PEOPLE = 200
NO_TLS = "PeopleNeedTls"
"""It needs a token: that of the station itself, or one that may read everything."""
_MAX_DIGITS = 9


def routes(context: ApiContext) -> list[BaseRoute]:
    """The one."""
    return [Route(PATH, PeopleHandlers(context).page, methods=["GET"], name="station_people")]


class PeopleHandlers:
    def __init__(self, context: ApiContext) -> None:
        self._seal, self._register, self._proxies = context.seal, PeopleRegister(context.store), context.proxies

    async def page(self, request: Request) -> Response:
        """What changed since `after`, at most `limit`."""
        limit = request.query_params.get("limit", str(DEFAULT_PEOPLE))
        if not limit.isascii() or not limit.isdecimal() or len(limit) > _MAX_DIGITS:
            raise BadInput("limit", tr("must be a whole number"))
        if self._seal is None:
            raise HTTPException(404)
        if not came_safely(request, self._proxies):
            return error_answer(403, NO_TLS, tr("A station's people are told over TLS only, or on the platform's own machine."))
        station_id, after = own_station(request, request.path_params["station"]), request.query_params.get("after", "")
        told = await run_in_threadpool(self._register.page, station_id, after, int(limit))
        return answer(_document(told, self._seal), headers={"Cache-Control": "no-store"})


def _document(told: PeoplePage, seal: Seal) -> dict[str, Any]:
    return {"people": [_person(each, seal) for each in told.people], "gone": list(told.gone), "cursor": told.cursor, "more": told.more}


def _person(known: RegisteredPerson, seal: Seal) -> dict[str, Any]:
    pin = seal.opened(known.sealed_pin, known.person.id) if known.sealed_pin else None
    return person_to_document(
        known.person, pin=pin.text if pin else "", pin_number=known.pin_number, pin_mark=known.pin_mark, badge=known.badge
    )
