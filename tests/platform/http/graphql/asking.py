"""Who asks over GraphQL: gql, a client that nobody here wrote, on a real port; or the bare body, where that is what is tested."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from gql import Client, GraphQLRequest
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport

from kiosk.platform.http.app import platform_app
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.server import run_server
from kiosk.wire.exact_json import dumps, loads
from tests.builders import SPECIFICATION
from tests.platform.http.site import BEARER


def specified_text(name: str) -> str:
    """A block of the specification, byte for byte."""
    return (SPECIFICATION / f"{name}.graphql").read_text(encoding="utf-8")


@asynccontextmanager
async def client_of(context: ApiContext) -> AsyncIterator[AsyncClientSession]:
    """gql's client of a served platform; it knows the schema and checks what it sends against it."""
    async with run_server(platform_app(context), context.limits) as url:
        transport = HTTPXAsyncTransport(url=f"{url}/graphql", headers=BEARER, json_deserialize=loads)
        async with Client(transport=transport, fetch_schema_from_transport=True) as session:
            yield session


async def asked(session: AsyncClientSession, query: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer; its errors are raised."""
    return await session.execute(GraphQLRequest(query, variable_values=variables or None))


def refusal_of(error: TransportQueryError) -> tuple[str, dict[str, Any]]:
    """The first error: its sentence, and what stands beside it."""
    first = (error.errors or [{}])[0]
    return first["message"], first["extensions"]


async def answer_to(client: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    """What a bare POST gets, errors and all."""
    body = dumps({"query": query, "variables": variables})
    response = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200, response.text
    document: dict[str, Any] = loads(response.content)
    return document


def codes_of(answer: dict[str, Any]) -> list[str]:
    """The codes of an answer's errors."""
    return [each["extensions"]["code"] for each in answer.get("errors", ())]
