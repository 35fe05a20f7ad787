"""Places of those who wait, shares of what is under way, and from which address a request comes."""

from typing import Any

import pytest

from kiosk.domain.errors import BadInput
from kiosk.platform.http.addresses import Proxies, counted_as
from kiosk.platform.http.places import Places, Shares


def test_one_caller_displaces_its_own_oldest() -> None:
    places = Places[str](10, 2)
    assert [places.take("a", each) for each in ("a1", "a2", "a3", "a4")] == [None, None, "a1", "a2"]
    assert places.take("b", "b1") is None


def test_where_all_places_are_taken_the_caller_with_most_gives_way() -> None:
    places = Places[str](4, 3)
    for each in ("b1", "a1", "a2", "a3"):
        places.take(each[0], each)
    assert places.take("c", "c1") == "a1"
    assert places.take("d", "d1") == "a2"
    assert places.take("a", "a4") in ("a3", "b1")


def test_who_leaves_makes_room_and_who_is_there_keeps_the_place() -> None:
    places = Places[str](2, 2)
    first, second, third = "one", "two", "three"
    places.take("a", first)
    places.take("a", second)
    assert places.take("a", first) is None
    places.leave(second)
    places.leave(second)
    assert places.take("a", third) is None
    assert places.take("a", second) == first


def test_shares_are_counted_by_name_and_in_all() -> None:
    shares = Shares(3)
    with shares.one_more([("a", 2)]) as one, shares.one_more([("a", 2), ("b", 1)]) as two:
        assert (one, two) == (0, 0)
        with shares.one_more([("a", 2)]) as third:
            assert third == 429
        with shares.one_more([("b", 1), ("c", 9)]) as third:
            assert third == 429
        with shares.one_more([("c", 9)]) as third, shares.one_more([]) as fourth:
            assert (third, fourth) == (0, 503)
    with shares.one_more([("a", 1)]) as again:
        assert again == 0


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    return {"client": (peer, 1234) if peer else None, "headers": [(b"x-forwarded-for", each.encode()) for each in forwarded]}


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        ("127.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        ("127.0.0.1", ("1.2.3.4, 198.51.100.7",), "198.51.100.7"),
        ("127.0.0.1", ("1.2.3.4", "198.51.100.7"), "198.51.100.7"),
        ("127.0.0.1", ("198.51.100.7, 10.1.1.1",), "198.51.100.7"),
        ("127.0.0.1", ("1.2.3.4, nonsense, 10.1.1.1",), "10.1.1.1"),
        ("127.0.0.1", ("",), "127.0.0.1"),
        ("127.0.0.1", (), "127.0.0.1"),
        ("::ffff:127.0.0.1", ("2001:db8::1",), "2001:db8::1"),
        ("198.51.100.7", ("1.2.3.4",), "198.51.100.7"),
        (None, ("1.2.3.4",), ""),
    ],
)
def test_x_forwarded_for_is_believed_from_the_named_proxies_only(peer: str | None, forwarded: tuple[str, ...], origin: str) -> None:
    assert Proxies(["127.0.0.1", "10.0.0.0/8"]).origin(scope(peer, *forwarded)) == origin


def test_without_a_named_proxy_nobody_is_believed() -> None:
    assert Proxies().origin(scope("127.0.0.1", "1.2.3.4")) == "127.0.0.1"


def test_an_ipv6_network_is_one_caller() -> None:
    assert counted_as("2001:db8:1:2::7") == counted_as("2001:db8:1:2:ffff::9") != counted_as("2001:db8:1:3::7")
    assert (counted_as("::ffff:10.0.0.7"), counted_as("10.0.0.7"), counted_as("")) == ("10.0.0.7", "10.0.0.7", "")


@pytest.mark.parametrize("named", ["localhost", "10.0.0.0/33", "", "10.0.0.1/8"])
def test_what_is_no_address_is_refused(named: str) -> None:
    with pytest.raises(BadInput, match="trusted-proxy"):
        Proxies([named])
