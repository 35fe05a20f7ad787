"""A screen reader's end of AT-SPI: walks the tree that a window shows on the accessibility bus, presses, types, hears announcements.

Works on a thread of its own, as the window answers on its own; needs a session bus (`at_spi_cases.py` has one to itself).
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from tests.ui.page_counter import spin

AT_SPI = "org.a11y.atspi"
REGISTRY, ROOT = f"{AT_SPI}.Registry", "/org/a11y/atspi/accessible/root"
PROPERTIES = "org.freedesktop.DBus.Properties"
ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Thing:
    """Something on the bus: whose it is and where."""

    owner: str
    path: str


@dataclass(frozen=True, slots=True)
class Said:
    """A thing as it is read out."""

    thing: Thing
    role: str
    name: str


class Reader:
    """Connect with `connect`, end with `close`; `heard` are the announcements, the oldest first."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="screen reader", daemon=True)
        self._thread.start()
        self._bus: MessageBus | None = None
        self.heard: list[str] = []

    # -- what tests call: each waits while the window works on

    def connect(self) -> None:
        """Come to the accessibility bus as a screen reader does. It listens once the window is there: one that comes up in that moment
        may hear of no listener."""
        self._wait(self._connect())
        spin(lambda: bool(self.read()))
        self._wait(self._listen())

    def read(self) -> list[Said]:
        """Everything in the window, in the order of reading."""
        return self._wait(self._read())

    def find(self, role: str, name: str) -> Said:
        """The thing of this role whose name begins so, as soon as it is there."""
        found: list[Said] = []

        def there() -> bool:
            found[:] = [each for each in self.read() if each.role == role and each.name.startswith(name)]
            return bool(found)

        spin(there)
        return found[0]

    def press(self, name: str, role: str = "push button") -> None:
        """Press a button, or choose a row, as soon as it is there and on."""
        spin(lambda: self._wait(self._do(self.find(role, name).thing, "Press")))

    def write(self, name: str, words: str) -> None:
        """Type into a field."""
        (done,) = self._wait(self._call(self.find("text", name).thing, f"{AT_SPI}.EditableText", "SetTextContents", "s", [words]))
        assert done

    def text(self, name: str) -> str:
        """What is typed in a field."""
        (words,) = self._wait(self._call(self.find("text", name).thing, f"{AT_SPI}.Text", "GetText", "ii", [0, -1]))
        return str(words)

    def measured(self, said: Said) -> tuple[float, str]:
        """A bar's value in percent, and in words."""
        number = self._wait(self._property(said.thing, "Value", "CurrentValue"))
        return float(number), str(self._wait(self._property(said.thing, "Accessible", "Description")))

    def close(self) -> None:
        if self._bus is not None:
            self._bus.disconnect()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_SECONDS)
        self._loop.close()

    # -- on its thread

    def _wait[T](self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, ANSWER_SECONDS), self._loop)
        spin(future.done)
        return future.result()

    async def _connect(self) -> None:
        session = await MessageBus(bus_type=BusType.SESSION).connect()
        reply = await session.call(Message(destination="org.a11y.Bus", path="/org/a11y/bus", interface="org.a11y.Bus", member="GetAddress"))
        session.disconnect()
        assert reply is not None
        self._bus = await MessageBus(bus_address=reply.body[0]).connect()
        self._bus.add_message_handler(self._hear)

    async def _listen(self) -> None:
        registry = Thing(REGISTRY, "/org/a11y/atspi/registry")
        await self._call(registry, REGISTRY, "RegisterEvent", "s", ["object:announcement"])
        rule = f"type='signal',interface='{AT_SPI}.Event.Object',member='Announcement'"
        bus = Thing("org.freedesktop.DBus", "/org/freedesktop/DBus")
        await self._call(bus, "org.freedesktop.DBus", "AddMatch", "s", [rule])

    def _hear(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.member == "Announcement":
            self.heard.append(str(message.body[3].value))

    async def _call(self, thing: Thing, interface: str, member: str, signature: str = "", body: list[Any] | None = None) -> list[Any]:
        assert self._bus is not None
        asked = Message(destination=thing.owner, path=thing.path, interface=interface, member=member, signature=signature, body=body or [])
        reply = await self._bus.call(asked)
        assert reply is not None
        if reply.message_type is MessageType.ERROR:
            raise LookupError(f"{member}: {reply.error_name} {reply.body}")
        return list(reply.body)

    async def _property(self, thing: Thing, interface: str, name: str) -> Any:
        (value,) = await self._call(thing, PROPERTIES, "Get", "ss", [f"{AT_SPI}.{interface}", name])
        return value.value

    async def _read(self) -> list[Said]:
        try:
            return [each async for each in self._walk(Thing(REGISTRY, ROOT))]
        except LookupError:  # the page turned meanwhile: what was found is gone
            return []

    async def _walk(self, thing: Thing) -> AsyncIterator[Said]:
        (children,) = await self._call(thing, f"{AT_SPI}.Accessible", "GetChildren")
        for child in (Thing(*each) for each in children):
            (role,) = await self._call(child, f"{AT_SPI}.Accessible", "GetRoleName")
            yield Said(child, role, await self._property(child, "Accessible", "Name"))
            async for below in self._walk(child):
                yield below

    async def _do(self, thing: Thing, action: str) -> bool:
        """Whether it can be done, and is."""
        try:
            (actions,) = await self._call(thing, f"{AT_SPI}.Action", "GetActions")
            places = [place for place, each in enumerate(actions) if each[0] == action]
            if not places:
                return False
            (done,) = await self._call(thing, f"{AT_SPI}.Action", "DoAction", "i", places[:1])
        except LookupError:
            return False
        return bool(done)
