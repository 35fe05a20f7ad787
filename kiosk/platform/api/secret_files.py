"""Where the tokens and the payment secret lie: in files, never on a command line.

A file that is named is read and must be there. Where none is named the platform keeps its own in the data folder and makes it at the first
start, mode 0600; two that start at once agree on one. Files are read at the start: replacing a token takes a second line and a restart.
"""

import contextlib
import os
import secrets
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.platform.api.context import Secrets

LEAST_CHARACTERS = 16
_TOKENS, _PAYMENT = "http-tokens", "payment-secret"


def read_secrets(folder: Path, token_file: Path | None = None, payment_secret_file: Path | None = None) -> tuple[Secrets, tuple[Path, ...]]:
    """The secrets, and the files that were made just now. Raises BadInput with the file and the reason."""
    made: list[Path] = []
    tokens = _lines(token_file or _own(folder / _TOKENS, made))
    payment = _lines(payment_secret_file or _own(folder / _PAYMENT, made))
    if len(payment) != 1:
        raise BadInput(str(payment_secret_file), "must hold one line, the secret")
    return Secrets(tokens=frozenset(tokens), payment=payment[0].encode()), tuple(made)


def _own(path: Path, made: list[Path]) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            _make(path)
            made.append(path)
    except OSError as error:
        raise BadInput(str(path), f"cannot be made ({error.strerror})") from error
    return path


def _make(path: Path) -> None:
    """Whole or not at all: written beside, then linked to its name. Raises FileExistsError where somebody was quicker."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    try:
        path.hardlink_to(draft)
    finally:
        draft.unlink()


def _lines(path: Path) -> list[str]:
    """The lines that are neither empty nor a comment."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(str(path), f"cannot be read ({reason})") from error
    lines = [each.strip() for each in text.splitlines() if each.strip() and not each.startswith("#")]
    if not lines:
        raise BadInput(str(path), "is empty")
    if any(len(each) < LEAST_CHARACTERS for each in lines):
        raise BadInput(str(path), f"holds a secret of less than {LEAST_CHARACTERS} characters")
    return lines
