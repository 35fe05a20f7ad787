"""The schema: the specification's names as they stand, exact scalars, limits."""

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from kiosk.platform.http.graphql.mutations import Mutation
from kiosk.platform.http.graphql.queries import Query
from kiosk.platform.http.graphql.query_limits import limiting
from kiosk.platform.http.graphql.scalars import SCALARS


class _Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: the library would log every refused query with its stack; `graphql_errors.public_error` logs what is a bug."""


def make_schema() -> strawberry.Schema:
    """Takes some fifty milliseconds; made once."""
    config = StrawberryConfig(auto_camel_case=False, scalar_map=SCALARS)
    return _Schema(query=Query, mutation=Mutation, config=config, extensions=limiting())
