"""A simulated device: a name, bytes behind characteristics, what it notifies, and how its link behaves. No bleak, no protocol.

Whatever plays a Peripheral (bleak's backend in memory, a service on a bus) keeps to the same rules: a characteristic answers a read with
its bytes; a write or a subscription is handed to `on_write` or `on_subscribe`, and what these return is notified in order, `read_seconds`
before each, to who has subscribed by then; a link that ends takes what was not yet notified with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Ability = Literal["read", "write", "write-without-response", "notify"]
READ_ONLY: tuple[Ability, ...] = ("read",)

Notification = tuple[str, bytes]
"""One notification: the UUID of its characteristic, and its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peripheral:
    """`services` holds the bytes by service UUID and characteristic UUID; `properties` GATT's names by characteristic UUID where they are
    not just "read", `descriptions` the texts of descriptors 0x2901, by the same key. `advertised` are the service UUIDs in the
    advertisement, None for all there are. `reads_before_drop`: the link is lost at the next read or write after so many. `silent`: it
    connects, takes every write, and never answers a read or notifies.
    """

    address: str
    name: str
    rssi: int = -60
    services: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    properties: Mapping[str, tuple[Ability, ...]] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    advertised: tuple[str, ...] | None = None
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    on_write: Callable[[str, bytes], Sequence[Notification]] | None = None
    on_subscribe: Callable[[str], Sequence[Notification]] | None = None
    connect_seconds: float = 0.0
    read_seconds: float = 0.0
    reads_before_drop: int | None = None
    silent: bool = False

    @property
    def service_uuids(self) -> tuple[str, ...]:
        """What the advertisement lists."""
        return tuple(self.services) if self.advertised is None else self.advertised

    def properties_of(self, uuid: str) -> tuple[Ability, ...]:
        """GATT's names of what a characteristic can do."""
        return self.properties.get(uuid, READ_ONLY)

    def answer_write(self, uuid: str, data: bytes) -> Sequence[Notification]:
        """What is notified after this write."""
        return () if self.silent or self.on_write is None else self.on_write(uuid, data)

    def answer_subscription(self, uuid: str) -> Sequence[Notification]:
        """What is notified after this subscription, unasked."""
        return () if self.silent or self.on_subscribe is None else self.on_subscribe(uuid)
