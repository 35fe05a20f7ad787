"""What every test may use."""

import gc
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from kiosk.shared.garbage import collect_due
from tests.brokers import mosquitto, own_mosquitto
from tests.machine import own_path
from tests.postgres import own_postgres, postgres, shared_postgres
from tests.private_cups import cups, started_cups

__all__ = ["cups", "mosquitto", "own_mosquitto", "own_path", "own_postgres", "postgres", "shared_postgres", "started_cups"]

# A busy machine must not turn a right answer into a failure: pytest's own time limit is the deadline. The suite draws the same examples
# in every run, so that a red is the change's and not chance's; `make explore` draws others each time.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("kiosk", settings.get_profile("explore"), derandomize=True)
settings.load_profile("kiosk")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three workers for two processors: many tests wait for a broker, a print system or a deadline, and the processors with them."""
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, processors * 3 // 2)


gc.disable()  # as where there is a window: many tests have one, and threads beside it


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Garbage goes between the tests, in the thread of the window."""
    yield
    collect_due()


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """Commands close it for their process, which here is that of the tests: each begins with the usual one."""
    former = os.umask(0o022)
    yield
    os.umask(former)
