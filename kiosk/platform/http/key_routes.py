"""GET /api/v1/keys: the public keys of the platform and of its stations, with from and until; anybody may ask.

`?id=KEY` gives the keys of that id alone. There are many stations: a page holds the platform's keys and some of theirs, and `after` is what
the next page is asked with, null at the end.
"""

import asyncio
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.platform.http.answers import answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.store.key_list import KeyList, page_of

PATH = "/api/v1/keys"
_KEY = re.compile(r"[A-Za-z0-9+/=]{0,64}", re.ASCII)


def routes(context: ApiContext) -> list[BaseRoute]:
    """The list."""
    keys = KeyList(context.store)

    def page(key_id: str, after: str) -> dict[str, object]:
        platform = [each for each in keys.of_platform() if key_id in ("", each.key.id)]
        return page_of(platform, keys.of_stations(after, key_id))

    async def listed(request: Request) -> Response:
        key_id, after = (_checked(name, request.query_params.get(name, "")) for name in ("id", "after"))
        return answer(await asyncio.to_thread(page, key_id, after))

    return [Route(PATH, listed)]


def _checked(name: str, value: str) -> str:
    """Raises BadInput for what can be no key and no id of one."""
    if not _KEY.fullmatch(value):
        raise BadInput(name, tr("is no key and no id of one"))
    return value
