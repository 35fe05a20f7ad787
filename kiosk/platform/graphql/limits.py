"""How much one query may ask: its words, its depth, its aliases, its fragments. Beyond a limit nothing is done and the answer says which.

The body's length is limited before, with every other route's. Introspection is within the limits; GraphiQL's is the longest known.
"""

from collections.abc import Callable, Iterator
from typing import Any

from graphql import DocumentNode, FragmentSpreadNode, GraphQLError, Visitor, visit
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter, SchemaExtension

MOST_TOKENS = 1500
MOST_DEPTH = 8  # introspection, which the library does not count, goes to 15
MOST_ALIASES = 20
MOST_SPREADS = 24


class SpreadsLimiter(SchemaExtension):
    """Fragments that spread each other twice double what validation looks at with each step: their number is limited before."""

    def on_parse(self) -> Iterator[None]:
        """When the document is there."""
        yield
        document = self.execution_context.graphql_document
        if document is not None and _spreads(document) > MOST_SPREADS:
            raise GraphQLError(f"the query spreads more than {MOST_SPREADS} fragments")


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = 0

    def enter_fragment_spread(self, _node: FragmentSpreadNode, *_where: Any) -> None:  # noqa: ANN401  the library's own arguments
        """One more."""
        self.found += 1


def _spreads(document: DocumentNode) -> int:
    counting = _Spreads()
    visit(document, counting)
    return counting.found


def limiting() -> list[Callable[[], SchemaExtension]]:
    """Each makes its limit anew for an operation."""
    return [
        lambda: MaxTokensLimiter(MOST_TOKENS),
        SpreadsLimiter,
        lambda: QueryDepthLimiter(MOST_DEPTH),
        lambda: MaxAliasesLimiter(MOST_ALIASES),
    ]
