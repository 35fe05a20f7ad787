"""What a part of the HTTP side works with, and what callers prove themselves by. Who may do what is `access`'s."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.platform.http.access import TokenSource
from kiosk.platform.http.addresses import Proxies
from kiosk.platform.http.answers import HttpLimits
from kiosk.platform.http.metrics import PlatformMetrics
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.pins import Seal
from kiosk.shared.system import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a caller proves itself with: `tokens` as bearer, `payment` as the key of the callback's signature."""

    tokens: TokenSource = field(repr=False)
    payment: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiContext:
    """The store is the caller's. `wake` has stored events published at once; it is called from any thread. `link` says why the
    broker cannot be reached now, "" when it can or when this process has no broker. `seal` opens the PINs of people for their stations;
    None where this process tells nobody of people.
    """

    store: PlatformStore
    clock: Clock
    secrets: Secrets
    limits: HttpLimits = field(default_factory=HttpLimits)
    proxies: Proxies = field(default_factory=Proxies)
    metrics: PlatformMetrics = field(default_factory=PlatformMetrics)
    seal: Seal | None = None
    wake: Callable[[], None] = lambda: None
    link: Callable[[], str] = lambda: ""
