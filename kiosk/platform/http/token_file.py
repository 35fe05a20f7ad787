"""The file of tokens: who has which, read again while the platform runs as soon as it is another file.

A line is `ROLE NAME TOKEN` (`kiosk STATION-2 TOKEN`; `erp`, `desk`, `admin`, `metrics` with any name), or a token alone, which is an
`admin`'s and is said when it is read. Lines that are empty or begin with # are passed over. A role and name may have several tokens, so
that one is replaced without a moment without any. What happens on each kind of failure:

- A wrong line: BadInput with the file, the line's number and the reason, never with what stands there. Nothing of the file counts.
- A wrong file while the platform runs, or one that is gone: the former tokens stay in force; the log says so once, and `fault` as long as
  it lasts.
"""

import hashlib
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.platform.http.access import Caller, TokenRole
from kiosk.shared.secret_files import check_secret

log = logging.getLogger(__name__)
MIN_CHARACTERS = 16
MAX_BYTES = 4_000_000  # some ten thousand stations
LOOK_SECONDS = 1.0
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")  # a station's, by decision 26
_Signature = tuple[int, int, int, int]


class TokenFile:
    """The tokens of a file; implements TokenSource. Raises BadInput for a file that is wrong at the start. Tokens are kept as digests."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path, self._monotonic = path, monotonic
        self._looked = monotonic()
        self._seen = _signature(path)
        self._callers = self._read()
        self._fault = ""

    @property
    def known(self) -> frozenset[bytes]:
        """The SHA-256 of each token in force."""
        return frozenset(self._callers)

    @property
    def fault(self) -> str:
        self._look()
        return self._fault

    def caller(self, token: str) -> Caller | None:
        """Whose token this is. A look-up by digest: how long it takes tells nothing about a token."""
        self._look()
        return self._callers.get(_digest(token))

    def _look(self) -> None:
        """At most once in LOOK_SECONDS, and read again only where it is another file than before."""
        now = self._monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        signature = _signature(self._path)
        if signature == self._seen:
            return
        self._seen = signature
        try:
            self._callers = self._read()
        except BadInput as error:
            self._fault = f"{Path(error.where).name}: {error.reason}"
            log.error("the tokens in force stay the former ones: %s %s", error.where, error.reason)  # noqa: TRY400  no bug
        else:
            self._fault = ""
            log.warning("the tokens of %s were read again: %s are in force", self._path, len(self._callers))

    def _read(self) -> Mapping[bytes, Caller]:
        callers = parse_tokens(self._path, read_text(self._path))
        alone = sum(not each.name for each in callers.values())
        if alone:
            log.warning("%s: %s of its tokens have no role and may do everything (ROLE NAME TOKEN gives one)", self._path, alone)
        return callers


def read_text(path: Path) -> str:
    """What a file of secrets holds. Raises BadInput."""
    try:
        check_secret(path)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise BadInput(str(path), tr("is longer than {bytes} bytes", bytes=MAX_BYTES))
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(str(path), tr("cannot be read ({reason})", reason=reason)) from error


def parse_tokens(path: Path, text: str) -> dict[bytes, Caller]:
    """By the token's digest. Raises BadInput, whose words hold nothing of the text."""
    found: dict[bytes, Caller] = {}
    lines: dict[bytes, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        where = tr("{file}, line {number}", file=path, number=number)
        caller = _caller(where, words)
        digest = _digest(words[-1])
        if digest in found:
            raise BadInput(where, tr("holds the same token as line {number}", number=lines[digest]))
        found[digest], lines[digest] = caller, number
    if not found:
        raise BadInput(str(path), tr("is empty"))
    return found


def _caller(where: str, words: list[str]) -> Caller:
    if len(words) not in (1, 3):
        raise BadInput(where, tr("must be ROLE NAME TOKEN, or a token alone"))
    if len(words) == 1:
        _check_length(where, words[0])
        return Caller(role=TokenRole.ADMIN)
    if words[0] not in set(TokenRole):
        raise BadInput(where, tr("begins with none of the roles {roles}", roles=", ".join(TokenRole)))
    if not _NAME.fullmatch(words[1]):
        raise BadInput(where, tr("has a name that is not 1 to 40 letters, digits, dots, dashes and underscores"))
    _check_length(where, words[2])
    return Caller(role=TokenRole(words[0]), name=words[1])


def _check_length(where: str, token: str) -> None:
    if len(token) < MIN_CHARACTERS:
        raise BadInput(where, tr("holds a secret of less than {count} characters", count=MIN_CHARACTERS))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _signature(path: Path) -> _Signature | None:
    """What tells one file from another; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  follows the link of a mounted secret, as reading does
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size
