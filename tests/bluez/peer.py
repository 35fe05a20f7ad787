"""One end of a D-Bus that answers method calls and sends signals, by dbus-fast.

A call that is refused is answered with the error named in Refused; one that fails otherwise with org.bluez.Error.Failed; `NEVER` with
nothing at all. dbus-fast 5.2.0 closes a connection whose socket is full (EAGAIN), so nothing is written before the socket takes it.
"""

import asyncio
import select
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NamedTuple

from dbus_fast import Message, MessageFlag, MessageType, RequestNameReply
from dbus_fast.aio import MessageBus

_DAEMON, _DAEMON_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"


class Refused(Exception):
    """An answer that is an error: its D-Bus name and text."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(name, text)
        self.name, self.text = name, text


class Reply(NamedTuple):
    """The signature and the values of an answer."""

    signature: str = ""
    body: tuple[Any, ...] = ()


DONE = Reply()
NEVER = Reply("never")


class Peer:
    """`answer` is called for each method call to a path that starts with `root`; `gone` with the name of each peer that left."""

    def __init__(self, address: str, root: str, answer: Callable[[Message], Awaitable[Reply]], gone: Callable[[str], None]) -> None:
        self._address, self._root, self._answer, self._gone = address, root, answer, gone
        self._queue: asyncio.Queue[Message | bytes] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, name: str) -> None:
        """Connect and take the well-known name."""
        self._bus = MessageBus(bus_address=self._address)
        await self._bus.connect()
        assert self._bus._sock is not None
        self._socket = self._bus._sock.dup()  # a number of its own, since dbus-fast watches the other one
        self._bus.add_message_handler(self._handle)
        rule = f"type='signal',sender='{_DAEMON}',member='NameOwnerChanged'"
        await self._bus.call(
            Message(destination=_DAEMON, path=_DAEMON_PATH, interface=_DAEMON, member="AddMatch", signature="s", body=[rule])
        )
        if await self._bus.request_name(name) is not RequestNameReply.PRIMARY_OWNER:
            raise RuntimeError(f"{name} is taken")
        self.spawn(self._write())

    async def close(self) -> None:
        """Leave the bus; what was not sent is lost."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._bus.disconnect()
        self._socket.close()

    @property
    def waiting(self) -> int:
        """How many messages are still to be written."""
        return self._queue.qsize()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run beside; ended with the peer."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self._queue.put_nowait(
            Message(
                message_type=MessageType.SIGNAL,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
                serial=self._bus.next_serial(),
            )
        )

    def raw(self, marshalled: bytes) -> None:
        """Messages ready made: for floods."""
        self._queue.put_nowait(marshalled)

    async def _write(self) -> None:
        while True:
            message = await self._queue.get()
            if isinstance(message, Message):
                await self._writable()
                await self._bus.send(message)
            else:
                await self._write_raw(message)

    async def _write_raw(self, marshalled: bytes) -> None:
        left = memoryview(marshalled)
        while left:
            await self._writable()
            left = left[self._socket.send(left) :]

    async def _writable(self) -> None:
        if select.select([], [self._socket], [], 0)[1]:
            return
        loop, free = asyncio.get_running_loop(), asyncio.Event()
        loop.add_writer(self._socket, free.set)
        try:
            await free.wait()
        finally:
            loop.remove_writer(self._socket)

    def _handle(self, message: Message) -> bool | None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, owner = message.body
            if not owner:
                self._gone(name)
        if message.message_type is not MessageType.METHOD_CALL or not (message.path == "/" or str(message.path).startswith(self._root)):
            return None
        self.spawn(self._reply(message))
        return True

    async def _reply(self, call: Message) -> None:
        try:
            reply = await self._answer(call)
        except Refused as refused:
            answer = Message.new_error(call, refused.name, refused.text)
        except Exception as error:  # noqa: BLE001  a bug in here must fail the test that meets it, not hang it
            answer = Message.new_error(call, "org.bluez.Error.Failed", repr(error))
        else:
            if reply is NEVER:
                return
            answer = Message.new_method_return(call, reply.signature, list(reply.body))
        if not call.flags & MessageFlag.NO_REPLY_EXPECTED:
            answer.serial = self._bus.next_serial()
            self._queue.put_nowait(answer)
