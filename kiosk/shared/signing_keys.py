"""Ed25519 keys (decision 26): made, kept in files that nobody else can read, and what they sign.

A private key is a PEM file (PKCS 8) of mode 0600, a public key is on the wire and in databases as the 32 bytes in base64.
A signature is base64 with padding.
"""

import base64
import hashlib
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.shared.durable_files import make_whole

_PUBLIC_BYTES, _SIGNATURE_BYTES, _ID_CHARACTERS = 32, 64, 16


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What checks signatures. Two are equal when their bytes are."""

    raw: bytes

    @classmethod
    def read(cls, text: str) -> Self:
        """From base64. Raises BadInput."""
        raw = _base64(text)
        if raw is None or len(raw) != _PUBLIC_BYTES:
            raise BadInput("the public key", tr("is not {count} bytes in base64", count=_PUBLIC_BYTES))
        return cls(raw)

    @property
    def text(self) -> str:
        """The 32 bytes in base64."""
        return base64.b64encode(self.raw).decode()

    @property
    def id(self) -> str:
        """Which key it is: the first 16 hex digits of its SHA-256."""
        return hashlib.sha256(self.raw).hexdigest()[:_ID_CHARACTERS]

    def signed(self, message: bytes, signature: str) -> bool:
        """Whether the owner of this key signed exactly this message; False for text that is no signature."""
        raw = _base64(signature)
        if raw is None or len(raw) != _SIGNATURE_BYTES:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(raw, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """A private key. It is never written anywhere but into its own file, and its `repr` tells nothing of it."""

    __slots__ = ("_private", "public")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = PublicKey(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def make(cls) -> Self:
        """A new one."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The key of these 32 bytes (RFC 8032): for test vectors."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, message: bytes) -> str:
        """The signature, base64 with padding. The same message has always the same one."""
        return base64.b64encode(self._private.sign(message)).decode()

    def derive(self, purpose: str) -> bytes:
        """32 bytes for a purpose of its own, from which the key cannot be found (HKDF over SHA-256)."""
        seed = self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(seed)

    def keep(self, file: Path) -> None:
        """Into a file of mode 0600, on the disk before the call returns. Raises FileExistsError where there is one already, OSError."""
        make_whole(file, self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def __repr__(self) -> str:
        return f"SigningKey({self.public.id})"


def read_signing_key(file: Path) -> SigningKey:
    """The key in a file. Raises FileNotFoundError; BadInput for a file that others can read or write, or that holds none."""
    refuse_open(file)
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BadInput(str(file), tr("cannot be read ({reason})", reason=error.strerror)) from error
    except (ValueError, TypeError) as error:
        raise BadInput(str(file), tr("holds no private key")) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(str(file), tr("holds a private key of another kind than Ed25519"))
    return SigningKey(key)


def refuse_open(file: Path) -> None:
    """A secret that others of this machine can read or write is refused. Raises BadInput, FileNotFoundError."""
    mode = stat.S_IMODE(file.stat().st_mode)
    if sys.platform != "win32" and mode & 0o077 and file.stat().st_uid in (os.getuid(), 0):
        raise BadInput(
            str(file), tr("can be read by others (mode {mode}); mend it with: chmod 600 {file}", mode=f"{mode:04o}", file=file.name)
        )


def _base64(text: str) -> bytes | None:
    """The bytes of base64 with padding; None for what is none, in any other spelling too."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw).decode() == text else None
