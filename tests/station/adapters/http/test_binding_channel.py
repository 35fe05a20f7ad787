"""The platform's register over HTTP: what each answer becomes, and that no secret goes where it could be read."""

from typing import Any

import pytest

from kiosk.domain.battery.binding import Binding, BindingChange, Pair
from kiosk.domain.errors import BadInput, LinkDown, NotFound
from kiosk.domain.times import iso_utc
from kiosk.station.adapters.http.binding_channel import HttpBindings
from kiosk.station.adapters.http.client import PlatformAddress, PlatformClient
from kiosk.wire.exact_json import dumps, loads
from tests.builders import NOON
from tests.station.adapters.http.peer import Peer, http

X = "C8:47:8C:00:10:01"
TOLD = {"asset_id": "BAT-1", "address": X, "family": "jk", "serial": "S1", "has_secret": True, "bound_by": "SUP-007"}
TOLD |= {"bound_at": iso_utc(NOON), "station_id": "STATION-2"}
BOUND = Binding(
    battery_id="BAT-1", address=X, family="jk", serial="S1", has_secret=True, bound_by="SUP-007", bound_at=NOON, station_id="STATION-2"
)
CHANGE = BindingChange(
    change_id="CHG-1",
    battery_id="BAT-1",
    binding=BOUND,
    at=NOON,
    by="SUP-007",
    station_id="STATION-2",
    note="new board",
    replaces=(Pair(battery_id="BAT-2", address=X),),
)


@pytest.fixture
def bindings(client: PlatformClient) -> HttpBindings:
    return HttpBindings(client, page=7)


def answered(document: object, status: str = "200 OK") -> bytes:
    return http(status, dumps(document))


def page(**changes: Any) -> bytes:
    return answered({"batteries": [TOLD, {"asset_id": "BAT-9", "address": None}], "cursor": "c1", "more": True} | changes)


async def test_a_page_is_what_was_bound_and_what_was_unbound(peer: Peer, bindings: HttpBindings) -> None:
    peer.answer = page()
    told = await bindings.changes("a b&c")
    assert (told.bindings, told.unbound, told.cursor, told.more) == ((BOUND,), ("BAT-9",), "c1", True)
    assert peer.asked[0].startswith(b"GET /api/v1/batteries?limit=7&after=a+b%26c ")


async def test_everything_is_asked_for_without_a_cursor(peer: Peer, bindings: HttpBindings) -> None:
    peer.answer = page()
    await bindings.changes("")
    assert peer.asked[0].startswith(b"GET /api/v1/batteries?limit=7 ")


async def test_a_cursor_that_the_platform_does_not_know_is_named_as_such(peer: Peer, bindings: HttpBindings) -> None:
    peer.answer = answered({"error": {"code": "BadInput", "message": "No."}}, "400 Bad Request")
    with pytest.raises(BadInput) as refused:
        await bindings.changes("c0")
    assert refused.value.where == "cursor"


@pytest.mark.parametrize(
    "changes",
    [
        {"batteries": None},
        {"batteries": [{}]},
        {"batteries": [{**TOLD, "address": "BAT"}]},
        {"batteries": [{**TOLD, "bound_at": None}]},
        {"cursor": 3},
        {"more": "yes"},
    ],
)
async def test_an_answer_of_another_shape_is_refused(peer: Peer, bindings: HttpBindings, changes: dict[str, Any]) -> None:
    peer.answer = page(**changes)
    with pytest.raises(BadInput):
        await bindings.changes("")


async def test_a_change_is_put_with_all_that_it_says(peer: Peer, bindings: HttpBindings) -> None:
    peer.answer = answered({**TOLD, "history": []})
    assert await bindings.send(CHANGE, "s3cret-of-a-pack") == BOUND
    head, body = peer.asked[0].split(b"\r\n\r\n", 1)
    assert head.startswith(b"PUT /api/v1/batteries/BAT-1 ")
    assert loads(body) == {
        "address": X,
        "family": "jk",
        "serial": "S1",
        "secret": "s3cret-of-a-pack",
        "bound_by": "SUP-007",
        "bound_at": iso_utc(NOON),
        "station_id": "STATION-2",
        "note": "new board",
        "change_id": "CHG-1",
        "replaces": [{"asset_id": "BAT-2", "address": X}],
    }


async def test_what_is_bound_to_nothing_is_no_binding(peer: Peer, bindings: HttpBindings) -> None:
    peer.answer = answered({"asset_id": "BAT-1", "address": None, "history": []})
    assert await bindings.send(CHANGE, "") is None


async def test_a_conflict_is_a_refusal_with_the_platforms_sentence(peer: Peer, bindings: HttpBindings) -> None:
    peer.answer = answered({"error": {"code": "BindingTaken", "message": "Bound already."}, "asked": TOLD, "standing": [TOLD]}, "409 C")
    with pytest.raises(BadInput) as refused:
        await bindings.send(CHANGE, "")
    assert refused.value.reason == "Bound already"


async def test_a_platform_without_a_register_is_said(peer: Peer, bindings: HttpBindings) -> None:
    peer.answer = answered({"error": {"code": "NOT_FOUND", "message": "There is nothing at this address."}}, "404 Not Found")
    with pytest.raises(NotFound):
        await bindings.changes("")
    with pytest.raises(NotFound):
        await bindings.send(CHANGE, "")


async def test_one_batterys_secret_is_asked_for(peer: Peer, bindings: HttpBindings) -> None:
    peer.answer = answered({"asset_id": "A/B", "secret": "s3cret-of-a-pack"})
    assert await bindings.secret("a/b") == "s3cret-of-a-pack"
    assert peer.asked[0].startswith(b"GET /api/v1/batteries/A%2FB/secret ")


async def test_a_secret_that_cannot_be_one_is_refused_without_being_shown(peer: Peer, bindings: HttpBindings) -> None:
    peer.answer = answered({"asset_id": "BAT-1", "secret": "s3cret" * 50})
    with pytest.raises(BadInput) as refused:
        await bindings.secret("BAT-1")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://platform.example.org", "http://10.0.0.7:8080", "http://127.0.0.1.example.org"])
async def test_no_secret_leaves_this_machine_where_it_could_be_read(url: str) -> None:
    client = PlatformClient(PlatformAddress(url=url))
    channel = HttpBindings(client)
    assert not channel.keeps_secrets
    with pytest.raises(LinkDown, match="not https"):
        await channel.secret("BAT-1")
    with pytest.raises(LinkDown, match="not https"):
        await channel.send(CHANGE, "s3cret-of-a-pack")
    assert client._client is None  # nothing was opened


@pytest.mark.parametrize("url", ["https://platform.example.org", "http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost"])
def test_secrets_go_over_tls_or_stay_on_this_machine(url: str) -> None:
    assert HttpBindings(PlatformClient(PlatformAddress(url=url))).keeps_secrets


async def test_no_log_shows_a_secret(peer: Peer, bindings: HttpBindings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    peer.answer = answered({"asset_id": "BAT-1", "secret": "s3cret-of-a-pack"})
    await bindings.secret("BAT-1")
    peer.answer = answered({**TOLD, "history": []})
    await bindings.send(CHANGE, "s3cret-of-a-pack")
    assert "s3cret-of-a-pack" not in caplog.text
