"""What every route works with, made once by `platform serve` and by the tests alike."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.platform.desk import PlatformRules
from kiosk.platform.store.memory import PlatformStore
from kiosk.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a caller proves itself with: `tokens` as bearer, `payment` as the key of the callback's signature."""

    tokens: frozenset[str]
    payment: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiContext:
    """The store is the caller's. `wake` tells whoever publishes events that some were stored; called from any thread."""

    store: PlatformStore
    clock: Clock
    secrets: Secrets
    rules: PlatformRules = field(default_factory=PlatformRules)
    wake: Callable[[], None] = lambda: None
