"""The platform's whole HTTP side, put together of its parts. A new part adds itself to PARTS.

A part is a module with `routes(context)` and `OPEN`: the addresses that need no bearer token ("GET /page"; "GET /files/" for all below).
"""

from collections.abc import Sequence
from typing import Protocol

from kiosk.platform.api import health
from kiosk.platform.api.app import Application, BaseRoute, make_app
from kiosk.platform.api.context import ApiContext


class Part(Protocol):
    """Routes for one purpose."""

    @property
    def OPEN(self) -> tuple[str, ...]:  # noqa: N802  a module's constant
        """What needs no token."""
        ...

    def routes(self, context: ApiContext) -> Sequence[BaseRoute]:
        """Its addresses."""
        ...


PARTS: tuple[Part, ...] = (health,)


def platform_app(context: ApiContext, parts: Sequence[Part] = PARTS) -> Application:
    """The application with all its parts. The same for the command and for tests."""
    routes = [each for part in parts for each in part.routes(context)]
    return make_app(context, routes, {each for part in parts for each in part.OPEN})
