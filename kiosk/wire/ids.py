"""What an id may look like. A plan id stands in MQTT topics, so no id may reach beyond its own level of the topic."""

from kiosk.domain.language import tr

MAX_ID_LENGTH = 128
_FORBIDDEN_IN_TOPICS = "+#/"
_UNREADABLE = "\ufffd\ufeff"  # what a decoder leaves in place of bytes that are no text


def id_fault(text: str) -> str | None:
    """What is wrong with `text` as an id, as a phrase, or None."""
    if not text.strip():
        return tr("is empty")
    if len(text) > MAX_ID_LENGTH:
        return tr("is longer than {limit} characters", limit=MAX_ID_LENGTH)
    if not text.isprintable() or any(each in text for each in _UNREADABLE):
        return tr("holds characters that cannot be read")
    return None


def topic_id_fault(text: str) -> str | None:
    """As `id_fault`, and no character that means something in a topic."""

    fault = id_fault(text)
    if fault:
        return fault
    found = next((each for each in text if each in _FORBIDDEN_IN_TOPICS), None)
    if found:
        return tr("holds {found}, which no plan id may", found=repr(found))
    if text != text.strip():
        return tr("begins or ends with a blank")
    return None
