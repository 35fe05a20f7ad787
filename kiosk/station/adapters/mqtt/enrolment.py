"""A station's first contact: it registers its key, by the secret of its enrolment file, and is told (decision 26). Then it looks after what
its signatures need: keys of the platform that followed the one it knows, and the sentence that says what is wrong.

The same key is sent until it is answered; a lost answer is asked for again and is the same. A refusal is the end of it until the program is
started with another file: the platform notes each. Nothing of it holds up a swap that was begun: what is completed waits in the outbox.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from kiosk.domain.errors import Forbidden, KioskError, LinkDown
from kiosk.domain.language import tr
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.station_guard import StationGuard
from kiosk.wire.actions import STATION_REVOKED
from kiosk.wire.enrolment import enrolment_question, read_enrolment_answer
from kiosk.wire.platform_keys import keys_that_follow
from kiosk.wire.station_topics import ENROL, enrol_topic, own_answer_topic

log = logging.getLogger(__name__)
TRY_SECONDS = 3.0
FIRST_SECONDS = 5.0
LOOK_SECONDS = 2.0
KEYS_SECONDS = 60.0
SIGNING = "signing"  # in the place of a topic, where the link is up and nothing is taken
AskKeys = Callable[[], Awaitable[object]]


class Enrolment:
    """Runs on the I/O thread as one task. `record` writes an act, with the id of a key; `on_enrolled` is called when the key is registered;
    `ask_keys` gives the platform's document of keys, None where there is no way to ask."""

    def __init__(
        self,
        session: MqttSession,
        guard: StationGuard,
        record: Callable[[str, str], None],
        *,
        on_enrolled: Callable[[], None] = lambda: None,
        ask_keys: AskKeys | None = None,
    ) -> None:
        self._session, self._guard, self._record = session, guard, record
        self._on_enrolled, self._ask_keys = on_enrolled, ask_keys
        self._answered = asyncio.Event()
        self._asked_for = ""
        self._keys_at = float("-inf")

    async def run(self) -> None:
        """Until cancelled. Nothing foreseen ends it."""
        await asyncio.gather(self._register(), self._look_after())

    async def first_contact(self) -> None:
        """For a command that begins at once: until the key is registered, but not for long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                await self._register()

    # ------------------------------------------------------------ the key

    async def _register(self) -> None:
        if not self._is_due:
            return
        listening = self._session.listen(own_answer_topic(self._guard.identity.station_id, ENROL), self._on_answer)
        try:
            while self._is_due:
                with suppress(LinkDown):
                    await self._session.wait_connected(TRY_SECONDS)
                    await self._session.ready(listening)
                    self._ask()
                self._answered.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._answered.wait(), TRY_SECONDS)
        finally:
            self._session.forget(listening)

    @property
    def _is_due(self) -> bool:
        return self._guard.identity.pending is not None and not self._guard.identity.refused

    def _ask(self) -> None:
        identity = self._guard.identity
        if identity.pending is None or identity.enrolment is None:
            return
        station, key = identity.station_id, identity.pending.public
        self._asked_for = f"ENROL-{key.id}"
        payload = enrolment_question(identity.enrolment.secret, station, key, self._guard.time.now()).write()
        delivery = Delivery(response_topic=own_answer_topic(station, ENROL), correlation_data=self._asked_for.encode(), expiry_seconds=60)
        self._session.publish(enrol_topic(station), payload, delivery)

    def _on_answer(self, message: MqttMessage) -> None:
        """Only what the platform signed comes here."""
        identity = self._guard.identity
        answer = read_enrolment_answer(message.payload, identity.station_id)
        is_to_us = message.correlation_data in (None, b"", self._asked_for.encode())
        if answer is None or identity.pending is None or not is_to_us:
            log.warning("an answer on %s is to no enrolment of this station", message.topic)
            return
        if answer.enrolled:
            self._finish()
        else:
            identity.refused = answer.reason or tr("it gives no reason")
            log.error("the platform refuses the enrolment: %.200r", identity.refused)
            self._note("enrolment refused", identity.pending.public.id)
        self._answered.set()

    def _finish(self) -> None:
        identity = self._guard.identity
        try:
            identity.finish_enrolment()
        except OSError as error:
            identity.fault = tr("the key cannot be kept: {reason}", reason=error.strerror or str(error))
            log.exception("the enrolment is not finished")
            return
        key = identity.key
        log.info("enrolled as %s with key %s", identity.station_id, "" if key is None else key.public.id)
        self._note("station enrolled", "" if key is None else key.public.id)
        self._on_enrolled()

    def _note(self, what: str, key_id: str) -> None:
        try:
            self._record(what, key_id)
        except KioskError as error:
            log.warning("%s could not be recorded: %s", what, error)

    # ------------------------------------------------------------ what its signatures need

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._say_trouble()
            await self._follow_keys()

    def _say_trouble(self) -> None:
        trouble = trouble_of(self._guard)
        if trouble:
            self._session.note_forbidden(Forbidden(trouble, SIGNING, publish=True))
        else:
            self._session.note_allowed(SIGNING)

    async def _follow_keys(self) -> None:
        """The keys that followed from those known, where something came that a key signed which is not."""
        now, loop_time = self._guard.time.now(), asyncio.get_running_loop().time()
        if self._ask_keys is None or not self._guard.unknown_key or loop_time - self._keys_at < KEYS_SECONDS:
            return
        self._keys_at, identity = loop_time, self._guard.identity
        try:
            document = await self._ask_keys()
            known = [each.key for each in identity.platform_keys.values() if identity.believed(each.key.id, now)]
            for new, by in keys_that_follow(document, known):
                identity.follow_key(new, by, now)
                self._note("platform key followed", new.id)
        except (KioskError, OSError) as error:
            log.warning("the platform's keys are not known anew: %s", error)
        self._guard.unknown_key = ""


def trouble_of(guard: StationGuard) -> str:
    """Why this station cannot sign, or the platform takes nothing of it: a phrase, "" where nothing is known. Nothing that anybody else may
    have sent makes one."""
    identity = guard.identity
    said = identity.trouble or identity.expired(guard.time.now())
    if said:
        return said
    return standing_words(guard.standing) if guard.standing else ""


def standing_words(signal: str) -> str:
    """A signal by which the platform takes nothing of a station, as a phrase."""
    if signal == STATION_REVOKED:
        return tr("the platform has taken this counter out of service")
    return tr("the platform does not accept this counter's signature")
