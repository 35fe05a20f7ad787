"""The station's plans over HTTP: the platform's GraphQL, a page at a time.

An error in GraphQL's answer is raised as the error that it stands for.
"""

import asyncio
from typing import Any

from kiosk.domain.errors import BadInput, LinkDown
from kiosk.domain.language import tr
from kiosk.domain.plan.plan_page import ToldPlans
from kiosk.station.adapters.http.client import PlatformClient
from kiosk.wire.completion_answers import mapping
from kiosk.wire.plan_changes import QUERY, page_of

ADDRESS = "/graphql"
PAGE = 50  # what else the kiosk does waits some ten milliseconds while so many are stored


class HttpPlans:
    """Implements the port PlanFeed for one station."""

    def __init__(self, client: PlatformClient, station_id: str, page: int = PAGE) -> None:
        self._client, self._station_id, self._page = client, station_id, page

    async def changes(self, since: str) -> ToldPlans:
        """A page. Raises LinkDown, NotFound, BadInput."""
        asked = {"station": self._station_id, "since": since or None, "first": self._page}
        answer = mapping(await self._client.post(ADDRESS, {"query": QUERY, "variables": asked}))
        errors = answer.get("errors")
        if errors:
            raise _error(errors)
        return await asyncio.to_thread(page_of, answer.get("data"))


def _error(errors: Any) -> BadInput | LinkDown:  # noqa: ANN401  any JSON value
    first = mapping(errors[0]) if isinstance(errors, list) else {}
    facts = mapping(first.get("extensions"))
    message = str(first.get("message") or tr("the platform gives no reason"))
    if facts.get("code") == "BadInput":
        return BadInput(str(facts.get("where")), str(facts.get("reason")))
    if facts.get("code") == "BadQuery":
        return BadInput(ADDRESS, message)
    return LinkDown(message)
