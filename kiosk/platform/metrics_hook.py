"""The hook that counts the platform's answers; nothing counts them unless HTTP is served (`http.metrics`).

Several worker processes count into files of one folder, which prometheus_client looks for in $PROMETHEUS_MULTIPROC_DIR when it is imported:
so `shared_counts` comes before anything of HTTP.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class MetricsHook(Protocol):
    """Quick, and raises nothing."""

    def count_answer(self, action: str, payload: bytes, seconds: float) -> None:
        """An answer has left, so many seconds after its question came."""


@contextmanager
def shared_counts() -> Iterator[None]:
    """This process and those that it starts count into one folder, which goes at the end."""
    with tempfile.TemporaryDirectory(prefix="swap-platform-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]
