"""The topics of one station: what it asks in its own name, and where it alone is answered (contract, "Additions of the second round").

A station's id is `[A-Za-z0-9_.-]{1,40}`, one counter, and equal to its user at the broker (decision 26), so that the broker's access list
keeps each to its own prefix.
"""

import re
from typing import Final

ENROL: Final = "enrol"
ENROL_FILTER: Final = "call/uxi/attendant/station/+/enrol"
"""What the platform subscribes to beside the requests about plans."""
MAX_STATION_ID: Final = 40
_STATION_ID = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)
_REQUEST = re.compile(r"call/uxi/attendant/station/([A-Za-z0-9_.-]{1,40})/enrol", re.ASCII)


def is_station_id(text: str) -> bool:
    """Whether a station can be enrolled under this id."""
    return _STATION_ID.fullmatch(text) is not None


def enrol_topic(station: str) -> str:
    """Where a station asks to be enrolled."""
    return f"call/uxi/attendant/station/{station}/{ENROL}"


def station_in_enrol_topic(topic: str) -> str:
    """Who asks to be enrolled; "" for any other topic."""
    found = _REQUEST.fullmatch(topic)
    return found[1] if found else ""


def own_answer_topic(station: str, verb: str) -> str:
    """Where a station is answered and nobody else reads."""
    return f"rtrn/abs/station/{station}/{verb}"


def own_payment_topic(station: str) -> str:
    """Where a station hears of payments for the transactions that it began."""
    return f"event/abs/station/{station}/payment_received"
