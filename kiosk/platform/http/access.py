"""Who may do what over HTTP: one table for every address and every field of GraphQL, and the one place that looks at it.

A line is written "GET /plans/{plan_id}", as the route has it ("GET /static" for all that is mounted there; GET stands for HEAD), or "query
servicePlan" and "mutation createServicePlanTemplate" for GraphQL. What has no line here is for nobody, not even an `admin`: whoever adds an
address adds its line. Where an address is for kiosks, `own` names what must be the caller's own station; the handler asks `own_station`.

- No token, or one that is not known: 401. A token whose role may not: 403 with the roles that may.
- The pages of people take a token as the password of Basic, too, because a browser can be given no bearer token.
"""

import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from inspect import isawaitable
from typing import Any, Protocol

from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from kiosk.domain.language import tr
from kiosk.platform.http.answers import FORBIDDEN, OutOfScope, error_answer


class TokenRole(StrEnum):
    """What a token is for."""

    KIOSK = "kiosk"
    ERP = "erp"
    DESK = "desk"
    ADMIN = "admin"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose token it is: `name` is the station of a kiosk; empty where the token stands alone in its file."""

    role: TokenRole
    name: str = ""

    def __str__(self) -> str:
        return f"{self.role} {self.name}".rstrip()


class TokenSource(Protocol):
    """The tokens as they are now. `fault` is why the newest file is not in force, "" where it is."""

    def caller(self, token: str) -> Caller | None:
        """Whose token this is; None for one that is not known."""

    @property
    def fault(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Who may: `open` is anybody, without a token. `page` is a page of people. `own` is what must be a kiosk's own station."""

    roles: frozenset[TokenRole] = field(default_factory=frozenset)
    open: bool = False
    page: bool = False
    own: str = ""


def _for(*roles: TokenRole, own: str = "") -> Line:
    return Line(roles=frozenset({*roles, TokenRole.ADMIN}), own=own)


def _page(*roles: TokenRole) -> Line:
    return Line(roles=frozenset({*roles, TokenRole.DESK, TokenRole.ADMIN}), page=True)


ANYBODY = Line(open=True)
ROUTES: Mapping[str, Line] = {
    "GET /healthz": ANYBODY,
    "GET /metrics": ANYBODY,  # and of all that is told to a role, the only one for `metrics`
    "GET /openapi.json": _for(TokenRole.KIOSK, TokenRole.ERP, TokenRole.DESK),
    "GET /api/v1/keys": ANYBODY,  # public keys are what receipts and answers are checked with
    "POST /api/v1/payments/confirmations": ANYBODY,  # its body is signed
    "GET /api/v1/assets/{asset_id:path}/telemetry/latest": _for(TokenRole.KIOSK, TokenRole.DESK),
    "POST /api/v1/assets/{asset_id:path}/telemetry": _for(TokenRole.KIOSK, own="station_id of each reading"),
    "GET /api/v1/batteries": _for(TokenRole.KIOSK, TokenRole.DESK),
    "GET /api/v1/batteries/{asset_id:path}": _for(TokenRole.KIOSK, TokenRole.DESK),
    "PUT /api/v1/batteries/{asset_id:path}": _for(TokenRole.KIOSK, TokenRole.DESK, own="station_id of the change"),
    "GET /api/v1/batteries/{asset_id:path}/secret": _for(TokenRole.KIOSK),
    "GET /api/v1/receipts/{transaction:path}": ANYBODY,  # whether it is booked, and nothing else
    "GET /receipt": Line(open=True, page=True),
    "GET /api/v1/stations/{station}/people": _for(TokenRole.KIOSK, own="station in the address"),
    "GET /graphql": ANYBODY,  # a page of developers: what it asks needs a token
    "GET /graphql/files": ANYBODY,
    "POST /graphql": _for(TokenRole.KIOSK, TokenRole.DESK),
    "GET /": _page(),
    "GET /swaps": _page(),
    "GET /open": _page(),
    "GET /plans": _page(),
    "GET /plans/{plan_id}": _page(),
    "GET /payments": _page(TokenRole.ERP),
    "GET /events": _page(TokenRole.ERP),
    "GET /events/stream": _page(TokenRole.ERP),
    "GET /static": ANYBODY,
}
FIELDS: Mapping[str, Line] = {
    "query servicePlanTemplates": _for(TokenRole.DESK),
    "query servicePlanTemplate": _for(TokenRole.DESK),
    "query servicePlan": _for(TokenRole.DESK),
    "query servicePlans": _for(TokenRole.DESK),
    "query servicePlanChanges": _for(TokenRole.KIOSK, TokenRole.DESK, own="station_id"),
    "mutation createServicePlanTemplate": _for(),
    "mutation updateServicePlanTemplate": _for(),
    "mutation deprecateServicePlanTemplate": _for(),
    "mutation createServicePlanFromTemplate": _for(TokenRole.DESK),
}
_NO_ADDRESS = Line(roles=frozenset(TokenRole))  # 404 or 405, for whoever has a token
_CALLER, _IN_FORCE = "kiosk.caller", "kiosk.in_force"
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def open_addresses() -> tuple[str, ...]:
    """What needs no token, for the documentation."""
    return tuple(address for address, line in ROUTES.items() if line.open)


