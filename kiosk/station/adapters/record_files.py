"""Files beside the database: the station's key, of which the record's is derived, and the last head that the platform has."""

import contextlib
from pathlib import Path

from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.file_faults import fault_phrase, fault_repair
from kiosk.domain.language import tr
from kiosk.shared.durable_files import replace_whole
from kiosk.shared.record_chain import Head

STATION_KEY, RECORD_HEAD = "station-key.pem", "record-head"


class AcknowledgedHead:
    """The `HeadFile` of the ports."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> Head | None:
        with contextlib.suppress(OSError, BadInput, UnicodeDecodeError):
            return Head.read(self._file.read_text(encoding="utf-8").strip())
        return None

    def keep(self, head: Head) -> None:
        try:
            replace_whole(self._file, f"{head.text}\n".encode())
        except OSError as error:
            why = tr("what the platform has of the record cannot be kept ({why})", why=fault_phrase(error))
            raise StoreFailed(why, fault_repair(error)) from error
