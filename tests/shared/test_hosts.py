"""What is sent to this machine itself passes no network."""

import pytest

from kiosk.shared.hosts import is_loopback


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.9.8.7", "::1", "[::1]", "::ffff:127.0.0.1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["broker", "localhost.example.org", "127.0.0.1.example.org", "10.0.0.1", "0.0.0.0", "::", "::ffff:10.0.0.1", "", "127.1"],  # noqa: S104
)
def test_another_machine(host: str) -> None:
    assert not is_loopback(host)
