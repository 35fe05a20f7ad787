"""The load beside this process: `floors/load.py`, asked over its standard input."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kiosk.domain.errors import LinkDown
from tests.bench.floors.load import Outcome
from tests.bench.platform.tables import PLANS

OUTSTANDING = 100
_RAMP_SECONDS = 0.3


class Load:
    """Many kiosks that ask one platform. Raises LinkDown where a completion is refused or not answered."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._told()  # the first completion has been answered

    def full(self, seconds: float) -> Outcome:
        """As fast as they are answered."""
        return self._done({"outstanding": OUTSTANDING, "seconds": seconds + _RAMP_SECONDS, "ramp": _RAMP_SECONDS})

    def many(self, count: int) -> Outcome:
        """So many, as fast as they are answered."""
        return self._done({"outstanding": OUTSTANDING, "count": count})

    def steady(self, rate: float, seconds: float) -> Outcome:
        """So many a second."""
        return self._done({"rate": rate, "seconds": seconds + _RAMP_SECONDS, "ramp": _RAMP_SECONDS})

    def _done(self, job: dict[str, float]) -> Outcome:
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
        outcome = Outcome(**self._told())
        if outcome.refused or outcome.unanswered or not outcome.answered:
            raise LinkDown(f"of {outcome.answered} completions {outcome.refused} were refused and {outcome.unanswered} not answered")
        return outcome

    def _told(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise LinkDown("the load ended: nobody answers it, or it found no plan that is not being asked about")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def load_on(port: int, plans: int = PLANS) -> Iterator[Load]:
    """The load of one broker, for so many plans, from its first answered completion on."""
    command = [sys.executable, "-m", "tests.bench.floors.load", str(port), str(plans)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Load(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
