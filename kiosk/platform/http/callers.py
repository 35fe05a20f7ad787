"""How much one address may ask where nobody needs a token."""

from starlette.requests import Request

from kiosk.shared.system import Clock

WINDOW_SECONDS = 60.0
MAX_ASKS = 60  # of one address in a window
MAX_ADDRESSES = 10_000
_LOOPBACK = ("127.", "::1")


def address_of(request: Request) -> str:
    """Who asks. A reverse proxy on this machine says for whom, as the last one in its list: what stands before that the caller wrote."""
    peer = request.client.host if request.client else ""
    told = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return told[:64] if told and peer.startswith(_LOOPBACK) else peer


class AskLimit:
    """So many asks of each address in a window; what is counted is forgotten with it. For one event loop."""

    def __init__(self, clock: Clock, most: int = MAX_ASKS) -> None:
        self._clock, self._most = clock, most
        self._since, self._asked = clock.monotonic(), dict[str, int]()

    def take(self, address: str) -> bool:
        """Whether this address may ask now. Where more addresses came than are kept, all new ones share one count."""
        now = self._clock.monotonic()
        if now - self._since >= WINDOW_SECONDS:
            self._since, self._asked = now, {}
        name = address if address in self._asked or len(self._asked) < MAX_ADDRESSES else ""
        self._asked[name] = self._asked.get(name, 0) + 1
        return self._asked[name] <= self._most
