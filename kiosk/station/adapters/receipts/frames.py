"""What the receipt process and its parent say to each other over two pipes: frames of a length (four bytes, big endian) and a pickle.

Parent to helper: an `Order`. Helper to parent: True once when it is warm, then for each receipt the PDF, or the traceback of its failure.
Pickles are read from the own process's pipes only. A frame longer than 16 MiB is a broken pipe and ends the conversation.
"""

import pickle
import struct

from kiosk.domain.swap.receipt import ReceiptText
from kiosk.station.adapters.receipts.page import PaperFormat

HEADER = struct.Struct(">I")
MAX_BYTES = 16 * 1024 * 1024
Order = tuple[ReceiptText, PaperFormat]
Answer = bool | bytes | str
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
