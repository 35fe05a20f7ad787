"""Where the tokens and the payment secret lie: in files, never on a command line.

A file that is named is read and must be there. Where none is named the platform keeps its own in the data folder and makes it at the first
start, mode 0600; two that start at once agree on one. It is on the disk before its path is printed. One of its own that is empty, as a
power cut under a former version left it, was never used and is made anew. Files are read at the start: replacing a token takes a second
line and a restart.
"""

import contextlib
import secrets
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.platform.http.auth import Secrets
from kiosk.shared.durable_files import make_whole, one_at_a_time, sync_folder
from kiosk.shared.secret_files import read_secret

MIN_CHARACTERS = 16
_TOKENS, _PAYMENT = "http-tokens", "payment-secret"


def read_secrets(folder: Path, token_file: Path | None = None, payment_secret_file: Path | None = None) -> tuple[Secrets, tuple[Path, ...]]:
    """The secrets, and the files that were made just now. Raises BadInput with the file and the reason."""
    made: list[Path] = []
    tokens = _lines(token_file or _own(folder / _TOKENS, made))
    payment = _lines(payment_secret_file or _own(folder / _PAYMENT, made))
    if len(payment) != 1:
        raise BadInput(str(payment_secret_file), tr("must hold one line, the secret"))
    return Secrets(tokens=frozenset(tokens), payment=payment[0].encode()), tuple(made)


def _own(path: Path, made: list[Path]) -> Path:
    try:
        if _holds_something(path):
            return path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        sync_folder(path.parent.parent)
        with one_at_a_time(path.parent), contextlib.suppress(FileExistsError):
            if not _holds_something(path):
                path.unlink(missing_ok=True)
            make_whole(path, f"{secrets.token_urlsafe(32)}\n".encode())
            made.append(path)
    except OSError as error:
        raise BadInput(str(path), tr("cannot be made ({why})", why=error.strerror)) from error
    return path


def _holds_something(path: Path) -> bool:
    """Blocks that were never written read as NUL."""
    try:
        return bool(path.read_bytes().strip(b"\0 \t\r\n"))
    except FileNotFoundError:
        return False
    except OSError:
        return True  # the reason is given where it is read


def _lines(path: Path) -> list[str]:
    """The lines that are neither empty nor a comment."""
    try:
        text = read_secret(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(str(path), tr("cannot be read ({reason})", reason=reason)) from error
    lines = [each.strip() for each in text.splitlines() if each.strip() and not each.startswith("#")]
    if not lines:
        raise BadInput(str(path), tr("is empty"))
    if any(len(each) < MIN_CHARACTERS for each in lines):
        raise BadInput(str(path), tr("holds a secret of less than {count} characters", count=MIN_CHARACTERS))
    return lines
