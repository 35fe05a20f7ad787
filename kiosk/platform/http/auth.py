"""Who may call: everything needs a bearer token, but for the addresses that a part names as open.

An open address is written "GET /healthz"; one that ends with a slash means all below it too. GET stands for HEAD. Tokens are compared in
constant time; several are valid at once, so that one can be replaced while the other is still used.
"""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser, SimpleUser
from starlette.requests import HTTPConnection
from starlette.responses import Response

from kiosk.platform.http.answers import HttpLimits, error_answer
from kiosk.platform.http.metrics import PlatformMetrics
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.system import Clock
from kiosk.wire.published_keys import PublishedKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a caller proves itself with: `tokens` as bearer, `payment` as the key of the callback's signature."""

    tokens: frozenset[str] = field(repr=False)
    payment: bytes = field(repr=False)

    def accept(self, token: str) -> bool:
        """Whether this is one of the tokens. It takes the same time for every wrong one."""
        return sum(hmac.compare_digest(token.encode(), each.encode()) for each in self.tokens) > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiContext:
    """The store is the caller's. `wake` has stored events published at once; it is called from any thread. `link` says why the
    broker cannot be reached now, "" when it can or when this process has no broker. `published_keys` gives the stations', in a thread.
    """

    store: PlatformStore
    clock: Clock
    secrets: Secrets
    limits: HttpLimits = field(default_factory=HttpLimits)
    metrics: PlatformMetrics = field(default_factory=PlatformMetrics)
    wake: Callable[[], None] = lambda: None
    link: Callable[[], str] = lambda: ""
    published_keys: Callable[[], PublishedKeys] = PublishedKeys


class TokenBackend(AuthenticationBackend):
    """Tells Starlette who is calling. Raises AuthenticationError for a caller without a valid token."""

    def __init__(self, secrets: Secrets, open_addresses: Iterable[str]) -> None:
        self._secrets = secrets
        self._open = frozenset(open_addresses)
        self._below = tuple(each for each in self._open if each.endswith("/") and not each.endswith(" /"))

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """None at an open address."""
        method = conn.scope.get("method", "")
        address = f"{'GET' if method == 'HEAD' else method} {conn.scope['path']}"
        if address in self._open or address.startswith(self._below):
            return None
        scheme, _, token = conn.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._secrets.accept(token.strip()):
            raise AuthenticationError
        return AuthCredentials(["platform"]), SimpleUser("token")


def on_unauthenticated(_conn: HTTPConnection, _error: AuthenticationError) -> Response:
    """401 in the one form of errors."""
    return error_answer(401, headers={"WWW-Authenticate": 'Bearer realm="platform"'})
