"""What the adapters' tests share: links to a broker, and a list of what was announced."""

from collections.abc import Callable

import pytest

from kiosk.shared.mqtt.link import LinkSettings


@pytest.fixture
def link() -> Callable[..., LinkSettings]:
    """Settings for a quick link to a loopback broker: `link(port, client_id=...)`."""

    def settings(port: int, **changes: object) -> LinkSettings:
        facts: dict[str, object] = {
            "host": "127.0.0.1",
            "port": port,
            "client_id": "kiosk-under-test",
            "first_retry": 0.05,
            "most_retry": 0.2,
        }
        return LinkSettings(**facts | changes)  # type: ignore[arg-type]  # a test's own keyword arguments

    return settings
