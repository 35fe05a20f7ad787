"""What went wrong, as a client of GraphQL gets it: one sentence, and under `extensions` a `code` and the facts.

- What stops a step (a KioskError): its sentence, its name as the code, its facts, so also every reason of a refused refinement.
- A query that cannot be read, asks for what is not there or goes beyond a limit: the library's or the limit's sentence, code BadQuery.
- Anything else is a bug: logged, and answered without details, code InternalError.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from graphql import GraphQLError

from kiosk.domain.errors import KioskError
from kiosk.domain.language import tr
from kiosk.domain.messages import message_for
from kiosk.domain.times import iso_utc

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
