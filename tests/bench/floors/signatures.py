"""Two signatures and two checks with the library alone: what a signed question and its signed answer cannot beat."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def twice(seed: bytes, other_seed: bytes, question: bytes, answer: bytes) -> Callable[[], None]:
    """Sign and check both, with keys that are at hand."""
    station, platform = Ed25519PrivateKey.from_private_bytes(seed), Ed25519PrivateKey.from_private_bytes(other_seed)
    station_public, platform_public = station.public_key(), platform.public_key()

    def work() -> None:
        station_public.verify(station.sign(question), question)
        platform_public.verify(platform.sign(answer), answer)

    return work
