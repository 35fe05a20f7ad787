"""DateTime, JSON and Decimal. Numbers are exact both ways: Decimal inside, JSON numbers outside, never text (decision 1).

What is no such value is refused with a sentence before any resolver runs; the library puts the argument's name before it.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, ListValueNode, ObjectValueNode, ValueNode, value_from_ast_untyped
from strawberry.scalars import JSON

from kiosk.domain.errors import BadInput, KioskError
from kiosk.domain.language import tr
from kiosk.domain.messages import message_for
from kiosk.domain.times import iso_utc
from kiosk.wire.exact_json import loads

log = logging.getLogger(__name__)
BAD_QUERY, INTERNAL = "BadQuery", "InternalError"


def public_error(error: GraphQLError) -> GraphQLError:
    """The error as it leaves the platform."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, KioskError):
        return _with(error, message_for(cause).sentence, {"code": type(cause).__name__, **_facts(cause)})
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
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value


def _exact(node: ValueNode, variables: dict[str, Any] | None = None) -> object:
    """A literal as a JSON value; the library would make binary floats of its numbers."""
    if isinstance(node, IntValueNode | FloatValueNode):
        return _number_of(node.value)
    if isinstance(node, ListValueNode):
        return [_exact(each, variables) for each in node.values]
    if isinstance(node, ObjectValueNode):
        return {each.name.value: _exact(each.value, variables) for each in node.fields}
    found: object = value_from_ast_untyped(node, variables)
    return found


def _number_of(text: str) -> object:
    """As a number in JSON is read, with its limits."""
    try:
        return loads(text)
    except BadInput as error:
        raise GraphQLError(error.reason) from error


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise GraphQLError(tr("must be a number, not text"))
    return Decimal(value)


def _decimal_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Decimal:
    return _decimal(_exact(node, variables))


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise GraphQLError(tr("must be a time such as 2025-01-15T10:30:00Z"))
    try:
        read = datetime.fromisoformat(value)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError(tr("must be a time with its zone such as 2025-01-15T10:30:00Z"))


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  any JSON value
    return value


_AS_IT_IS: Callable[[Any], Any] = _as_it_is
SCALARS: dict[object, Any] = {
    datetime: strawberry.scalar(name="DateTime", description="A time in UTC, ISO 8601", serialize=iso_utc, parse_value=_moment),
    JSON: strawberry.scalar(
        name="JSON", description="Any JSON value; its numbers are exact", serialize=_AS_IT_IS, parse_value=_AS_IT_IS, parse_literal=_exact
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="kWh, a count or an amount of money: an exact JSON number, never text",
        serialize=_AS_IT_IS,
        parse_value=_decimal,
        parse_literal=_decimal_literal,
    ),
}
"""For the schema's configuration."""
