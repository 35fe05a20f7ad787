"""What the receipt process and its parent say to each other over two pipes: frames of a length (four bytes, big endian) and a pickle.

Parent to helper: an `Order`. Helper to parent: True once when it is warm, then for each receipt the PDF, or a `Failure`.
Pickles are read from the own process's pipes only. A frame longer than 16 MiB is a broken pipe and ends the conversation.
"""

import pickle
import struct
from dataclasses import dataclass

from kiosk.domain.swap.receipt import ReceiptText
from kiosk.station.adapters.receipts.page import PaperFormat

HEADER = struct.Struct(">I")
MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """One receipt to make."""

    text: ReceiptText
    paper: PaperFormat


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a receipt was not made: the helper's traceback."""

    traceback: str


Answer = bool | bytes | Failure
WARM: Answer = True


def frame(message: Order | Answer) -> bytes:
    """A message as it goes through the pipe."""
    body = pickle.dumps(message)
    return HEADER.pack(len(body)) + body


def length(header: bytes) -> int:
    """How many bytes follow. Raises ValueError for more than a frame may have."""
    size = int(HEADER.unpack(header)[0])
    if size > MAX_BYTES:
        raise ValueError(f"a frame of {size} bytes")
    return size


def order(body: bytes) -> Order:
    """What the parent wants. Raises TypeError for anything else."""
    message = pickle.loads(body)  # noqa: S301  from the parent's own pipe
    if not isinstance(message, Order):
        raise TypeError(f"not an order: {message!r}")
    return message


def answer(body: bytes) -> Answer:
    """What the helper says. Raises TypeError for anything else."""
    message = pickle.loads(body)  # noqa: S301  from the own child's pipe
    if not isinstance(message, bool | bytes | Failure):
        raise TypeError(f"not an answer: {message!r}")
    return message
