"""TLS to the broker: both sides proven, and every way in which it can fail a clear reason."""

import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.shared.certificates import certificates_in
from kiosk.shared.mqtt.link import LinkChanged, LinkSettings, MqttMessage, tls_context
from tests.brokers import Mosquitto, run
from tests.station.adapters.mqtt.parties import Ears, linked, unlinked

Link = Callable[..., LinkSettings]
Brokers = Callable[..., Mosquitto]
FILES = Path(__file__).parent / "certificates"
OURS = {"tls_ca": FILES / "ca.pem", "tls_cert": FILES / "kiosk.pem", "tls_key": FILES / "kiosk.key"}
BROKERS = (f"cafile {FILES / 'ca.pem'}", f"certfile {FILES / 'broker.pem'}", f"keyfile {FILES / 'broker.key'}")


def test_messages_of_any_length_pass_over_tls_with_a_certificate_on_each_side(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto(*BROKERS, "require_certificate true")

    async def scene() -> None:
        ears: Ears[MqttMessage] = Ears()
        async with linked(link(broker.port, **OURS)) as session:
            await session.ready(session.listen("tls/+", ears))
            payloads = [b"x" * length for length in (0, 10, 20_000, 1_000_000, 1)]
            for each in payloads:
                session.publish("tls/1", each)
            assert [each.payload for each in await ears.until(count=5)] == payloads

    run(scene())


@pytest.mark.parametrize("password", [False, True])
def test_without_an_authority_of_our_own_those_of_the_system_are_trusted(
    own_mosquitto: Brokers, link: Link, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, password: bool
) -> None:
    """OpenSSL finds them by SSL_CERT_FILE, where that is set."""
    broker, secret = own_mosquitto(*BROKERS), tmp_path / "password"
    secret.write_text("s3cret")
    changes = {"tls": True, **({"username": "station", "password_file": secret} if password else {})}
    assert "TLS failed: " in refusal(link(broker.port, **changes))
    monkeypatch.setenv("SSL_CERT_FILE", str(FILES / "ca.pem"))

    async def scene() -> datetime | None:
        async with linked(link(broker.port, **changes)) as session:
            return session.certificate_ends

    (ours,) = certificates_in(FILES / "broker.pem")
    assert run(scene()) == ours.ends


def test_a_link_without_tls_has_no_certificate(mosquitto: Mosquitto, link: Link) -> None:
    async def scene() -> datetime | None:
        async with linked(link(mosquitto.port, client_id="no-certificate")) as session:
            return session.certificate_ends

    assert run(scene()) is None


def refusal(settings: LinkSettings) -> str:
    """Why there is no link."""

    async def scene() -> str:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(settings, events):
            return (await events.until())[0].reason

    return run(scene())


def test_a_broker_that_our_authority_does_not_vouch_for_is_no_link(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto(*BROKERS)
    said = refusal(link(broker.port, tls_ca=FILES / "kiosk.pem"))
    assert re.search("TLS failed: (unable to get local issuer certificate|self-signed certificate in certificate chain)", said)


def test_a_broker_of_another_name_is_no_link(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto(*BROKERS)
    other = "0.0.0.0"  # noqa: S104  asked, not listened on
    assert other in refusal(link(broker.port, host=other, tls_ca=FILES / "ca.pem")).partition("TLS failed: ")[2]


def test_a_key_that_others_can_change_is_refused(link: Link, tmp_path: Path) -> None:
    key = Path(shutil.copy(FILES / "kiosk.key", tmp_path))
    key.chmod(0o666)
    with pytest.raises(BadInput, match=f"chmod 600 {key}"):
        tls_context(link(1, **OURS | {"tls_key": key}))


def test_a_broker_without_tls_is_no_link(mosquitto: Mosquitto, link: Link) -> None:
    assert refusal(link(mosquitto.port, tls_ca=FILES / "ca.pem"))


def test_a_kiosk_without_the_certificate_that_the_broker_wants_is_no_link(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto(*BROKERS, "require_certificate true")
    assert refusal(link(broker.port, tls_ca=FILES / "ca.pem"))
