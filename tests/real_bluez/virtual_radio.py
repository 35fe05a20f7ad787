"""The air, and the adapter that the kernel meets as hci0: bumble's virtual controllers, put right where a kernel notices.

Runs in the process of `air` only, where bumble is. Its version is pinned, since methods of its controller are replaced here: each device
has its own signal strength, and its name may come in the scan response, as over the air.
"""

# mypy: disable-error-code="import-not-found", disallow-subclassing-any=False
# (bumble is no dependency of the project: it is installed for the virtual machine alone)

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from bumble.controller import Controller
from bumble.hci import (
    Address,
    HCI_ErrorCode,
    HCI_LE_Advertising_Report_Event,
    HCI_LE_Connection_Complete_Event,
    HCI_StatusReturnParameters,
    LeFeatureMask,
)
from bumble.link import LocalLink
from bumble.ll import AdvertisingPdu, AdvInd, TerminateInd
from bumble.transport.vhci import open_vhci_transport

# What bumble's controller only claims to do is taken out: a kernel that is told of privacy waits for another event when it connects.
_CLAIMED = LeFeatureMask.LE_EXTENDED_ADVERTISING | LeFeatureMask.LE_PERIODIC_ADVERTISING | LeFeatureMask.LL_PRIVACY
PLAIN_FEATURES = Controller.le_features & ~_CLAIMED
_ACTIVE_SCAN = 1
_NOTHING = Address("00:00:00:00:00:00")


class Advertised(NamedTuple):
    """What the adapter hears of a device, and how long the device takes to accept a connection."""

    data: bytes
    scan_response: bytes
    rssi: int
    connect_seconds: float


class Link(LocalLink):
    """The air between controllers."""

    def send_acl_data(self, sender: Any, destination: Address, transport: Any, data: bytes) -> None:
        """As bumble's, except that the sender is named by the address of this connection: the kernel changes its random one."""
        receiver, connection = self.find_le_controller(destination), sender.le_connections.get(destination)
        if receiver is not None and connection is not None:
            asyncio.get_running_loop().call_soon(receiver.on_link_acl_data, connection.self_address, transport, data)


class Adapter(Controller):
    """The kernel's controller. Hears and connects to whatever `advertised_at` knows at an address."""

    le_features = PLAIN_FEATURES
    pending_le_connection: Any

    def __init__(self, transport: Any, link: Link, advertised_at: Callable[[str], Advertised | None]) -> None:
        super().__init__("adapter", transport.source, transport.sink, link, public_address="F0:F1:F2:F3:F4:F5")
        self._advertised_at = advertised_at
        self._connects_at: float | None = None

    def on_ll_advertising_pdu(self, packet: AdvertisingPdu) -> None:
        """A device was heard."""
        if isinstance(packet, AdvInd):
            address = packet.advertiser_address
            advertised = self._advertised_at(address.to_string(with_type_qualifier=False))
            if advertised is not None:
                if self.le_scan_enable:
                    self._report(address, advertised)
                self._connect_if_wanted(address, advertised.connect_seconds)

    def on_hci_le_create_connection_cancel_command(self, _command: Any) -> HCI_StatusReturnParameters:
        """The kernel gives a pending connection up. It ends with an event, which bumble's own controller forgets to send."""
        if self.pending_le_connection is None:
            return HCI_StatusReturnParameters(HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection, self._connects_at = None, None
        asyncio.get_running_loop().call_soon(self._tell_cancelled)
        return HCI_StatusReturnParameters(HCI_ErrorCode.SUCCESS)

    def pull_out(self) -> None:
        """The adapter is gone: the batteries lose their links."""
        for connection in self.le_connections.values():
            connection.send_ll_control_pdu(TerminateInd(HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR))
        self.link.remove_controller(self)

    def _report(self, address: Address, advertised: Advertised) -> None:
        kinds = HCI_LE_Advertising_Report_Event.EventType
        heard = [(kinds.ADV_IND, advertised.data)]
        if self.le_scan_type == _ACTIVE_SCAN:
            heard.append((kinds.SCAN_RSP, advertised.scan_response))
        for kind, data in heard:
            report = HCI_LE_Advertising_Report_Event.Report(
                event_type=kind, address_type=address.address_type, address=address, data=data, rssi=advertised.rssi
            )
            self.send_hci_packet(HCI_LE_Advertising_Report_Event([report]))

    def _connect_if_wanted(self, address: Address, seconds: float) -> None:
        if self.pending_le_connection is None or self.pending_le_connection.peer_address != address:
            return
        now = asyncio.get_running_loop().time()
        if self._connects_at is None:
            self._connects_at = now + seconds
        if now >= self._connects_at:
            self._connects_at = None
            self.create_le_connection(address)

    def _tell_cancelled(self) -> None:
        self.send_hci_packet(
            HCI_LE_Connection_Complete_Event(
                status=HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=0,
                peer_address_type=0,
                peer_address=_NOTHING,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )


async def open_vhci() -> Any:
    """The kernel's door for a virtual controller; closing it takes the adapter out. Raises OSError."""
    return await open_vhci_transport(None)
