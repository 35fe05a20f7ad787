"""`doctor`: what others on this machine or on the network could learn of the kiosk's secrets: how their files lie and how they travel."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import tr, tr_count
from kiosk.shared.secret_files import Exposure, exposure_of, exposure_words

if TYPE_CHECKING:
    from kiosk.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretsSeen:
    """What was found. `refused` says that the kiosk does not work with it as it is."""

    ok: bool
    what: str
    mend: str = ""
    refused: bool = False


def secret_files(settings: "Settings") -> tuple[Path, ...]:
    """The files with secrets that the settings name."""
    mqtt = settings.mqtt
    named = (mqtt.password_file, mqtt.tls_key or mqtt.tls_cert, settings.platform.token_file)
    return tuple(each for each in named if each is not None)


def look_at_secrets(settings: "Settings") -> SecretsSeen:
    """The files first, then what would be sent unencrypted."""
    refused, said = _exposed(secret_files(settings))
    unencrypted, allowed = _unencrypted(settings)
    wrong = (*refused, *unencrypted)
    found = (*wrong, *said, *allowed)
    if not found:
        count = len(secret_files(settings))
        words = tr_count("{count} file, which nobody else can read.", "{count} files, which nobody else can read.", count)
        return SecretsSeen(ok=True, what=words)
    mend = tr("Use TLS: [mqtt] tls = true, [platform] url = {url}.", url='"https://..."') if unencrypted or allowed else ""
    return SecretsSeen(ok=False, what=" ".join(found), mend=mend, refused=bool(wrong))


def _exposed(files: tuple[Path, ...]) -> tuple[list[str], list[str]]:
    """Sentences about files that are refused, and about those that others can only read."""
    refused, said = [], []
    for file in files:
        try:
            exposure = exposure_of(file)
            words = f"{file} {exposure_words(file, exposure)}."
        except OSError as error:
            refused.append(f"{file}: {fault_phrase(error)}.")
            continue
        if exposure is Exposure.WRITABLE:
            refused.append(words)
        elif exposure is Exposure.READABLE:
            said.append(words)
    return refused, said


def _unencrypted(settings: "Settings") -> tuple[list[str], list[str]]:
    """Sentences about secrets that are not sent for that, and about those that are, because a setting says so."""
    refused: list[str] = []
    allowed: list[str] = []
    for words, is_allowed in _shown(settings):
        (allowed if is_allowed else refused).append(words)
    return refused, allowed


def _shown(settings: "Settings") -> Iterator[tuple[str, bool]]:
    from kiosk.bootstrap import link_of, platform_client_of

    client = platform_client_of(settings)
    if link_of(settings, "doctor").shows_password:
        host, allowed = settings.mqtt.host, settings.mqtt.allow_plain
        yield _words(tr("the broker's password"), host, is_allowed=allowed), allowed
    if client is not None and client.address.shows_token:
        yield _words(tr("the platform's token"), client.address.url, is_allowed=client.address.allow_plain), client.address.allow_plain


def _words(what: str, where: str, *, is_allowed: bool) -> str:
    if is_allowed:
        return tr("Unencrypted, as allow_plain says: {secret} to {where}.", secret=what, where=where)
    return tr("Not sent, as it would be unencrypted: {secret} to {where}.", secret=what, where=where)
