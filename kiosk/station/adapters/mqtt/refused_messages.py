"""What came and was not used because the platform did not sign it: logged, and kept for `doctor`. However much comes, a line in the log and
a write to the disk are made at most every ten seconds.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.domain.times import iso_utc
from kiosk.shared.durable_files import replace_whole
from kiosk.shared.system import Clock
from kiosk.wire.checked import Model, Moment, Text, Whole, checked
from kiosk.wire.exact_json import dumps, loads

log = logging.getLogger(__name__)
FILE = "refused-messages.json"
PAUSE_SECONDS = 10.0
MAX_CHARACTERS = 200


class _Document(Model):
    count: Whole
    last_at: Moment
    topic: Text
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRefused:
    """How many were not used, and the last of them that was noted."""

    count: int
    last_at: datetime
    topic: str
    reason: str


class RefusedMessages:
    """Of one session."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._file, self._clock = folder / FILE, clock
        known = last_refused(folder)
        self.count = 0 if known is None else known.count
        self._noted_at = float("-inf")

    def note(self, topic: str, reason: str) -> None:
        """One more, for this reason."""
        self.count += 1
        now = self._clock.monotonic()
        if now - self._noted_at < PAUSE_SECONDS:
            return
        self._noted_at = now
        shown = repr(topic)[:MAX_CHARACTERS]
        log.warning("a message on %s was not used: %s (%d so far)", shown, reason[:MAX_CHARACTERS], self.count)
        document = {"count": self.count, "last_at": iso_utc(self._clock.now()), "topic": shown, "reason": reason[:MAX_CHARACTERS]}
        try:
            replace_whole(self._file, dumps(document))
        except OSError as error:
            log.warning("that could not be kept: %s", error)


def last_refused(folder: Path) -> LastRefused | None:
    """What a counter has noted; None where it has noted nothing that can be read."""
    try:
        return LastRefused(**dict(checked(_Document, loads((folder / FILE).read_bytes()), BadInput)))
    except (OSError, BadInput):
        return None
