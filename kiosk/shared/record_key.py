"""The key that seals a record, as its file is now."""

import logging
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.shared.record_chain import RecordKey
from kiosk.shared.signing_keys import read_signing_key

log = logging.getLogger(__name__)


class KeyFile:
    """Looks at the file each time: who gets a key while the program runs seals from then on."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._key: RecordKey | None = None

    def __call__(self) -> RecordKey | None:
        """None where there is no key, and where the file cannot be used: a counter works without a seal, and the record says so."""
        try:
            found = self._file.stat()
            seen = (found.st_ino, found.st_mtime_ns, found.st_mode)
            if seen != self._seen:
                self._seen, self._key = seen, None
                self._key = RecordKey.of(read_signing_key(self._file))
        except FileNotFoundError:
            self._key = self._seen = None
        except BadInput as error:
            log.warning("the record is not sealed: %s %s", error.where, error.reason)
        except OSError as error:
            log.warning("the record is not sealed: %s cannot be read (%s)", self._file, error.strerror)
        return self._key
