"""The scalars DateTime, JSON and Decimal.

Numbers are exact both ways: Decimal inside, JSON numbers outside, never text (decision 1). What is no such value is refused with a sentence
before any resolver runs; the library puts the argument's name before it.
"""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, ListValueNode, ObjectValueNode, ValueNode, value_from_ast_untyped
from strawberry.scalars import JSON

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc
from kiosk.wire.exact_json import loads


def _exact(node: ValueNode, variables: dict[str, Any] | None = None) -> object:
    """A literal as a JSON value; the library would make binary floats of its numbers."""
    if isinstance(node, IntValueNode | FloatValueNode):
        try:
            return loads(node.value)  # as a number in JSON is read, with its limits
        except BadInput as error:
            raise GraphQLError(error.reason) from error
    if isinstance(node, ListValueNode):
        return [_exact(each, variables) for each in node.values]
    if isinstance(node, ObjectValueNode):
        return {each.name.value: _exact(each.value, variables) for each in node.fields}
    found: object = value_from_ast_untyped(node, variables)
    return found


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise GraphQLError(tr("must be a number, not text"))
    return Decimal(value)


def _decimal_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Decimal:
    return _decimal(_exact(node, variables))


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise GraphQLError(tr("must be a time such as 2025-01-15T10:30:00Z"))
    with suppress(ValueError, OverflowError):
        read = datetime.fromisoformat(value)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
    raise GraphQLError(tr("must be a time with its zone such as 2025-01-15T10:30:00Z"))


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  any JSON value
    return value


SCALARS: dict[object, Any] = {  # for the schema's configuration
    datetime: strawberry.scalar(name="DateTime", description="A time in UTC, ISO 8601", serialize=iso_utc, parse_value=_moment),
    JSON: strawberry.scalar(name="JSON", description="Any JSON value; its numbers are exact", parse_value=_as_it_is, parse_literal=_exact),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="kWh, a count or an amount of money: an exact JSON number, never text",
        parse_value=_decimal,
        parse_literal=_decimal_literal,
    ),
}