def caller_in(scope: Mapping[str, Any]) -> Caller | None:
    """Who calls; None at an open address."""
    found = scope.get(_CALLER)
    return found if isinstance(found, Caller) else None


def still_in_force(request: HTTPConnection) -> bool:
    """Whether the token that a long answer began with is still one of this caller's."""
    in_force: Callable[[], bool] = request.scope.get(_IN_FORCE, lambda: True)
    return in_force()


def own_station(request: HTTPConnection, named: str) -> str:
    """The station that something is of: for a kiosk its own, named or not; for others the one that is named. Raises OutOfScope."""
    return _own(caller_in(request.scope), named)


def _own(caller: Caller | None, named: str) -> str:
    if caller is None or caller.role is not TokenRole.KIOSK:
        return named
    if named not in ("", caller.name):
        raise OutOfScope(tr("This token is of the station {own}, and what was sent is of another one.", own=caller.name))
    return caller.name


class AccessCheck:
    """ASGI middleware before the routes: whoever comes through may be there."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], tokens: TokenSource, lines: Mapping[str, Line]) -> None:
        self._app, self._routes, self._tokens, self._lines = app, routes, tokens, lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = address_of(self._routes, scope)
        line = self._lines.get(address) if address else _NO_ADDRESS
        refusal = None if line is not None and line.open else self._refusal(scope, line)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope, line: Line | None) -> Response | None:
        """Why the caller stays outside; else notes who it is."""
        page = line is not None and line.page
        token = _token(Headers(scope=scope).get("authorization", ""), page=page)
        caller = self._tokens.caller(token)
        if caller is None:
            return _unknown(page=page)
        if line is None or caller.role not in line.roles:
            return _refused(caller, line)
        scope[_CALLER], scope[_IN_FORCE] = caller, lambda: self._tokens.caller(token) == caller
        return None


def address_of(routes: Iterable[BaseRoute], scope: Scope) -> str:
    """The line's name of what is asked for; "" where no route takes it."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    for each in routes:
        if each.matches(scope)[0] is Match.FULL:
            return f"{method} {getattr(each, 'path', '')}"
    return ""


def _token(header: str, *, page: bool) -> str:
    """The token of Bearer, or for a page the password of Basic; empty where there is none that can be read."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    with suppress(ValueError):  # neither base64 nor UTF-8
        if page and scheme.lower() == "basic":
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
    return ""


def _unknown(*, page: bool) -> Response:
    if not page:
        return error_answer(401, headers={"WWW-Authenticate": 'Bearer realm="platform"'})
    sentence = tr("This page asks for a password: give any name, and one of the platform's tokens as the password.")
    return PlainTextResponse(
        f"{sentence}\n", 401, {"WWW-Authenticate": 'Basic realm="Swap Kiosk platform", charset="UTF-8"', **PAGE_HEADERS}
    )


def _refused(caller: Caller, line: Line | None) -> Response:
    sentence = _sentence(caller, line)
    if line is not None and line.page:
        return PlainTextResponse(f"{sentence}\n", 403, PAGE_HEADERS)
    return error_answer(403, FORBIDDEN, sentence)


def _sentence(caller: Caller, line: Line | None) -> str:
    if line is None:
        return tr("Nobody may use this address: the platform has no rule for it.")
    roles = ", ".join(each for each in TokenRole if each in line.roles)
    return tr("This token has the role {role}; this is for {roles}.", role=caller.role.value, roles=roles)


class HasCaller(Protocol):
    """The context of a query."""

    @property
    def caller(self) -> Caller | None: ...

    @property
    def refused(self) -> list[str]:
        """The sentences of what was refused in this query."""


def guard_fields(schema: GraphQLSchema, lines: Mapping[str, Line] = FIELDS) -> None:
    """Have every query and every mutation of the schema look at the table first, however it was made."""
    for kind, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for name, each in (root.fields if root else {}).items():
            each.resolve = _guarded(each.resolve, lines.get(f"{kind} {name}"))


def fields_of(schema: GraphQLSchema) -> list[str]:
    """The name in the table of each."""
    roots: list[tuple[str, GraphQLObjectType | None]] = [("query", schema.query_type), ("mutation", schema.mutation_type)]
    return [f"{kind} {name}" for kind, root in roots if root for name in root.fields]


def _guarded(resolve: Callable[..., Any] | None, line: Line | None) -> Callable[..., Awaitable[Any]]:
    async def guarded(root: object, info: GraphQLResolveInfo[HasCaller], **given: Any) -> Any:  # noqa: ANN401  whatever the field gives
        context = info.context
        try:
            _check_field(context.caller, line, given)
        except HTTPException as error:
            context.refused.append(error.detail)
            raise
        found = resolve(root, info, **given) if resolve else None
        return await found if isawaitable(found) else found

    return guarded


def _check_field(caller: Caller | None, line: Line | None, given: Mapping[str, Any]) -> None:
    """Raises OutOfScope."""
    if caller is None or line is None or caller.role not in line.roles:
        raise OutOfScope(_sentence(caller, line) if caller else tr("This needs a token."))
    if line.own:
        _own(caller, str(given.get(line.own) or ""))
