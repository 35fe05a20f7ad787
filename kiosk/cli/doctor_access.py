"""What the broker's access list lets this kiosk do: `doctor` publishes and reads where swaps do, on topics that nobody else listens to.

| topic | what is looked at |
|---|---|
| `call/uxi/attendant/plan/doctor-STATION/probe`, beside a completion's | is a message taken? MQTT 5 says so at QoS 1 |
| the station's own answer topic; without a key also that of the plan `doctor-STATION` | is one of the subscriptions granted? |
| `rtrn/abs/station/STATION/probe`, the kiosk's own prefix | does a message to itself arrive? Unknown where it may not be sent |

A broker of MQTT 3.1.1 takes a message that it forbids without a word, which is said.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.domain.errors import Forbidden
from kiosk.domain.language import tr
from kiosk.shared.mqtt.own_messages import OwnMessages
from kiosk.shared.mqtt.session import MqttSession

if TYPE_CHECKING:
    from kiosk.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The topics that are tried."""

    publish: str
    answers: tuple[str, ...]
    own: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What was found, and how to repair it where it is not ok."""

    ok: bool
    what: str
    mend: str = ""


def probe_of(settings: "Settings") -> Probe:
    """Beside the topics of a completion in the configured dialect. Raises BadInput for topics that cannot be used."""
    from kiosk.bootstrap import own_topic, signing_of, topics_of
    from kiosk.domain.requests import CompleteService
    from kiosk.wire.actions import BY_NAME, FIELD_COMPLETION, topic_for

    action = BY_NAME[FIELD_COMPLETION if settings.mqtt.dialect == "field" else CompleteService.action]
    topics, station = topics_of(settings), settings.station.id
    signing = signing_of(settings)
    own = () if signing.own is None else (signing.own.answer(action),)
    shared = () if signing.guard is not None else (topic_for(action.answer_patterns(topics)[0], f"doctor-{station}"),)
    asked = topic_for(action.request_pattern(topics), f"doctor-{station}")
    return Probe(publish=f"{asked.rpartition('/')[0]}/probe", answers=(*own, *shared), own=own_topic(station))


async def find_access(session: MqttSession, probe: Probe) -> Access:
    """Try it over a link that is up. Raises LinkDown where it breaks meanwhile."""
    try:
        await _ready_one(session, probe.answers)
        may_publish = await session.publish_asking(probe.publish, b"")
        reads = await OwnMessages(session, probe.own).check()
    except Forbidden as error:
        mend = tr("Allow it in the broker's access list: swaps cannot be confirmed without it.")
        return Access(ok=False, what=tr("{reason}.", reason=error.reason[:1].upper() + error.reason[1:]), mend=mend)
    if not may_publish:
        return Access(ok=True, what=tr("It cannot say whether this kiosk may publish: that needs MQTT 5."))
    if reads is None:
        return Access(ok=True, what=tr("This kiosk may publish. Whether it may read is known with the first answer."))
    return Access(ok=True, what=tr("This kiosk may publish and read."))


async def _ready_one(session: MqttSession, topics: tuple[str, ...]) -> None:
    """Raises what the last of them raises, where none may be read."""
    *first, last = topics
    for topic in first:
        with suppress(Forbidden):
            await session.ready(session.listen(topic, lambda _message: None, optional=True))
            return
    await session.ready(session.listen(last, lambda _message: None))
