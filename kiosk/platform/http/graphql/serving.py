"""GraphQL on HTTP: `POST /graphql` for queries and mutations, `GET /graphql` for the page of developers.

The answer is GraphQL's own, `{"data", "errors"}` with status 200, as soon as the body is a GraphQL request; what is none (no JSON, a
batch, no query) is an error in the one form of the HTTP side, and so is, with 403, one that asks for a field that the caller's role may not
have. Nothing is asked by GET, and there are no subscriptions.

The page is GraphiQL with the schema's documentation, its files served from here, so that it works without the internet. It needs no token;
its queries do. The token is typed under Headers and kept for the browser's session only, like the last queries. Nothing is loaded from, or
sent to, anywhere else: a header makes the browser refuse it.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, override

import strawberry
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.types import ExecutionResult

import resources
from kiosk.domain.errors import BadInput, KioskError
from kiosk.domain.language import tr
from kiosk.domain.messages import message_for
from kiosk.domain.times import iso_utc
from kiosk.platform.http.access import caller_in
from kiosk.platform.http.answers import FORBIDDEN, OutOfScope, check_content_type, error_answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.graphql.schema import ResolverContext, make_schema
from kiosk.platform.store.plan_pages import PlanPages
from kiosk.platform.templates.template_service import open_templates
from kiosk.wire.exact_json import dumps, loads

log = logging.getLogger(__name__)
_CONTEXT = "kiosk.query"
BAD_QUERY, INTERNAL = "BadQuery", "InternalError"
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",  # CodeMirror lays out its lines by inline styles
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def routes(context: ApiContext) -> Sequence[BaseRoute]:
    """GraphQL and its page. Raises StoreFailed when what is shipped cannot be kept."""
    store, clock = context.store, context.clock
    resolvers = ResolverContext(store=store, pages=PlanPages(store), templates=open_templates(store, clock), clock=clock)
    return [
        Route("/graphql", GraphQLView(make_schema(), resolvers), methods=["GET", "POST"]),
        Mount("/graphql/files", StaticFiles(directory=resources.path("graphiql"))),
    ]


class GraphQLView(GraphQL[ResolverContext, None]):
    """The library's view with exact JSON and our errors."""

    def __init__(self, schema: strawberry.Schema, context: ResolverContext) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=())
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is asked for by GET is the page."""
        request = Request(scope, receive)
        if request.method == "POST":
            response = await self._answer(request)
        else:
            response = HTMLResponse(resources.read_text("graphiql/index.html"), headers=_PAGE_HEADERS)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        check_content_type(request)
        context = request.scope[_CONTEXT] = replace(self._context, caller=caller_in(request.scope), refused=[])
        try:
            answered = await self.run(request)
        except HTTPException as error:
            return error_answer(error.status_code, message=f"{error.reason.rstrip('.')}.")
        return error_answer(403, FORBIDDEN, context.refused[0]) if context.refused else answered

    @override
    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> ResolverContext:
        found: ResolverContext = request.scope[_CONTEXT]
        return found

    @override
    def decode_json(self, data: str | bytes) -> object:
        try:
            document = loads(data)
        except BadInput as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, tr("The body cannot be read: {reason}", reason=error.reason)) from error
        if isinstance(document, dict | list):
            return document
        raise HTTPException(HTTPStatus.BAD_REQUEST, tr("The body must be an object with a query"))

    @override
    def encode_json(self, data: object) -> bytes:
        return dumps(data)

    @override
    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        if result.errors:
            result.errors = [_public_error(each) for each in result.errors]
        return process_result(result)


def _public_error(error: GraphQLError) -> GraphQLError:
    """The error as it leaves the platform, in words."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, KioskError):
        return _with(error, message_for(cause).sentence, {"code": type(cause).__name__, **_facts(cause)})
    if isinstance(cause, OutOfScope):
        return _with(error, cause.detail, {"code": FORBIDDEN})
    if cause is None or isinstance(cause, GraphQLError):
        return _with(error, error.message, {"code": BAD_QUERY, **(error.extensions or {})})
    log.error("a query failed", exc_info=cause)
    return _with(error, tr("The platform failed; its log says why."), {"code": INTERNAL})


def _with(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(message, nodes=error.nodes, source=error.source, positions=error.positions, path=error.path, extensions=extensions)


def _facts(error: KioskError) -> dict[str, Any]:
    return {name: _plain(value) for name, value in vars(error).items()}


def _plain(value: object) -> object:
    """A fact as JSON has it."""
    if isinstance(value, datetime):
        return iso_utc(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return [_plain(each) for each in value] if isinstance(value, list | tuple | set | frozenset) else value
