"""For paho's `on_socket_open`: small packets do not wait for each other."""

import socket
from typing import Any

from paho.mqtt.client import Client


def no_delay(_client: Client, _data: Any, sock: Any) -> None:
    """Set TCP_NODELAY."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
