"""Whether anybody may speak on a broker: a session without a user and without a certificate is let in, and its message is taken."""

from dataclasses import replace

from paho.mqtt.enums import MQTTProtocolVersion

from kiosk.domain.errors import LinkDown
from kiosk.shared.mqtt.connection import ConnectFailed, Connection
from kiosk.shared.mqtt.link import LinkSettings, tls_context


async def anybody_may_publish(link: LinkSettings, topic: str) -> bool:
    """Whether the broker takes an empty message on `topic` from whom it does not know; what cannot be asked is taken for yes. False where
    the broker cannot be reached."""
    unknown = replace(link, username=None, password_file=None, tls_cert=None, tls_key=None)
    for version in (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311):
        connection = Connection(unknown, version, tls_context(unknown), lambda _message: None)
        try:
            await connection.open()
        except ConnectFailed as error:
            if error.older_may_do:
                continue
            return False
        try:
            return await connection.publish_asking(topic, b"", None) is not False
        except LinkDown:
            return False
        finally:
            connection.close()
    return False
