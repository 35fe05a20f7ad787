"""TLS to the broker: both sides proven, and every way in which it can fail a clear reason."""

from collections.abc import Callable
from pathlib import Path

from kiosk.shared.mqtt.link import LinkChanged, LinkSettings, MqttMessage
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


def refusal(settings: LinkSettings) -> str:
    """Why there is no link."""

    async def scene() -> str:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(settings, events):
            return (await events.until())[0].reason

    return run(scene())


def test_a_broker_that_our_authority_does_not_vouch_for_is_no_link(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto(*BROKERS)
    assert "TLS failed" in refusal(link(broker.port, tls_ca=FILES / "kiosk.pem"))


def test_a_broker_without_tls_is_no_link(mosquitto: Mosquitto, link: Link) -> None:
    assert refusal(link(mosquitto.port, tls_ca=FILES / "ca.pem"))


def test_a_kiosk_without_the_certificate_that_the_broker_wants_is_no_link(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto(*BROKERS, "require_certificate true")
    assert refusal(link(broker.port, tls_ca=FILES / "ca.pem"))
