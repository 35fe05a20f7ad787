"""GET /openapi.json: the REST addresses as an OpenAPI document, made of the models that the requests are checked by."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk.platform.http import payment_callback, telemetry_routes
from kiosk.platform.http.answers import JSON, answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.payments.confirmations import DeliveryVerdict
from kiosk.platform.store.reading_history import ReadingOutcome
from kiosk.wire.telemetry_documents import LatestDocument, ReadingDocument

Json = dict[str, Any]
OPEN: tuple[str, ...] = ()
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
_NUMBER_OR_NONE: Json = {"type": ["number", "null"]}


class _Exact(GenerateJsonSchema):
    """Decimals are JSON numbers here, never strings (decision 1)."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """A number."""
        del schema
        return {"type": "number"}


def routes(_context: ApiContext) -> list[BaseRoute]:
    """The document."""
    written = document()

    async def openapi(_request: Request) -> Response:
        return answer(written)

    return [Route(PATH, openapi)]


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
        },
    }


def _health() -> Json:
    state = _object(ok={"type": "boolean"}, database=_TEXT, link=_TEXT)
    operation = _operation("Whether database and broker answer", state, security=[])
    operation["responses"]["503"] = _response("One does not", state)
    return operation


def _confirmation() -> Json:
    answered = _object(verdict={"enum": [DeliveryVerdict.BOOKED, DeliveryVerdict.KNOWN]}, delivery_id=_TEXT, receipt_id=_TEXT)
    body = _reference(payment_callback.ConfirmationDocument.__name__)
    return _operation("A payment was received", answered, body=body, parameters=[_SIGNATURE], security=[])


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


def _operation(
    summary: str, answered: Json, *, body: Json | None = None, parameters: list[Json] | None = None, security: list[Json] | None = None
) -> Json:
    error = _reference("Error")
    operation: Json = {"summary": summary, "responses": {"200": _response("Done", answered), "default": _response("Refused", error)}}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": body}}}
    if parameters is not None:
        operation["parameters"] = parameters
    if security is not None:
        operation["security"] = security
    return operation


def _response(description: str, schema: Json) -> Json:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _object(**properties: Json) -> Json:
    """An object that has all of these."""
    return {"type": "object", "required": list(properties), "properties": properties}


def _models() -> Json:
    """The schemas of the bodies, by name."""
    mode: JsonSchemaMode = "validation"
    bodies = [(each, mode) for each in (payment_callback.ConfirmationDocument, ReadingDocument, LatestDocument)]
    _, found = models_json_schema(bodies, ref_template=_SCHEMAS + "{model}", schema_generator=_Exact)
    schemas: Json = found["$defs"]
    return schemas


def _reference(name: str) -> Json:
    return {"$ref": _SCHEMAS + name}
