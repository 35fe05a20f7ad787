"""The record of this counter, as services see it (decision 37)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.shared.record_chain import Head, RecordFinding, RecordRow

ACCEPTED = "findings acknowledged"
FINDINGS = "findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a look at the record found. `rows` were looked at; of `erased` ones what was said is gone; `anchored` is whether the last row is
    sealed by the station's key, `has_key` whether there is one; `accepted` is the last row by which a person acknowledged findings."""

    findings: tuple[RecordFinding, ...]
    rows: int
    erased: int
    anchored: bool
    has_key: bool
    head: Head
    accepted: RecordRow | None = None


class RecordStore(Protocol):
    """Each method raises StoreFailed."""

    def audit(
        self,
        at: datetime,
        what: str,
        correlation_id: str = "",
        detail: str = "",
        *,
        who: str = "",
        ids: Mapping[str, str] | None = None,
        digests: Mapping[str, str] | None = None,
    ) -> None:
        """As in `Store`."""

    def record_head(self) -> Head:
        """Where the record ends."""

    def record_row(self, number: int) -> RecordRow | None:
        """One row."""

    def record_rows(self, after: int = 0) -> Iterator[RecordRow]:
        """All rows after a number, in their order."""

    def check_record(self, acknowledged: Head | None, *, whole: bool, stopped: Callable[[], bool] = lambda: False) -> Checked:
        """Look at all rows and all messages, or at those rows after the acknowledged one and the messages that wait. For any thread; ends
        early once it is `stopped`."""


class HeadFile(Protocol):
    """Where the last head is kept that the platform is known to have: outside the database, so that an older copy of that is noticed."""

    def read(self) -> Head | None:
        """None where there is none, or none that can be read."""

    def keep(self, head: Head) -> None:
        """Raises StoreFailed."""
