"""Callers of the platform's HTTP side: through the application itself, or through a port where sockets matter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from kiosk.platform.http.access import Caller, TokenRole
from kiosk.platform.http.app import HttpOptions, platform_app
from kiosk.platform.http.auth import ApiContext, Secrets
from kiosk.platform.http.server import run_server
from kiosk.platform.store.repository import PlatformStore
from tests.platform.agent_counter import FixedClock

TOKEN = "a-token-for-the-tests"  # noqa: S105  no secret
PAYMENT_SECRET = b"a-payment-secret-for-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
STATION = "STATION-2"
CALLERS = {each: Caller(role=each, name=STATION if each is TokenRole.KIOSK else f"the-{each}") for each in TokenRole}
"""One of each role."""


class KnownTokens:
    """An admin's two, as they stand alone in a file, one of each role: `token_of`, and one of every station: `station_token`."""

    fault = ""

    def caller(self, token: str) -> Caller | None:
        alone = {TOKEN: Caller(role=TokenRole.ADMIN), "an-older-token": Caller(role=TokenRole.ADMIN)}
        if token.startswith(station_token("")):
            return Caller(role=TokenRole.KIOSK, name=token.removeprefix(station_token("")))
        return (alone | {token_of(role): caller for role, caller in CALLERS.items()}).get(token)


def token_of(role: TokenRole) -> str:
    """A token of this role."""
    return f"the-token-of-{role}"


def station_token(station: str) -> str:
    """The token of a station's kiosk."""
    return f"the-token-of-the-station-{station}"


def bearer_of(role: TokenRole) -> dict[str, str]:
    """The header that shows it."""
    return {"Authorization": f"Bearer {token_of(role)}"}


def context_on(store: PlatformStore, **changes: Any) -> ApiContext:
    """A context with the tests' secrets and a clock that stands."""
    facts: dict[str, Any] = {"clock": FixedClock(), "secrets": Secrets(tokens=KnownTokens(), payment=PAYMENT_SECRET)}
    return ApiContext(store=store, **facts | changes)


@asynccontextmanager
async def calling(context: ApiContext, *, bearer: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, without a socket; with the token unless told otherwise."""
    transport = httpx.ASGITransport(platform_app(context))
    async with httpx.AsyncClient(transport=transport, base_url="http://platform", headers=BEARER if bearer else {}) as client:
        yield client


@asynccontextmanager
async def calling_port(context: ApiContext) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application on a real port."""
    async with (
        run_server(platform_app(context), context.limits) as url,
        httpx.AsyncClient(base_url=url, headers=BEARER, timeout=20) as client,
    ):
        yield client


def http_options(address: str) -> HttpOptions:
    """Served there, with the tests' secrets."""
    return HttpOptions(address=address, secrets=Secrets(tokens=KnownTokens(), payment=PAYMENT_SECRET))
