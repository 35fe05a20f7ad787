"""Two files beside the database: the station's key, of which the record's is derived, and the last head that the platform has."""

import contextlib
from pathlib import Path

from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.file_faults import fault_phrase, fault_repair
from kiosk.domain.language import tr
from kiosk.shared.durable_files import replace_whole
from kiosk.shared.record_chain import Head, RecordKey
from kiosk.shared.signing_keys import read_signing_key

STATION_KEY, RECORD_HEAD = "station-key.pem", "record-head"


class KeyFile:
    """The record's key, as the file is now: a kiosk that is enrolled while it runs seals from then on."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._key: RecordKey | None = None

    def __call__(self) -> RecordKey | None:
        """None before enrolment. Raises BadInput for a file that others can read, or that holds no key."""
        try:
            found = self._file.stat()
            seen = (found.st_ino, found.st_mtime_ns, found.st_mode)
            if seen != self._seen:
                self._key, self._seen = RecordKey.of(read_signing_key(self._file)), seen
        except FileNotFoundError:
            self._key = self._seen = None
        except OSError as error:
            raise BadInput(str(self._file), tr("cannot be read ({reason})", reason=fault_phrase(error))) from error
        return self._key


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
