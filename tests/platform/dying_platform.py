"""A platform in a process of its own that kills itself (as `kill -9` does) at a chosen moment of its first swap.

    python -m tests.platform.dying_platform HOST PORT DATABASE before-commit|after-commit

Prints `ready` when it hears requests.
"""

import asyncio
import os
import signal
import sys
from typing import NoReturn

from sqlalchemy import Connection, Engine, event

from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.mqtt.link import LinkSettings


def die(*_args: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def die_before_commit() -> None:
    """When all of the swap is written and nothing is committed."""
    written: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def see(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        written.append(statement)

    @event.listens_for(Engine, "commit")
    def commit(_connection: Connection) -> None:
        if any("INSERT INTO platform_outgoing_events" in each for each in written):
            die()


def die_after_commit() -> None:
    """When the swap is committed and nobody knows."""
    PlatformService._publish_answer = die  # type: ignore[assignment, method-assign]  # the whole point


async def main(host: str, port: str, where: str, when: str) -> None:
    store = PlatformStore(where)
    (die_before_commit if when == "before-commit" else die_after_commit)()
    service = PlatformService(LinkSettings(host=host, port=int(port), client_id=f"dying-{os.getpid()}"), store)
    await service.start()
    await service.wait_ready(20)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
