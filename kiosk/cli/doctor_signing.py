"""Whether this counter signs, whom it believes, and whether anybody may speak on the broker (decision 26).

Anybody may where a session without a user and without a certificate is let in, and its message is taken on a topic of the platform's.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.domain.language import tr, tr_count
from kiosk.domain.times import iso_utc

if TYPE_CHECKING:
    from kiosk.settings import Settings
    from kiosk.station.adapters.mqtt.station_guard import StationGuard


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningFinding:
    """What was found, and how to repair it where it is not ok."""

    ok: bool
    what: str
    mend: str = ""
    required: bool = False


async def find_signing(settings: "Settings") -> SigningFinding:
    """Looks at this counter's files, and tries the broker."""
    from kiosk.bootstrap import link_of, signing_of
    from kiosk.shared.mqtt.open_broker import anybody_may_publish

    guard = signing_of(settings).guard
    if guard is not None:
        return _signed(settings, guard)
    is_open = await anybody_may_publish(link_of(settings, "anybody"), f"rtrn/abs/attendant/plan/doctor-{settings.station.id}/probe")
    words = tr("The dialect field has no signatures.") if settings.mqtt.dialect == "field" else tr("Messages are not signed.")
    if not is_open:
        return SigningFinding(ok=True, what=words)
    what = f"{words} {tr('Anybody may speak on this broker.')}"
    return SigningFinding(ok=False, what=what, mend=tr("Give the broker users, and enrol this counter: [station] enrolment_file."))


def _signed(settings: "Settings", guard: "StationGuard") -> SigningFinding:
    from kiosk.station.adapters.mqtt.refused_messages import last_refused

    identity, known = guard.identity, last_refused(settings.data)
    refused = "" if known is None else _refused_words(known.count, iso_utc(known.last_at), known.topic, known.reason)
    trouble = identity.trouble or identity.expired(guard.time.now())
    if trouble:
        what = f"{tr('Nothing can be signed: {reason}.', reason=trouble.rstrip('.'))} {refused}".rstrip()
        if identity.key is not None:
            what = f"{tr('The new key is not registered: {reason}.', reason=trouble.rstrip('.'))} {refused}".rstrip()
        return SigningFinding(ok=False, what=what, mend=tr("Ask the platform's people for a new enrolment file."), required=True)
    if identity.key is None:
        what = f"{tr('The key is made and not registered yet.')} {refused}".rstrip()
        return SigningFinding(ok=False, what=what, mend=tr("Start the kiosk while the platform can be reached."), required=True)
    believed = ", ".join(each for each in identity.platform_keys if identity.believed(each, guard.time.now()))
    what = tr(
        "{station} signs with key {key}; the platform's: {keys}.", station=identity.station_id, key=identity.key.public.id, keys=believed
    )
    return SigningFinding(ok=True, what=f"{what} {refused}".rstrip())


def _refused_words(count: int, at: str, topic: str, reason: str) -> str:
    number = tr_count("{count} message was not used.", "{count} messages were not used.", count)
    return f"{number} {tr('The last, at {at} on {topic}: {reason}.', at=at, topic=topic, reason=reason.rstrip('.'))}"
