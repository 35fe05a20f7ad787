"""The recorded envelopes: topic and payload of each, and the ids that stand in them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.wire.exact_json import dumps, loads

FOLDER = Path(__file__).parent / "envelopes"
PLAN = "bss-plan-nairobi-0042"
ASK, TXN = "ASK-01JHMN5Z000000000000000007", "TXN-01JHMN5Z000000000000000001"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message of the field."""

    topic: str
    document: dict[str, Any]

    @property
    def payload(self) -> bytes:
        return dumps(self.document)


def recorded(name: str) -> Envelope:
    """`envelopes/NAME.json`."""
    found = loads((FOLDER / f"{name}.json").read_bytes())
    return Envelope(found["topic"], found["payload"])
