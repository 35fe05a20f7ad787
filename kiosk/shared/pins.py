"""PINs as they are kept: argon2id (RFC 9106), then a pepper. Nothing here keeps or shows a PIN.

**Two steps, two peppers.** `stretched(pin, salt)` is argon2id of the PIN with a random salt: what the platform hands a station. It never
lies anywhere as it is: the station keeps only `HMAC-SHA256(its own pepper, stretched)` (`Verifier`), and the platform keeps it encrypted
with AES-GCM under the platform's pepper (`sealed`). Either pepper is a file of mode 0600 beside the database, never in it. So a copied
database of either end tells no PIN, whoever copies it; who has a station's pepper too can try the PINs of that station's people, four
digits in minutes: then `station revoke` has them changed. A PIN is stretched on the machine where it is typed, and leaves none.

**Cost.** 64 MiB of memory, one pass, one lane: 73 to 120 ms on the slow machine that this was written on (two passes: 120 to 170 ms); asked
for were 50 to 150. OWASP's least for one pass is 46 MiB. Nobody's list makes a station use more than MAX_COST.
"""

import base64
import hmac
import logging
import secrets
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import tr
from kiosk.shared.durable_files import make_whole

log = logging.getLogger(__name__)
_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12


@dataclass(frozen=True, slots=True)
class Cost:
    """What one check costs: memory in KiB, passes, lanes."""

    memory: int = 65_536
    passes: int = 1
    lanes: int = 1


USUAL_COST = Cost()
MAX_COST = Cost(memory=262_144, passes=8, lanes=4)


@dataclass(frozen=True, slots=True)
class StretchedPin:
    """A PIN after argon2id: who has it can try PINs, so it is kept nowhere as it is."""

    salt: bytes
    cost: Cost
    key: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """For the wire: `m,t,p$salt$key`."""
        return f"{_head(self.salt, self.cost)}${_coded(self.key)}"

    @classmethod
    def read(cls, text: str) -> "StretchedPin":
        """Raises BadInput, without showing it."""
        salt, cost, key = _parts(text)
        return cls(salt, cost, key)


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a station keeps of a PIN; worth nothing without that station's pepper. `pepper_id` tells by which pepper it was made."""

    salt: bytes
    cost: Cost
    tag: bytes = field(repr=False)
    pepper_id: str

    @property
    def text(self) -> str:
        """As it is stored."""
        return f"{_head(self.salt, self.cost)}${_coded(self.tag)}${self.pepper_id}"

    @classmethod
    def read(cls, text: str) -> "Verifier":
        """Raises BadInput, without showing it."""
        head, _, pepper_id = text.rpartition("$")
        salt, cost, tag = _parts(head)
        return cls(salt, cost, tag, pepper_id)


def stretched(pin: str, salt: bytes | None = None, cost: Cost = USUAL_COST) -> StretchedPin:
    """The PIN after argon2id; with a new salt where none is given. Takes 50 ms and more: never on the thread of a window."""
    from argon2.low_level import Type, hash_secret_raw  # late: most commands check no PIN

    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    key = hash_secret_raw(pin.encode(), salt, cost.passes, cost.memory, cost.lanes, _BYTES, Type.ID)
    return StretchedPin(salt, cost, key)


class Pepper:
    """A station's pepper: makes verifiers and checks PINs by them."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.id = hmac.digest(secret, b"swap-kiosk-pepper-id", "sha256").hex()[:16]

    def verifier(self, pin: StretchedPin) -> Verifier:
        """What is kept of this PIN here."""
        return Verifier(pin.salt, pin.cost, self._tag(pin), self.id)

    def is_pin(self, pin: str, known: Verifier) -> bool:
        """Whether this is the PIN. Takes as long as `stretched`, right or wrong."""
        return hmac.compare_digest(self._tag(stretched(pin, known.salt, known.cost)), known.tag)

    def _tag(self, pin: StretchedPin) -> bytes:
        return hmac.digest(self._secret, b"swap-kiosk-pin-1\n" + pin.key, "sha256")


class Seal:
    """The platform's pepper: what it keeps of PINs, encrypted, each for one person."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sealed(self, pin: StretchedPin, person_id: str) -> str:
        """As it is stored at the platform."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _coded(nonce + AESGCM(self._secret).encrypt(nonce, pin.text.encode(), person_id.encode()))

    def opened(self, text: str, person_id: str) -> StretchedPin | None:
        """None where it was sealed with another pepper or for somebody else: that PIN must be made anew."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        raw = _decoded(text)
        try:
            return StretchedPin.read(AESGCM(self._secret).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], person_id.encode()).decode())
        except (InvalidTag, BadInput, ValueError):
            return None


def pepper_in(path: Path) -> bytes:
    """The secret in this file; made, mode 0600, where there is none.

    One that others may read is closed to them, and the log says so. Raises BadInput for one that cannot be read or closed, or is damaged.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(path)
        _close_to_others(path)
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(str(path), tr("cannot be read ({reason})", reason=fault_phrase(error))) from error
    found = _decoded(raw.decode("ascii", "replace").strip())
    if len(found) != _BYTES:
        raise BadInput(str(path), tr("holds no pepper: put back the file from a backup, or remove it and make all PINs anew"))
    return found


def _make(path: Path) -> None:
    try:
        make_whole(path, f"{_coded(secrets.token_bytes(_BYTES))}\n".encode())
    except FileExistsError:  # somebody was quicker
        return


def _close_to_others(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if sys.platform != "win32" and mode & 0o077:
        path.chmod(0o600)
        log.warning("%s could be read by others until now (mode %o): have all PINs made anew", path, mode)


def _head(salt: bytes, cost: Cost) -> str:
    return f"{cost.memory},{cost.passes},{cost.lanes}${_coded(salt)}"


def _parts(text: str) -> tuple[bytes, Cost, bytes]:
    figures, _, rest = text.partition("$")
    salt, _, key = (_decoded(each) for each in rest.partition("$"))
    numbers = [int(each) if each.isascii() and each.isdecimal() and len(each) < _DIGITS else 0 for each in figures.split(",")]
    if len(numbers) != len(_COST_PARTS) or len(salt) != _SALT_BYTES or len(key) != _BYTES:
        raise BadInput("verifier", tr("cannot be read"))
    cost = Cost(*numbers)
    if any(not 1 <= of(cost) <= of(MAX_COST) for of in _COST_PARTS) or cost.memory < _MIN_MEMORY * cost.lanes:
        raise BadInput("verifier", tr("asks for too much work"))
    return salt, cost, key


_DIGITS = 9
_MIN_MEMORY = 8
_COST_PARTS: tuple[Callable[[Cost], int], ...] = (lambda cost: cost.memory, lambda cost: cost.passes, lambda cost: cost.lanes)


def _coded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    """Empty for what is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
