"""The key that seals a record, as its file is now."""

from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import tr
from kiosk.shared.record_chain import RecordKey
from kiosk.shared.signing_keys import read_signing_key


class KeyFile:
    """Looks at the file each time: who gets a key while the program runs seals from then on."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._key: RecordKey | None = None

    def __call__(self) -> RecordKey | None:
        """None where there is no key yet. Raises BadInput for a file that others can read, or that holds no key."""
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
