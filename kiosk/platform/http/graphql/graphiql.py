"""The page of developers: GraphiQL with the schema's documentation, its files served from here, so that it works without the internet.

The page needs no token; its queries do. The token is typed under Headers and kept for the browser's session only, like the last queries.
Nothing is loaded from, or sent to, anywhere else: a header makes the browser refuse it.
"""

from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

import resources

OPEN = ("GET /graphql", "GET /graphql/files/")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",  # CodeMirror lays out its lines by inline styles
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def answer() -> Response:
    """The page itself."""
    return HTMLResponse(resources.read_text("graphiql/index.html"), headers=_HEADERS)


def files(address: str) -> BaseRoute:
    """The page's files, below its address."""
    return Mount(f"{address}/files", StaticFiles(directory=resources.path("graphiql")))
