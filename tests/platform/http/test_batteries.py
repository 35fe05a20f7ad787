"""The register of batteries over HTTP, on both databases: what is bound, what is told, what is a conflict, and who gets a secret."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from kiosk.domain.battery.binding import Binding, BindingChange
from kiosk.domain.errors import BadInput
from kiosk.domain.times import iso_utc
from kiosk.platform.http.addresses import Proxies
from kiosk.platform.http.app import platform_app
from kiosk.platform.store.battery_register import MAX_BATTERIES, BatteryRegister, InTheWay
from kiosk.platform.store.open_items import BindingConflicts
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.tables import battery_secrets
from kiosk.wire.battery_documents import BindingChangeDocument, SecretDocument
from tests.builders import NOON
from tests.platform.http.site import BEARER, calling, context_on

BATTERIES = "/api/v1/batteries"
ONE = f"{BATTERIES}/BAT-1"
X, Y, Z = "C8:47:8C:00:10:01", "C8:47:8C:00:10:02", "C8:47:8C:00:10:03"
SECRET = "s3cret-of-a-pack"  # noqa: S105  no secret


def bound(address: str | None = X, **facts: Any) -> dict[str, Any]:
    """A change as a kiosk puts it."""
    usual = {"family": "jk", "serial": "S1", "bound_by": "SUP-007", "bound_at": iso_utc(NOON), "station_id": "STATION-1"}
    return {"address": address, **(usual if address else {**usual, "family": "", "serial": ""}), **facts}


def ending(asset_id: str, address: str) -> list[dict[str, str]]:
    return [{"asset_id": asset_id, "address": address}]


async def put(client: httpx.AsyncClient, document: object, path: str = ONE) -> tuple[int, Any]:
    answer = await client.put(path, json=document)
    return answer.status_code, answer.json()


async def told(client: httpx.AsyncClient, after: str = "", **query: Any) -> Any:
    answer = await client.get(BATTERIES, params={"after": after, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def pairs(document: Any) -> dict[str, str | None]:
    return {each["asset_id"]: each["address"] for each in document["batteries"]}


async def test_what_is_bound_is_told_to_whoever_asks(client: httpx.AsyncClient) -> None:
    status, answered = await put(client, bound("c8478c001001"))
    assert status == 200
    (battery,) = (await told(client))["batteries"]
    assert battery == {
        "asset_id": "BAT-1",
        "address": X,
        "family": "jk",
        "serial": "S1",
        "has_secret": False,
        "bound_by": "SUP-007",
        "bound_at": iso_utc(NOON),
        "station_id": "STATION-1",
    }
    assert {name: value for name, value in answered.items() if name != "history"} == battery


async def test_put_again_nothing_changes(client: httpx.AsyncClient) -> None:
    first, again = await put(client, bound(change_id="C-1")), await put(client, bound(change_id="C-1"))
    named_otherwise = await put(client, bound(change_id="C-2", bound_by="SUP-008"))
    assert first == again == named_otherwise
    assert len(first[1]["history"]) == 1


async def test_a_change_is_done_once_whatever_happened_since(client: httpx.AsyncClient) -> None:
    await put(client, bound(change_id="C-1"))
    await put(client, bound(None, change_id="C-2"))
    assert (await put(client, bound(change_id="C-1")))[1]["address"] is None


async def test_a_second_address_for_a_sticker_is_a_conflict_and_changes_nothing(client: httpx.AsyncClient, store: PlatformStore) -> None:
    await put(client, bound(X, station_id="STATION-1"))
    status, answered = await put(client, bound(Y, station_id="STATION-2"))
    assert (status, answered["error"]["code"]) == (409, "BindingTaken")
    assert f"BAT-1 ({X})" in answered["error"]["message"]
    assert (answered["asked"]["address"], [each["address"] for each in answered["standing"]]) == (Y, [X])
    assert pairs(await told(client)) == {"BAT-1": X}
    (conflict,) = BindingConflicts(store).open()
    assert (conflict.asset_id, conflict.address, conflict.station_id, conflict.times) == ("BAT-1", Y, "STATION-2", 1)


async def test_a_conflict_that_is_sent_again_is_one_row(client: httpx.AsyncClient, store: PlatformStore) -> None:
    await put(client, bound(X))
    for _each in range(3):
        await put(client, bound(Y, change_id="C-9"))
    assert [each.times for each in BindingConflicts(store).open()] == [3]


async def test_one_address_under_two_stickers_is_a_conflict(client: httpx.AsyncClient, store: PlatformStore) -> None:
    await put(client, bound(X))
    status, answered = await put(client, bound(X), f"{BATTERIES}/BAT-2")
    assert (status, [each["asset_id"] for each in answered["standing"]]) == (409, ["BAT-1"])
    assert pairs(await told(client)) == {"BAT-1": X}
    assert [each.asset_id for each in BindingConflicts(store).open()] == ["BAT-2"]


async def test_a_supervisor_who_has_seen_what_stands_ends_it_and_the_history_keeps_both(client: httpx.AsyncClient) -> None:
    await put(client, bound(X, bound_by="SUP-001"))
    replaced = bound(Y, bound_by="SUP-002", note="new BMS board", replaces=ending("BAT-1", X))
    status, answered = await put(client, replaced)
    assert (status, answered["address"]) == (200, Y)
    assert [(each["what"], each["address"], each["bound_by"], each["note"]) for each in answered["history"]] == [
        ("rebound", Y, "SUP-002", "new BMS board"),
        ("bound", X, "SUP-001", ""),
    ]


async def test_a_pack_that_gets_another_sticker_leaves_the_former_one(client: httpx.AsyncClient) -> None:
    await put(client, bound(X))
    cursor = (await told(client))["cursor"]
    moved = bound(X, note="the sticker fell off", replaces=ending("BAT-1", X))
    assert (await put(client, moved, f"{BATTERIES}/BAT-2"))[0] == 200
    assert pairs(await told(client, cursor)) == {"BAT-1": None, "BAT-2": X}
    former = (await client.get(ONE)).json()
    assert [(each["what"], each["note"]) for each in former["history"]] == [("unbound", "the sticker fell off"), ("bound", "")]


async def test_two_supervisors_who_replace_one_binding_at_once_are_a_conflict(client: httpx.AsyncClient) -> None:
    await put(client, bound(X))
    seen = {"note": "new board", "replaces": ending("BAT-1", X)}
    first, second = await put(client, bound(Y, **seen)), await put(client, bound(Z, **seen))
    assert (first[0], second[0]) == (200, 409)
    assert pairs(await told(client)) == {"BAT-1": Y}


async def test_ending_a_binding_needs_a_note(client: httpx.AsyncClient) -> None:
    await put(client, bound(X))
    status, answered = await put(client, bound(Y, replaces=ending("BAT-1", X)))
    assert (status, "note" in answered["error"]["message"]) == (400, True)
    assert pairs(await told(client)) == {"BAT-1": X}


async def test_a_conflict_is_over_when_the_binding_is_made(client: httpx.AsyncClient, store: PlatformStore) -> None:
    await put(client, bound(X))
    await put(client, bound(Y))
    await put(client, bound(Y, note="looked", replaces=ending("BAT-1", X)))
    assert BindingConflicts(store).open() == ()


async def test_what_is_unbound_is_told_and_its_address_is_free(client: httpx.AsyncClient) -> None:
    await put(client, bound(X))
    cursor = (await told(client))["cursor"]
    assert (await put(client, bound(None)))[1]["address"] is None
    assert (await told(client, cursor))["batteries"] == [{"asset_id": "BAT-1", "address": None}]
    assert (await put(client, bound(X), f"{BATTERIES}/BAT-2"))[0] == 200


async def test_unbinding_what_was_bound_anew_elsewhere_changes_nothing(client: httpx.AsyncClient) -> None:
    await put(client, bound(X))
    await put(client, bound(Y, note="new board", replaces=ending("BAT-1", X)))
    status, answered = await put(client, bound(None, replaces=ending("BAT-1", X)))
    assert (status, answered["address"]) == (200, Y)


async def test_unbinding_what_was_never_bound_is_done_already(client: httpx.AsyncClient) -> None:
    assert await put(client, bound(None)) == (200, {"asset_id": "BAT-1", "address": None, "history": []})
    assert (await client.get(ONE)).status_code == 404


async def test_pages_bring_every_change_once_and_then_nothing(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await put(client, bound(f"C8:47:8C:00:11:0{number}"), f"{BATTERIES}/BAT-{number}")
    seen, cursor, more = [], "", True
    while more:
        page = await told(client, cursor, limit=2)
        seen += list(pairs(page))
        cursor, more = page["cursor"], page["more"]
    assert seen == [f"BAT-{number}" for number in range(5)]
    assert await told(client, cursor) == {"batteries": [], "cursor": cursor, "more": False}


async def test_a_battery_that_changed_comes_after_the_cursor_again(client: httpx.AsyncClient) -> None:
    await put(client, bound(X, serial=""))
    cursor = (await told(client))["cursor"]
    await put(client, bound(X, serial="S2"))
    assert [each["serial"] for each in (await told(client, cursor))["batteries"]] == ["S2"]


@pytest.mark.parametrize("cursor", ["x", "7", "-7", "00000000-1", "\u0661", "a" * 3000])
async def test_a_cursor_of_nobodys_is_a_clear_error(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get(BATTERIES, params={"after": cursor})
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "cursor cannot be used. Reason: is none of this platform's.")


async def test_a_cursor_beyond_the_last_change_is_of_a_database_that_was_restored(client: httpx.AsyncClient) -> None:
    identity = (await told(client))["cursor"].rpartition("-")[0]
    answer = await client.get(BATTERIES, params={"after": f"{identity}-1"})
    assert answer.status_code == 400


@pytest.mark.parametrize("limit", ["0", "-1", str(MAX_BATTERIES + 1), "many", "9" * 40])
async def test_a_page_has_a_size(client: httpx.AsyncClient, limit: str) -> None:
    assert (await client.get(BATTERIES, params={"limit": limit})).status_code == 400


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], "document"),
        ({}, "address"),
        (bound("BAT-1"), "address"),
        ({**bound(), "address": 5}, "address"),
        ({**bound(), "bound_by": ""}, "bound_by"),
        ({**bound(), "bound_at": "2025-01-15T10:00:00"}, "bound_at"),
        ({**bound(), "family": "x" * 65}, "family"),
        ({**bound(), "serial": "\u0000"}, "serial"),
        ({**bound(), "secret": ""}, "secret"),
        ({**bound(), "secret": "x" * 129}, "secret"),
        ({**bound(), "replaces": [{"asset_id": "BAT-1"}]}, "replaces[0].address"),
    ],
)
async def test_a_change_that_cannot_be_is_refused_with_its_place(client: httpx.AsyncClient, document: object, place: str) -> None:
    status, answered = await put(client, document)
    assert status == 400
    assert answered["error"]["message"].startswith(f"{place} cannot be used")
    assert pairs(await told(client)) == {}


async def test_a_secret_is_given_for_one_battery_and_stands_nowhere_else(
    client: httpx.AsyncClient, store: PlatformStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, answered = await put(client, bound(secret=SECRET))
    assert (status, answered["has_secret"]) == (200, True)
    given = await client.get(f"{ONE}/secret")
    assert (given.json(), given.headers["cache-control"]) == ({"asset_id": "BAT-1", "secret": SECRET}, "no-store")
    await put(client, bound(Y, secret=SECRET))  # a conflict
    listed = [(await client.get(each)).text for each in (BATTERIES, ONE)] + [str(BindingConflicts(store).open())]
    assert all(SECRET not in each for each in (*listed, caplog.text, str(answered)))


def test_a_fault_of_the_database_does_not_show_the_secret(store: PlatformStore) -> None:
    with store.reading() as connection, pytest.raises(IntegrityError) as fault:
        connection.execute(insert(battery_secrets), {"asset_id": "of nobody", "secret": SECRET})
    assert SECRET not in str(fault.value)


def test_what_is_checked_does_not_show_the_secret() -> None:
    change = BindingChangeDocument.model_validate({**bound(), "secret": SECRET})
    assert SECRET not in repr((change, SecretDocument.model_validate({"asset_id": "BAT-1", "secret": SECRET})))
    assert change.secret == SECRET


async def test_the_secret_goes_with_the_pack(client: httpx.AsyncClient) -> None:
    await put(client, bound(X, secret=SECRET))
    await put(client, bound(X, serial="S2"))
    assert (await client.get(f"{ONE}/secret")).status_code == 200
    await put(client, bound(Y, note="new board", replaces=ending("BAT-1", X)))
    assert (await client.get(f"{ONE}/secret")).status_code == 404
    await put(client, bound(Y, secret=SECRET))
    await put(client, bound(None))
    assert (await client.get(f"{ONE}/secret")).status_code == 404


PROXIED = [
    ("10.0.0.7", {"x-forwarded-proto": "https"}, 200),
    ("127.0.0.1", {"x-forwarded-proto": "https"}, 200),
    ("127.0.0.1", {}, 200),
    ("::1", {}, 200),
    ("127.0.0.1", {"x-forwarded-proto": "http"}, 403),
    ("127.0.0.1", {"x-forwarded-proto": "https, http"}, 403),
    ("127.0.0.1", {"x-forwarded-for": "10.0.0.9"}, 403),
    ("127.0.0.1", {"via": "1.1 proxy"}, 403),
    ("10.0.0.7", {}, 403),
]


@pytest.mark.parametrize(("host", "headers", "status"), PROXIED)
async def test_a_secret_goes_over_tls_or_not_at_all(store: PlatformStore, host: str, headers: dict[str, str], status: int) -> None:
    transport = httpx.ASGITransport(platform_app(context_on(store)), client=(host, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://platform", headers=BEARER) as client:
        kept = await client.put(ONE, json=bound(secret=SECRET), headers=headers)
        given = await client.get(f"{ONE}/secret", headers=headers)
    assert kept.status_code == status
    assert given.status_code == status
    assert (SECRET in given.text) is (status == 200)


NAMED = [
    ("10.0.0.7", {"x-forwarded-proto": "https"}, 200),
    ("10.0.0.8", {"x-forwarded-proto": "https"}, 403),
    ("127.0.0.1", {"x-forwarded-proto": "https"}, 403),
    ("127.0.0.1", {}, 200),
]


@pytest.mark.parametrize(("host", "headers", "status"), NAMED)
async def test_only_the_named_proxy_says_that_a_request_came_over_tls(
    store: PlatformStore, host: str, headers: dict[str, str], status: int
) -> None:
    transport = httpx.ASGITransport(platform_app(context_on(store, proxies=Proxies(["10.0.0.7"]))), client=(host, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://platform", headers=BEARER) as client:
        assert (await client.put(ONE, json=bound(secret=SECRET), headers=headers)).status_code == status


async def test_nothing_is_told_without_a_token(store: PlatformStore) -> None:
    async with calling(context_on(store), bearer=False) as client:
        assert {(await client.get(each)).status_code for each in (BATTERIES, ONE, f"{ONE}/secret")} == {401}
        assert (await client.put(ONE, json=bound())).status_code == 401


async def test_an_id_is_compared_as_elsewhere(client: httpx.AsyncClient) -> None:
    await put(client, bound(), f"{BATTERIES}/<bat-1>")
    assert (await client.get(f"{BATTERIES}/Bat-1")).json()["asset_id"] == "BAT-1"


async def test_the_description_names_every_address(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    one = f"{BATTERIES}/{{asset_id}}"
    assert {path: set(paths[path]) for path in paths if path.startswith(BATTERIES)} == {
        BATTERIES: {"get"},
        one: {"get", "put"},
        f"{one}/secret": {"get"},
    }


def test_stations_that_bind_one_sticker_at_the_same_moment_leave_one_binding(store: PlatformStore) -> None:
    def bind(number: int) -> bool:
        address = f"C8:47:8C:00:12:{number:02X}"
        binding = Binding(battery_id="BAT-1", address=address, family="jk", bound_at=NOON, bound_by="A", station_id=f"S-{number}")
        change = BindingChange(change_id=f"C-{number}", battery_id="BAT-1", binding=binding, at=NOON, by="A", station_id=f"S-{number}")
        return isinstance(BatteryRegister(store).change(change, "", NOON), InTheWay)

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(bind, range(8)))
    assert refused.count(False) == 1
    assert len(BindingConflicts(store).open()) == 7
    assert len(BatteryRegister(store).page("", 10).bindings) == 1


def test_a_reader_that_stands_at_a_number_has_seen_all_below_it(store: PlatformStore) -> None:
    """Writers at once: whoever follows the cursor misses none of them."""
    register, seen = BatteryRegister(store), set[str]()

    def bind(number: int) -> None:
        binding = Binding(battery_id=f"BAT-{number}", address=f"C8:47:8C:00:13:{number:02X}", family="jk", bound_at=NOON)
        register.change(BindingChange(change_id=f"C-{number}", battery_id=f"BAT-{number}", binding=binding, at=NOON, by="A"), "", NOON)

    cursor = ""
    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(bind, number) for number in range(40)]
        is_over = False
        while not is_over:
            all_written = all(each.done() for each in writing)
            page = register.page(cursor, 3)
            seen.update(each.battery_id for each in page.bindings)
            cursor, is_over = page.cursor, all_written and not page.more
    assert len(seen) == 40


def test_a_backup_that_was_restored_is_noticed(store: PlatformStore) -> None:
    register = BatteryRegister(store)
    binding = Binding(battery_id="BAT-1", address=X, family="jk", bound_at=NOON + timedelta(hours=1))
    register.change(BindingChange(change_id="C-1", battery_id="BAT-1", binding=binding, at=NOON, by="A"), "", NOON)
    ahead = f"{register.page('', 10).cursor.rpartition('-')[0]}-2"
    with pytest.raises(BadInput, match="cursor"):
        register.page(ahead, 10)


async def test_many_callers_at_once_are_answered(client: httpx.AsyncClient) -> None:
    paths = [f"{BATTERIES}/BAT-{number}" for number in range(12)]
    answers = await asyncio.gather(*(put(client, bound(f"C8:47:8C:00:14:{number:02X}"), path) for number, path in enumerate(paths)))
    assert {status for status, _ in answers} == {200}
