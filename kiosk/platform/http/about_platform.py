"""What the platform says about itself.

GET /healthz: whether the database and the broker answer, looked at when asked; `tokens` where a new file of tokens is wrong. GET /metrics:
the figures for Prometheus. GET /openapi.json: the REST addresses as an OpenAPI document, made of the models that the requests are checked
by; it needs a token.
"""

import asyncio
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk.domain.errors import StoreFailed
from kiosk.domain.people import AT_COUNTER
from kiosk.platform.http import battery_routes, key_routes, payment_callback, people_routes, receipt_routes, telemetry_routes
from kiosk.platform.http.answers import JSON, answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.payment_proof import DeliveryVerdict
from kiosk.platform.store.battery_register import MAX_BATTERIES
from kiosk.platform.store.people_register import MAX_PEOPLE
from kiosk.platform.store.reading_history import ReadingOutcome
from kiosk.wire.battery_documents import BindingChangeDocument
from kiosk.wire.checked import Model
from kiosk.wire.telemetry_documents import LatestDocument, ReadingDocument

Json = dict[str, Any]
PATH = "/openapi.json"
_SCHEMAS = "#/components/schemas/"
_ASSET = {"name": "asset_id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 128}}
_SIGNATURE = {
    "name": "X-Signature",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "sha256=<hex HMAC of the body>",
}
_TEXT: Json = {"type": "string"}
_TEXT_OR_NONE: Json = {"type": ["string", "null"]}
_NUMBER_OR_NONE: Json = {"type": ["number", "null"]}
_SECONDS = 3.0
_PROBE = "healthz"


def routes(context: ApiContext) -> list[BaseRoute]:
    """All three."""

    async def healthz(_request: Request) -> Response:
        reasons = {"database": await _database(context), "link": context.link()}
        ill = any(reasons.values())
        told = {"ok": not ill, **{name: reason or "ok" for name, reason in reasons.items()}}
        tokens = context.secrets.tokens.fault  # the former ones are in force: no reason to send callers elsewhere
        return answer(told | ({"tokens": tokens} if tokens else {}), 503 if ill else 200)

    async def metrics(request: Request) -> Response:
        text, content_type = context.metrics.render(request.headers.get("accept", ""), await _waiting(context))
        return Response(text, headers={"content-type": content_type})

    async def openapi(_request: Request) -> Response:
        return written

    written = answer(document())
    return [Route("/healthz", healthz), Route("/metrics", metrics), Route(PATH, openapi)]


async def _database(context: ApiContext) -> str:
    """Why it does not answer; "" when it does."""
    try:
        async with asyncio.timeout(_SECONDS):
            await asyncio.to_thread(context.store.plan, _PROBE)
    except StoreFailed as error:
        return error.reason
    except TimeoutError:
        return f"does not answer within {_SECONDS:.0f} s"
    return ""


async def _waiting(context: ApiContext) -> int | None:
    """How many events wait; None when the database does not say."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await asyncio.to_thread(context.store.count_waiting)
    except (StoreFailed, TimeoutError):
        return None


class _Exact(GenerateJsonSchema):
    """Decimals are JSON numbers here, never strings (decision 1)."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """A number."""
        del schema
        return {"type": "number"}


def document() -> Json:
    """OpenAPI 3.1. GraphQL describes itself, at /graphql."""
    asset = "/api/v1/assets/{asset_id}/telemetry"
    return {
        "openapi": "3.1.0",
        "info": {"title": "Reference ABS platform", "version": "1"},
        "security": [{"bearer": []}],
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {**_models(), "Error": _object(error=_object(code=_TEXT, message=_TEXT))},
        },
        "paths": {
            "/healthz": {"get": _health()},
            payment_callback.PATH: {"post": _confirmation()},
            asset: {"post": _report()},
            f"{asset}/latest": {"get": _operation("The reading made last", _latest(), parameters=[_ASSET])},
            f"{receipt_routes.PATH}/{{transaction}}": {"get": _receipt()},
            **_batteries(),
            key_routes.PATH: {"get": _keys()},
            people_routes.PATH: {"get": _people()},
        },
    }


def _health() -> Json:
    state = _object(ok={"type": "boolean"}, database=_TEXT, link=_TEXT)
    state["properties"]["tokens"] = {**_TEXT, "description": "why a new file of tokens is not in force; only then"}
    operation = _operation("Whether database and broker answer", state, security=[])
    operation["responses"]["503"] = _response("One does not", state)
    return operation


def _confirmation() -> Json:
    answered = _object(verdict={"enum": [DeliveryVerdict.BOOKED, DeliveryVerdict.KNOWN]}, delivery_id=_TEXT, receipt_id=_TEXT)
    return _operation(
        "A payment was received",
        answered,
        body=_reference(payment_callback.ConfirmationDocument.__name__),
        parameters=[_SIGNATURE],
        security=[],
    )


def _report() -> Json:
    forms = [_reference(each.__name__) for each in (ReadingDocument, LatestDocument)]
    batch = _object(readings={"type": "array", "minItems": 1, "maxItems": telemetry_routes.MAX_READINGS, "items": {"anyOf": forms}})
    outcome: Json = {"enum": [each.value for each in ReadingOutcome]}
    refused = {"type": "object", "required": ["outcome"], "properties": {"outcome": {"type": "string"}, "reason": _TEXT}}
    answered = {"anyOf": [_object(outcome=outcome), _object(outcomes={"type": "array", "items": refused})]}
    return _operation("Readings of a battery", answered, body={"anyOf": [*forms, batch]}, parameters=[_ASSET])


def _latest() -> Json:
    facts = _object(kwh_remaining=_NUMBER_OR_NONE, timestamp={"type": "string", "format": "date-time"})
    facts["properties"] |= {"voltage": _NUMBER_OR_NONE, "temperature_celsius": _NUMBER_OR_NONE}
    return _object(asset_id=_TEXT, telemetry=facts)


def _receipt() -> Json:
    transaction = {"name": "transaction", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 128}}
    digest = {"name": "digest", "in": "query", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    answered = _object(transaction_id=_TEXT, booked={"type": "boolean"}, same={"type": ["boolean", "null"]})
    return _operation("Whether a transaction is booked with these values", answered, parameters=[transaction, digest], security=[])


def _batteries() -> Json:
    """The register: no answer but the last has a secret."""
    time: Json = {"type": "string", "format": "date-time"}
    facts = {"family": _TEXT, "serial": _TEXT, "bound_by": _TEXT, "bound_at": time, "station_id": _TEXT}
    battery = _object(asset_id=_TEXT, address=_TEXT_OR_NONE)
    battery["properties"] |= {**facts, "has_secret": {"type": "boolean"}}
    page = _object(batteries={"type": "array", "items": battery}, cursor=_TEXT, more={"type": "boolean"})
    entry = _object(what={"enum": ["bound", "rebound", "unbound"]}, address=_TEXT_OR_NONE, **facts, received_at=time, note=_TEXT)
    one = {"allOf": [battery, _object(history={"type": "array", "items": entry})]}
    conflict = _object(error=_object(code=_TEXT, message=_TEXT), asked=battery, standing={"type": "array", "items": battery})
    put = _operation("Bind it, or unbind it", one, body=_reference(BindingChangeDocument.__name__), parameters=[_ASSET])
    put["responses"]["409"] = _response("Another binding stands in the way; nothing has changed", conflict)
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MAX_BATTERIES}}
    after = {"name": "after", "in": "query", "schema": _TEXT, "description": "the cursor of the page before; none: everything"}
    address = f"{battery_routes.PATH}/{{asset_id}}"
    return {
        battery_routes.PATH: {"get": _operation("What was bound and unbound since a cursor", page, parameters=[after, limit])},
        address: {"get": _operation("A battery with its history", one, parameters=[_ASSET]), "put": put},
        f"{address}/secret": {"get": _operation("Its secret, over TLS only", _object(asset_id=_TEXT, secret=_TEXT), parameters=[_ASSET])},
    }


def _keys() -> Json:
    key = _object(id=_TEXT, key=_TEXT, owner={"enum": ["platform", "station"]}, station=_TEXT_OR_NONE)
    key["properties"] |= {"from": _TEXT, **dict.fromkeys(("until", "revoked_since", "signed_by", "signature"), _TEXT_OR_NONE)}
    wanted = [{"name": name, "in": "query", "schema": _TEXT} for name in ("id", "after")]
    listed = _object(keys={"type": "array", "items": key}, after=_TEXT_OR_NONE)
    return _operation("The public keys, for anybody", listed, parameters=wanted, security=[])


def _people() -> Json:
    """The one that has what PINs are checked by."""
    facts = {"id": _TEXT, "name": _TEXT, "role": {"enum": list(AT_COUNTER)}, "must_change_pin": {"type": "boolean"}, "pin": _TEXT}
    number: Json = {"type": "integer"}
    person = _object(**facts, pin_number=number, pin_mark=number, badge=_TEXT)
    people, gone = {"type": "array", "items": person}, {"type": "array", "items": _TEXT}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PEOPLE}}
    after = {"name": "after", "in": "query", "schema": _TEXT, "description": "the cursor of the page before; none: everybody"}
    station = {"name": "station", "in": "path", "required": True, "schema": _TEXT}
    page = _object(people=people, gone=gone, cursor=_TEXT, more={"type": "boolean"})
    return _operation("Who may sign in at a station, over TLS only", page, parameters=[station, after, limit])


def _operation(summary: str, answered: Json, *, body: Json | None = None, **others: list[Json]) -> Json:
    responses = {"200": _response("Done", answered), "default": _response("Refused", _reference("Error"))}
    taken = {} if body is None else {"requestBody": {"required": True, "content": {JSON: {"schema": body}}}}
    return {"summary": summary, "responses": responses, **taken, **others}


def _response(description: str, schema: Json) -> Json:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _object(**properties: Json) -> Json:
    """An object that has all of these."""
    return {"type": "object", "required": list(properties), "properties": properties}


def _models() -> Json:
    """The schemas of the bodies, by name."""
    bodies: list[tuple[type[Model], JsonSchemaMode]] = [
        (each, "validation") for each in (payment_callback.ConfirmationDocument, ReadingDocument, LatestDocument, BindingChangeDocument)
    ]
    found: Json = models_json_schema(bodies, ref_template=_SCHEMAS + "{model}", schema_generator=_Exact)[1]["$defs"]
    return found


def _reference(name: str) -> Json:
    return {"$ref": _SCHEMAS + name}
