"""Whether this session hears what is sent to it: a message to itself, on a topic of its own.

A broker that checks its access list only when it delivers grants every subscription, and what may not be read never comes (Mosquitto's
`acl_file` is one). A list that does not let the session publish on its own topic, and a broker of MQTT 3.1.1, tell nothing.
"""

import asyncio

from kiosk.domain.errors import Forbidden, LinkDown
from kiosk.domain.language import tr
from kiosk.shared.mqtt.session import MqttSession, Subscription

ARRIVES_SECONDS = 2.0
AGAIN_SECONDS = 30.0


class OwnMessages:
    """`topic` is this session's alone."""

    def __init__(self, session: MqttSession, topic: str) -> None:
        self._session, self._topic = session, topic
        self._arrived = asyncio.Event()
        self._listening: Subscription | None = None
        self._looked_at = float("-inf")  # by the loop's time
        self._heard: bool | None = None  # what was found then

    async def check(self) -> bool | None:
        """True when they arrive, None where that cannot be found out. Looked at anew after AGAIN_SECONDS.

        Raises Forbidden where they do not arrive; LinkDown.
        """
        now = asyncio.get_running_loop().time()
        if now - self._looked_at >= AGAIN_SECONDS:
            self._heard = await self._hear()
            self._looked_at = now
        if self._heard is not False:
            self._session.note_allowed(self._topic)
            return self._heard
        error = Forbidden(tr("the broker does not let this kiosk read {topic}", topic=self._topic), self._topic, publish=False)
        self._session.note_forbidden(error)
        raise error

    async def _hear(self) -> bool | None:
        """Whether a message that the broker took comes back. Raises LinkDown."""
        if self._listening is None:
            self._listening = self._session.listen(self._topic, lambda _message: self._arrived.set())
        self._arrived.clear()
        try:
            await self._session.ready(self._listening)
        except Forbidden:  # of this topic alone: answers may be granted
            return None
        if not await self._session.ask_publish(self._topic, b""):
            return None
        try:
            await asyncio.wait_for(self._arrived.wait(), ARRIVES_SECONDS)
        except TimeoutError:
            if not self._session.connected:
                raise LinkDown(self._session.reason) from None
            return False
        return True
