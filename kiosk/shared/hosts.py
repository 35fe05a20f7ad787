"""Which hosts are this machine itself: what is sent there passes no network."""

from ipaddress import IPv6Address, ip_address


def is_loopback(host: str) -> bool:
    """`localhost`, 127.0.0.0/8 and ::1, in brackets too. A name is not looked up."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
