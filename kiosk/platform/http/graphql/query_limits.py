"""How much one query may ask: its words, its depth, its aliases, its fragments; no text that no database keeps; and one operation at a
time. Beyond a limit nothing is done and the answer says which.

The body's length is limited before, with every other route's. Introspection is within the limits; GraphiQL's is the longest known.
"""

from collections.abc import Callable, Iterator
from typing import Any

from graphql import FragmentSpreadNode, GraphQLError, OperationDefinitionNode, StringValueNode, Visitor, visit
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter, SchemaExtension

from kiosk.domain.language import tr

MAX_TOKENS = 1500
MAX_DEPTH = 8  # introspection, which the library does not count, goes to 15
MAX_ALIASES = 20
MAX_SPREADS = 24
_NUL = "\0"


class DocumentLimiter(SchemaExtension):
    """What has to be looked at before validation. Fragments that spread each other twice double what validation looks at with each step, so
    their number is limited; a NUL character is refused, in literals and in variables, because PostgreSQL takes none. Of several operations
    one has to be named; the library would run the first.
    """

    def on_parse(self) -> Iterator[None]:
        """When the document is there."""
        yield
        seen = _Seen()
        if self.execution_context.graphql_document is not None:
            visit(self.execution_context.graphql_document, seen)
        if seen.spreads > MAX_SPREADS:
            raise GraphQLError(tr("the query spreads more than {count} fragments", count=MAX_SPREADS))
        if seen.nul or _holds_nul(self.execution_context.variables):
            raise GraphQLError(tr("text holds a NUL character"))
        named = self.execution_context._provided_operation_name  # noqa: SLF001  operation_name would be the first one's
        if seen.operations > 1 and named is None:
            raise GraphQLError(tr("the document has {count} operations; operationName must say which one to run", count=seen.operations))


class _Seen(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.spreads, self.operations, self.nul = 0, 0, False

    def enter_operation_definition(self, _node: OperationDefinitionNode, *_where: Any) -> None:  # noqa: ANN401  the library's own arguments
        """One more."""
        self.operations += 1

    def enter_fragment_spread(self, _node: FragmentSpreadNode, *_where: Any) -> None:  # noqa: ANN401  the library's own arguments
        """One more."""
        self.spreads += 1

    def enter_string_value(self, node: StringValueNode, *_where: Any) -> None:  # noqa: ANN401  as above
        """One more."""
        self.nul = self.nul or _NUL in node.value


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return _NUL in value
    if isinstance(value, dict):
        return any(_holds_nul(each) for pair in value.items() for each in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


def limiting() -> list[Callable[[], SchemaExtension]]:
    """Each makes its limit anew for an operation."""
    return [
        lambda: MaxTokensLimiter(MAX_TOKENS),
        DocumentLimiter,
        lambda: QueryDepthLimiter(MAX_DEPTH),
        lambda: MaxAliasesLimiter(MAX_ALIASES),
    ]
