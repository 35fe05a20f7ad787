"""GraphQL on HTTP: `POST /graphql` for queries and mutations, `GET /graphql` for the page of developers.

The answer is GraphQL's own, `{"data", "errors"}` with status 200, as soon as the body is a GraphQL request; what is none (no JSON, a
batch, no query) is an error in the one form of the HTTP side. Nothing is asked by GET, and there are no subscriptions.
"""

from collections.abc import Sequence
from http import HTTPStatus

import strawberry
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.types import ExecutionResult

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.platform.http.answers import error_answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.graphql import graphiql
from kiosk.platform.http.graphql.resolver_context import ResolverContext
from kiosk.platform.http.graphql.scalars import public_error
from kiosk.platform.http.graphql.schema import make_schema
from kiosk.platform.http.http_limits import check_content_type
from kiosk.platform.store.plan_pages import PlanPages
from kiosk.platform.templates.template_service import open_templates
from kiosk.wire.exact_json import dumps, loads

ADDRESS = "/graphql"
OPEN = graphiql.OPEN


def routes(context: ApiContext) -> Sequence[BaseRoute]:
    """GraphQL and its page. Raises StoreFailed when what is shipped cannot be kept."""
    store, clock = context.store, context.clock
    resolvers = ResolverContext(store=store, pages=PlanPages(store), templates=open_templates(store, clock), clock=clock)
    return [Route(ADDRESS, GraphQLView(make_schema(), resolvers), methods=["GET", "POST"]), graphiql.files(ADDRESS)]


class GraphQLView(GraphQL[ResolverContext, None]):
    """The library's view with exact JSON and our errors."""

    def __init__(self, schema: strawberry.Schema, context: ResolverContext) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=())
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is asked for by GET is the page."""
        request = Request(scope, receive)
        response = await self._answer(request) if request.method == "POST" else graphiql.answer()
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        check_content_type(request)
        try:
            return await self.run(request)
        except HTTPException as error:
            return error_answer(error.status_code, message=f"{error.reason.rstrip('.')}.")

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> ResolverContext:
        """The same for all."""
        del request, response
        return self._context

    def decode_json(self, data: str | bytes) -> object:
        """As all JSON is read: exact, within its limits."""
        try:
            document = loads(data)
        except BadInput as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, tr("The body cannot be read: {reason}", reason=error.reason)) from error
        if isinstance(document, dict | list):
            return document
        raise HTTPException(HTTPStatus.BAD_REQUEST, tr("The body must be an object with a query"))

    def encode_json(self, data: object) -> bytes:
        """Numbers as they are."""
        return dumps(data)

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Every error in words."""
        del request
        if result.errors:
            result.errors = [public_error(each) for each in result.errors]
        return process_result(result)
