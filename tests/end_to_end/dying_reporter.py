"""A kiosk's telemetry in a process of its own that kills itself (as `kill -9` does) after a report is accepted, before that is noted.

python -m tests.end_to_end.dying_reporter FOLDER URL TOKEN_FILE
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.domain.battery.battery import FitnessLimits
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.http.client import HttpTelemetry, PlatformAddress, PlatformClient
from kiosk.station.adapters.store.reading_queue import ReadingQueue
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.services.telemetry import Telemetry
from tests.builders import reading


def die(_store: ReadingQueue, reports: Sequence[tuple[int, str]]) -> None:
    assert [reason for _, reason in reports] == [""]
    os.kill(os.getpid(), signal.SIGKILL)


async def main(folder: str, url: str, token_file: str) -> None:
    ReadingQueue.record_reports = die  # type: ignore[assignment, method-assign]  # the whole point
    readings = HttpTelemetry(PlatformClient(PlatformAddress(url=url, token_file=Path(token_file))))
    store = open_store(Path(folder) / "kiosk.sqlite")
    telemetry = Telemetry(store, readings, SystemClock(), station_id="STATION_XYZ", limits=FitnessLimits())
    telemetry.note(reading("BAT-12345"))
    await telemetry.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
