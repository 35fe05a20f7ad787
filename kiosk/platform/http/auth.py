"""Who may call: everything needs a bearer token, but for the addresses that a part names as open.

An open address is written "GET /healthz"; one that ends with a slash means all below it too. GET stands for HEAD. Tokens are compared in
constant time; several are valid at once, so that one can be replaced while the other is still used.
"""

from collections.abc import Iterable

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser, SimpleUser
from starlette.requests import HTTPConnection
from starlette.responses import Response

from kiosk.platform.http.answers import error_answer
from kiosk.platform.http.context import Secrets


class TokenBackend(AuthenticationBackend):
    """Tells Starlette who is calling. Raises AuthenticationError for a caller without a valid token."""

    def __init__(self, secrets: Secrets, open_addresses: Iterable[str]) -> None:
        self._secrets = secrets
        self._open = frozenset(open_addresses)
        self._below = tuple(each for each in self._open if each.endswith("/") and not each.endswith(" /"))

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """None at an open address."""
        if self._is_open(conn):
            return None
        scheme, _, token = conn.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._secrets.accept(token.strip()):
            raise AuthenticationError
        return AuthCredentials(["platform"]), SimpleUser("token")

    def _is_open(self, conn: HTTPConnection) -> bool:
        method = conn.scope.get("method", "")
        address = f"{'GET' if method == 'HEAD' else method} {conn.scope['path']}"
        return address in self._open or address.startswith(self._below)


def on_unauthenticated(_conn: HTTPConnection, _error: AuthenticationError) -> Response:
    """401 in the one form of errors."""
    return error_answer(401, headers={"WWW-Authenticate": 'Bearer realm="platform"'})
