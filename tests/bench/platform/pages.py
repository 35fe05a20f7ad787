"""Plan look-up, the kiosks' sync page and the pages for people, on databases of any size: for measuring by hand.

`python -m tests.bench.platform.pages URL [URL ...]` serves each database (PostgreSQL, filled by `swap-kiosk platform seed`) and prints, in
milliseconds, half and 99 of 100 of the answers for each. Every question is about another plan, station or swap, drawn at random; the
databases are asked in turn. The plan look-up is the kiosk's own client through a broker, the sync page and the look-up over GraphQL its
HTTP client and its reading of the answer, a page for people the bytes that a browser would get.
"""

import argparse
import asyncio
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import psycopg

from kiosk.domain.errors import LinkDown
from kiosk.domain.requests import CustomerCode
from kiosk.shared.mqtt.link import LinkSettings
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.http.client import HttpPlans, PlatformAddress, PlatformClient
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.wire.actions import Topics
from tests.bench import samples
from tests.bench.broker import HOST, bare_broker
from tests.bench.platform import entrants, tables

_ROUNDS = 150
_SECONDS = 30.0
_STATIONS = 1000  # of the crowd
_PLAN = "query Plan($id: ID!) { servicePlan(id: $id) { id service_state serviceStates { service_id used quota } document } }"
_PLANS = "query Plans($id: ID!) { servicePlans(customer_id: $id) { plans { id } } }"
Ask = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Served:
    """A platform on one database, and what there is to ask it about: `plans` and `events` are how many."""

    base: str
    token: str
    plans: int
    events: int
    client: PlatformClient
    identify: MqttPlans
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def questions(self) -> dict[str, Ask]:
        """Each asks about something else every time."""
        pages = {
            "/": lambda: "/",
            "/?q=(plan)": lambda: f"/?q={self._plan()}",
            "/?q=crowd": lambda: "/?q=crowd",
            "/?q=(customer)": lambda: f"/?q=CUST-{self._one(self.plans)}",
            "/?q=(battery)": lambda: f"/?q=OUT-{self._one(self.events)}",
            "/?q=BAT-1": lambda: "/?q=BAT-1",
            "/?q=(transaction)": lambda: f"/?q=CROWD-{self._one(self.events)}",
            "/?q=(nothing)": lambda: f"/?q=nobody-{self._one(10**6)}",
            "/plans/(plan)": lambda: f"/plans/{self._plan()}",
            "/plans?after=(plan)": lambda: f"/plans?after={self._plan()}",
            "/swaps": lambda: "/swaps",
            "/swaps?before=(number)": lambda: f"/swaps?before={self._one(self.events)}",
            "/payments": lambda: "/payments",
            "/open": lambda: "/open",
            "/events": lambda: "/events",
            "/metrics": lambda: "/metrics",
        }
        return {
            "plan look-up over MQTT": lambda: self.identify.identify(self._code(), _SECONDS),
            "plan look-up over GraphQL": lambda: self._graphql(_PLAN, self._plan()),
            "a customer's plans over GraphQL": lambda: self._graphql(_PLANS, f"CUST-{self._one(self.plans)}"),
            "sync page, the first": lambda: self._sync(""),
            "sync page, a following": self._following,
            **{f"page {name}": self._page(path) for name, path in pages.items()},
        }

    def _one(self, of: int) -> int:
        return random.randint(1, max(of, 1))

    def _plan(self) -> str:
        return f"crowd-{self._one(self.plans)}"

    def _code(self) -> CustomerCode:
        plan_id = self._plan()
        return CustomerCode(text=plan_id, plan_id=plan_id)

    async def _graphql(self, query: str, about: str) -> object:
        answer = await self.client.post("/graphql", {"query": query, "variables": {"id": about}})
        if "errors" in answer or not next(iter(answer["data"].values())):
            raise LinkDown(f"{query} of {about}: {answer}")
        return answer

    async def _sync(self, since: str) -> str:
        return (await HttpPlans(self.client, f"STATION-{self._one(_STATIONS) - 1}").changes(since)).cursor

    async def _following(self) -> float:
        """The seconds of the second page alone."""
        cursor = await self._sync("")
        began = perf_counter()
        await self._sync(cursor)
        return perf_counter() - began

    def _page(self, path: Callable[[], str]) -> Ask:
        return lambda: asyncio.to_thread(self._read, path())

    def _read(self, path: str) -> None:
        connection = HTTPConnection(self.base.removeprefix("http://"), timeout=_SECONDS)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise LinkDown(f"{path}: {answer.status} {body[:200]!r}")


async def measure(urls: Sequence[str], rounds: int) -> list[Served]:
    """All questions to all databases, in turn. Raises LinkDown for a wrong answer or none."""
    async with AsyncExitStack() as stack:
        served = [await stack.enter_async_context(_served(url)) for url in urls]
        for place in range(rounds + 5):
            for each in served:
                for name, ask in each.questions().items():
                    began = perf_counter()
                    told = await ask()
                    took = told if isinstance(told, float) else perf_counter() - began
                    if place >= 5:
                        each.seconds.setdefault(name, []).append(took)
    return served


@asynccontextmanager
async def _served(url: str) -> AsyncIterator[Served]:
    with TemporaryDirectory(prefix="swap-kiosk-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        token = folder / "token"
        token.write_text("the-token-of-the-benchmark\n", encoding="ascii")
        broker = stack.enter_context(bare_broker(folder))
        base = f"{HOST}:{_free_port()}"
        http = ("--http", base, "--token-file", str(token), "--payment-secret-file", str(token))
        stack.enter_context(entrants.platform(url, options=http)(broker))
        session = MqttSession(LinkSettings(host=HOST, port=broker, client_id="bench-pages"))
        await session.start()
        await session.wait_connected(_SECONDS)
        client = PlatformClient(PlatformAddress(url=f"http://{base}", token_file=token, timeout_seconds=_SECONDS))
        identify = MqttPlans(session, Topics(), SystemClock(), station_id=samples.STATION, attendant=lambda: samples.ATTENDANT)
        plans, events = _counted(url)
        yield Served(f"http://{base}", token.read_text().strip(), plans, events, client, identify)
        await client.close()
        await session.stop()


def _counted(url: str) -> tuple[int, int]:
    with psycopg.connect(tables.known_to_drivers(url)) as connection:
        row = connection.execute(
            b"SELECT (SELECT count(*) FROM platform_plans WHERE plan_id LIKE 'crowd-%') - 1, (SELECT count(*) FROM platform_transactions)"
        ).fetchone()
    return row or (0, 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _share(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(share * (len(seconds) - 1))] * 1000


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+", metavar="URL")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    options = parser.parse_args()
    served = asyncio.run(measure(options.urls, options.rounds))
    print("| ms, p50 / p99 |" + "".join(f" {each.plans:,} plans, {each.events:,} events |" for each in served))
    print("|---|" + "---|" * len(served))
    for name in served[0].seconds:
        cells = [f" {_share(each.seconds[name], 0.5):.1f} / {_share(each.seconds[name], 0.99):.1f} |" for each in served]
        print(f"| {name} |" + "".join(cells))


if __name__ == "__main__":
    main()
