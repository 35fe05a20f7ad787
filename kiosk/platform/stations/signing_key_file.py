"""The platform's private key: a file of mode 0600 beside its other secrets, the same for all workers, and how it is replaced.

The file is made at the first start alone: a database that knows a key needs that one, because stations believe nothing else. A rotation
that is broken off is finished by the same command again: the new key lies beside the file until the database knows it.
"""

from datetime import datetime
from pathlib import Path

from kiosk.domain.errors import BadInput, StationRefused
from kiosk.domain.language import tr
from kiosk.platform.store.key_list import KeyList
from kiosk.shared.durable_files import sync_folder
from kiosk.shared.signing_keys import SigningKey, read_signing_key

FILE_NAME = "signing-key.pem"


def open_signing_key(file: Path, keys: KeyList, now: datetime) -> tuple[SigningKey, bool]:
    """The key in the file, and whether it was made just now. Raises BadInput for a file that cannot be used, StationRefused for a key that
    is not this platform's, StoreFailed."""
    made = False
    try:
        key = read_signing_key(file)
    except FileNotFoundError:
        known = keys.current()
        if known is not None:
            raise BadInput(
                str(file),
                tr(
                    "is not there, and the stations of this database know the key {id}; bring its file back, or: key rotate --lost",
                    id=known.key.id,
                ),
            ) from None
        key, made = _make(file), True
    keys.begin(key.public, now)
    return key, made


def rotate(file: Path, keys: KeyList, now: datetime, who: str, *, lost: bool = False) -> SigningKey:
    """The new key, which is in the file from now on. Raises BadInput, StationRefused, StoreFailed."""
    former = None if lost else _read(file)
    if former is not None:
        _check_current(former, keys)
    beside = file.with_name(f"{file.name}.new")
    new = read_signing_key(beside) if beside.exists() else _make(beside)
    keys.succeed(former, new.public, now, who)
    try:
        beside.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise BadInput(str(file), tr("cannot be written ({reason})", reason=error.strerror)) from error
    return new


def _check_current(former: SigningKey, keys: KeyList) -> None:
    current = keys.current()
    if current is not None and current.key != former.public and current.signed_by != former.public.id:
        raise StationRefused(tr("the file holds another key than the platform's newest, {id}", id=current.key.id))


def _read(file: Path) -> SigningKey:
    try:
        return read_signing_key(file)
    except FileNotFoundError as error:
        raise BadInput(str(file), tr("is not there; is the key lost, then: key rotate --lost")) from error


def _make(file: Path) -> SigningKey:
    """Two that start at once agree on the one that was quicker."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        SigningKey.make().keep(file)
    except FileExistsError:
        pass
    except OSError as error:
        raise BadInput(str(file), tr("cannot be made ({why})", why=error.strerror)) from error
    return read_signing_key(file)
