"""What an id may look like. A plan id stands in MQTT topics, so no id may reach beyond its own level of the topic."""

MOST_ID_LENGTH = 128
_FORBIDDEN_IN_TOPICS = "+#/"
_UNREADABLE = "\ufffd\ufeff"  # what a decoder leaves in place of bytes that are no text


def id_fault(text: str) -> str | None:
    """What is wrong with `text` as an id, as a phrase, or None."""
    if not text.strip():
        return "is empty"
    if len(text) > MOST_ID_LENGTH:
        return f"is longer than {MOST_ID_LENGTH} characters"
    if not text.isprintable() or any(each in text for each in _UNREADABLE):
        return "holds characters that cannot be read"
    return None


def topic_id_fault(text: str) -> str | None:
    """As `id_fault`, and no character that means something in a topic."""
    fault = id_fault(text)
    if fault:
        return fault
    found = next((each for each in text if each in _FORBIDDEN_IN_TOPICS), None)
    if found:
        return f"holds {found!r}, which no plan id may"
    if text != text.strip():
        return "begins or ends with a blank"
    return None
