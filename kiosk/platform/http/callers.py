"""How much one address may ask where nobody needs a token."""

from starlette.requests import Request

from kiosk.platform.http.addresses import Proxies, counted_as
from kiosk.shared.system import Clock

WINDOW_SECONDS = 60.0
MAX_ASKS = 60  # of one address in a window
MAX_ADDRESSES = 10_000


class AskLimit:
    """So many asks of each address in a window; what is counted is forgotten with it. For one event loop."""

    def __init__(self, clock: Clock, proxies: Proxies, most: int = MAX_ASKS) -> None:
        self._clock, self._proxies, self._most = clock, proxies, most
        self._since, self._asked = clock.monotonic(), dict[str, int]()

    def take(self, request: Request) -> bool:
        """Whether who asks may ask now. Where more addresses came than are kept, all new ones share one count."""
        address, now = counted_as(self._proxies.origin(request.scope)), self._clock.monotonic()
        if now - self._since >= WINDOW_SECONDS:
            self._since, self._asked = now, {}
        name = address if address in self._asked or len(self._asked) < MAX_ADDRESSES else ""
        self._asked[name] = self._asked.get(name, 0) + 1
        return self._asked[name] <= self._most
