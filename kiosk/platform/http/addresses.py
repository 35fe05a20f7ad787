"""From which address a request comes, and whose word about that counts.

A reverse proxy says in X-Forwarded-For who asked it. Anybody can write that header, so it is believed from the proxies that the operator
named, and from nobody else. Of several addresses in it the last one that is no such proxy counts: what stands before it is only the
caller's word.
"""

import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import Scope

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_HOME = 64  # bits of an IPv6 address that one customer of a provider shares


class Proxies:
    """The proxies that are believed, as addresses or networks ("127.0.0.1", "10.0.0.0/8"). Raises BadInput."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        try:
            self._networks = tuple(map(ipaddress.ip_network, named))
        except ValueError as error:
            raise BadInput("--trusted-proxy", tr("must be an address or a network such as 127.0.0.1 or 10.0.0.0/8")) from error

    @property
    def named(self) -> bool:
        return bool(self._networks)

    def believes(self, host: str) -> bool:
        """Whether this is one of them."""
        found = _read(host)
        return found is not None and any(found in each for each in self._networks)

    def origin(self, scope: Scope) -> str:
        """The address that asks: who is connected, or whom a proxy that is believed names. Empty where there is none (a local socket)."""
        host = peer_of(scope)
        told = Headers(scope=scope).getlist("x-forwarded-for") if self.believes(host) else []
        for each in reversed(",".join(told).split(",") if told else []):
            found = _read(each)
            if found is None:
                break
            host = str(found)
            if not self.believes(host):
                break
        return host


def peer_of(scope: Scope) -> str:
    """The address at the other end of the connection."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def counted_as(host: str) -> str:
    """What the limits count as one caller: an IPv4 address, the network of an IPv6 address."""
    found = _read(host)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, _HOME), strict=False))
    return str(found or host)


def _read(host: str) -> _Address | None:
    try:
        found = ipaddress.ip_address(host.strip())
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
