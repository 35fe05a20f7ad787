"""A station's plans from a really served platform to the counter and to the terminal."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.system import SystemClock
from kiosk.station.events import PlanRefreshed
from tests.brokers import Mosquitto, free_port
from tests.builders import NOON, plan_of, plan_with
from tests.cli.terminal import Ran, Terminal
from tests.end_to_end.http_side import http_on, with_http
from tests.end_to_end.world import booked, counter, plan_named, settings_in
from tests.platform.agent_counter import completion, open_counter
from tests.platform.kiosks import platform_with

MANY = 250  # three pages of the kiosk's


def fill(books: Path, *plans: ServicePlan) -> None:
    """The platform knows these plans since yesterday."""
    store = PlatformStore(books)
    for plan in plans:
        store.insert_plan(plan, SystemClock().now() - timedelta(days=1))
    store.close()


@pytest.fixture
def terminal(tmp_path: Path, token: Path) -> Terminal:
    found = Terminal(tmp_path / "terminal", {"SWAP_KIOSK_PLATFORM__TOKEN_FILE": str(token)})
    found.folder.mkdir()
    found.configure()
    return found


async def sync(terminal: Terminal, url: str) -> Ran:
    """`plans sync`, while the platform is served in this loop."""
    return await asyncio.to_thread(terminal.run, "plans", "sync", SWAP_KIOSK_PLATFORM__URL=url)


async def test_a_counter_that_never_asked_for_a_plan_serves_it_offline(folder: Path, books: Path, token: Path) -> None:
    plan = plan_named("synced", plan_with(used_kwh="12.5"))
    fill(books, plan)
    async with http_on(books) as url, counter(with_http(settings_in(folder, free_port()), url, token)) as shop:
        await shop.heard.until(lambda event: event == PlanRefreshed(plan_id=plan.id))
        swap = await shop.with_batteries(plan.id)  # there is no broker
    assert swap.plan == plan


async def test_a_swap_made_here_and_then_synced_counts_once(mosquitto: Mosquitto, folder: Path, books: Path, token: Path) -> None:
    plan = plan_named("swapped")
    async with http_on(books) as url, platform_with(mosquitto, books, plan):
        async with counter(with_http(settings_in(folder, mosquitto), url, token)) as shop:
            await shop.settled(await shop.kiosk.swaps.complete(await shop.with_batteries(plan.id)))
        async with counter(with_http(settings_in(folder, free_port()), url, token)) as shop:  # the next morning, without a broker
            await shop.heard.until(lambda event: event == PlanRefreshed(plan_id=plan.id))
            swap = await shop.identify(plan.id)
    assert swap.plan.electricity is not None
    assert (swap.plan.swap_count.used, swap.plan.electricity.used, swap.plan.current_asset) == booked(books, plan.id)
    assert swap.plan.swap_count.used == plan.swap_count.used + 1


async def test_the_terminal_brings_all_pages_and_then_what_is_new(terminal: Terminal, books: Path) -> None:
    fill(books, *(replace(plan_of(), id=f"plan-{number:03}") for number in range(MANY)))
    async with http_on(books) as url:
        first, second = await sync(terminal, url), await sync(terminal, url)
    assert (first.code, first.out, first.err) == (0, "", f"{MANY} plans of STATION_XYZ new or changed\n")
    assert (second.code, second.err) == (0, "0 plans of STATION_XYZ new or changed\n")
    listed = await asyncio.to_thread(terminal.here, "plans", "list", "--json")
    assert len(listed.json) == MANY


async def test_the_terminal_brings_a_plan_that_changed_since(terminal: Terminal, books: Path) -> None:
    with open_counter(books) as platform:
        async with http_on(books) as url:
            await sync(terminal, url)
            platform.clock.at = NOON.replace(year=2100)
            platform.ask("complete_service", completion())
            changed = await sync(terminal, url)
    assert changed.err == "1 plan of STATION_XYZ new or changed\n"
    shown = await asyncio.to_thread(terminal.here, "plans", "show", plan_of().id)
    assert '"current_asset":"BAT-67890"' in shown.out


async def test_a_plan_that_cannot_be_read_is_named_and_the_others_come(terminal: Terminal, books: Path) -> None:
    fill(books, replace(plan_of(), id="plan-a"), replace(plan_of(), id="plan-b"))
    with closing(sqlite3.connect(books)) as connection, connection:
        connection.execute("UPDATE platform_plans SET document = '{}' WHERE plan_id = 'plan-a'")
    async with http_on(books) as url:
        ran = await sync(terminal, url)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[1:] == ["1 plan of STATION_XYZ new or changed", "plan-a: id is missing"]


async def test_a_platform_that_is_not_there_is_said(terminal: Terminal) -> None:
    ran = await sync(terminal, f"http://127.0.0.1:{free_port()}")
    assert (ran.code, ran.out) == (1, "")
    assert "127.0.0.1" in ran.err


async def test_a_token_that_is_not_taken_is_said(terminal: Terminal, books: Path, token: Path) -> None:
    await asyncio.to_thread(token.write_text, "another")
    async with http_on(books) as url:
        ran = await sync(terminal, url)
    assert ran.code == 1
    assert "token" in ran.err
