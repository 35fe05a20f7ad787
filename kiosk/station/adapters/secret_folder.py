"""Secrets of batteries on this machine: a file each, mode 0600, in a folder of mode 0700. No file's name tells whose it is.

A secret is kept of one binding: of an id, an address and the moment when they were bound. Bound anew, what was kept does not count any
more. A file that cannot be read as one, or that others can change, counts as none.
"""

import contextlib
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

from kiosk.domain.battery.binding import Binding
from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.file_faults import fault_phrase, fault_repair
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc
from kiosk.shared.durable_files import replace_whole
from kiosk.shared.secret_files import read_secret
from kiosk.wire.exact_json import dumps, loads

_JUST_NOW_SECONDS = 60.0


class SecretFolder:
    """The `SecretFiles` of the ports. The folder is made when the first secret is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def secret(self, binding: Binding) -> str:
        try:
            kept = loads(read_secret(self._file(binding.battery_id)).encode())
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise self._failed(error) from error
        except (BadInput, UnicodeDecodeError):
            return ""
        is_of_it = isinstance(kept, dict) and kept.get("of") == _of(binding) and isinstance(kept.get("secret"), str)
        return kept["secret"] if is_of_it else ""

    def keep(self, binding: Binding, secret: str) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_whole(self._file(binding.battery_id), dumps({"of": _of(binding), "secret": secret}))
        except OSError as error:
            raise self._failed(error) from error

    def forget(self, battery_id: str) -> None:
        try:
            self._file(battery_id).unlink(missing_ok=True)
        except OSError as error:
            raise self._failed(error) from error

    def keep_only(self, battery_ids: Sequence[str]) -> None:
        """What was written just now stays: another program may be about to bind it. Drafts that a power cut left are removed too."""
        try:
            found = tuple(self._folder.iterdir()) if self._folder.is_dir() else ()
            kept, now = {self._file(each) for each in battery_ids if found}, time.time()
            for file in found:
                with contextlib.suppress(FileNotFoundError):
                    if file not in kept and abs(now - file.stat().st_mtime) > _JUST_NOW_SECONDS:
                        file.unlink()
        except OSError as error:
            raise self._failed(error) from error

    def _file(self, battery_id: str) -> Path:
        return self._folder / hashlib.sha256(battery_id.encode()).hexdigest()

    def _failed(self, error: OSError) -> StoreFailed:
        why = tr("the secrets of batteries in {folder} cannot be used ({why})", folder=self._folder, why=fault_phrase(error))
        return StoreFailed(why, fault_repair(error))


def _of(binding: Binding) -> list[str]:
    return [binding.battery_id, binding.address, iso_utc(binding.bound_at)]
