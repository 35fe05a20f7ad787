"""What every route needs; made once."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.platform.http.http_limits import HttpLimits
from kiosk.platform.http.metrics import PlatformMetrics
from kiosk.platform.rules import PlatformRules
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a caller proves itself with: `tokens` as bearer, `payment` as the key of the callback's signature."""

    tokens: frozenset[str] = field(repr=False)
    payment: bytes = field(repr=False)

    def accept(self, token: str) -> bool:
        """Whether this is one of the tokens. It takes the same time for every wrong one."""
        shown = token.encode()
        return sum(hmac.compare_digest(shown, each.encode()) for each in self.tokens) > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiContext:
    """The store is the caller's. `wake` has stored events published at once; it is called from any thread. `link` says why the
    broker cannot be reached now, "" when it can or when this process has no broker.
    """

    store: PlatformStore
    clock: Clock
    secrets: Secrets
    rules: PlatformRules = field(default_factory=PlatformRules)
    limits: HttpLimits = field(default_factory=HttpLimits)
    metrics: PlatformMetrics = field(default_factory=PlatformMetrics)
    wake: Callable[[], None] = lambda: None
    link: Callable[[], str] = lambda: ""
