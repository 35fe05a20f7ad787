"""Requests that nobody thought of, made by schemathesis from our own descriptions: no fault of ours, and answers as described."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import floats, just, text
from schemathesis import BaseSchema, Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.domain.times import iso_utc
from kiosk.platform.http.about_platform import PATH as DOCUMENT
from kiosk.platform.http.app import platform_app
from kiosk.platform.http.graphql.serving import INTERNAL
from kiosk.platform.http.payment_callback import PATH as CONFIRMATIONS
from kiosk.platform.http.receipt_routes import PATH as RECEIPTS
from tests.builders import NOON
from tests.platform.agent_counter import PLAN, open_counter
from tests.platform.http.confirming import signature
from tests.platform.http.site import BEARER, context_on

GRAPHQL = "/graphql"
RECEIPT = f"{RECEIPTS}/{{transaction}}"
PAID = {"amount": 12, "currency": "USD", "receipt_id": "PAY-1", "payment_method": "CASH"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BOUNDED = settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


class Signing:
    """What is sent to the callback gets a signature that is right."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != CONFIRMATIONS:
            await self._app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = [each for each in scope["headers"] if each[0] != b"x-signature"]
        scope = {**scope, "headers": [*headers, (b"x-signature", signature(body).encode())]}

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    """The whole site on one database for all examples."""
    with open_counter(tmp_path_factory.mktemp("any") / "platform.sqlite") as counter:
        yield platform_app(context_on(counter.store, clock=counter.clock))


@pytest.fixture(scope="module")
def rest(app: ASGIApp) -> BaseSchema:
    return schemathesis.openapi.from_asgi(DOCUMENT, Signing(app), headers=BEARER)


def each_operation(described: BaseSchema, check: Callable[[Case[Any]], None]) -> int:
    """`check` with requests for every operation; how many operations there were."""
    found = list(described.get_all_operations())
    operations = [each.ok() for each in found if isinstance(each, Ok)]
    assert len(operations) == len(found)
    for operation in operations:
        BOUNDED(given(case=operation.as_strategy())(lambda case: check(case)))()
    return len(operations)


def test_any_request_is_answered_as_described(rest: BaseSchema) -> None:
    def check(case: Case[Any]) -> None:
        body: Any = case.body
        if isinstance(body, dict) and "delivery_id" in body and len(str(body)) % 3:
            body |= {"sent_at": iso_utc(NOON), "plan_id": PLAN}  # else nearly every delivery is of another time or plan
            body |= PAID if len(str(body)) % 2 else {}  # or in another currency, or of a method that cannot be read
        answered.add((case.path, case.call_and_validate(headers=BEARER, checks=CHECKS).status_code))

    answered: set[tuple[str, int]] = set()
    assert each_operation(rest, check) == 11
    assert {path for path, status in answered if status == 200} >= {"/healthz", CONFIRMATIONS}
    assert {status for path, status in answered if path == CONFIRMATIONS} >= {200, 400, 409}


def test_without_a_token_nothing_but_health_the_callback_the_keys_and_receipts_answers(rest: BaseSchema) -> None:
    def check(case: Case[Any]) -> None:
        assert case.call().status_code == 401 or case.path in ("/healthz", CONFIRMATIONS, "/api/v1/keys", RECEIPT)

    assert each_operation(rest, check) == 11


@pytest.fixture(scope="module")
def graphql(app: ASGIApp) -> BaseSchema:
    schemathesis.graphql.scalar("DateTime", just(nodes.String(iso_utc(NOON))))
    schemathesis.graphql.scalar("JSON", text(max_size=20).map(nodes.String))
    schemathesis.graphql.scalar("Decimal", floats(allow_nan=False, allow_infinity=False).map(nodes.Float))
    return schemathesis.graphql.from_asgi(GRAPHQL, app, headers=BEARER)


def test_any_query_is_answered_in_graphqls_form(graphql: BaseSchema) -> None:
    def check(case: Case[Any]) -> None:
        response = case.call(headers=BEARER)
        document = response.json()
        assert response.status_code == 200
        assert set(document) <= {"data", "errors", "extensions"}
        assert INTERNAL not in [each["extensions"]["code"] for each in document.get("errors") or ()]

    assert each_operation(graphql, check) >= 6
