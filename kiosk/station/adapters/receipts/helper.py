"""The process that makes receipts: `python -m kiosk.station.adapters.receipts.helper`, started by `process` and by nobody else.

It reads orders from standard input and writes pages to standard output (see `frames`), one after the other, until the input ends: when its
parent stops or dies, by whatever cause, it ends too. A receipt that cannot be made is answered with the traceback and the process goes on.
Ctrl-C at the terminal is the parent's affair.
"""

import os
import pickle
import signal
import sys
import traceback
from typing import BinaryIO

from kiosk.domain.swap.receipt import ReceiptLine, ReceiptText
from kiosk.station.adapters.receipts import frames
from kiosk.station.adapters.receipts.pdf import receipt_pdf


def main() -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not between the frames
    try:
        serve(source, sink)
    except BrokenPipeError:
        os._exit(0)  # the parent is gone; there is nothing to flush


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Warm up (a receipt for nobody: reads the fonts, packs their usual subset), say so, and answer orders until `source` ends."""
    usual = ReceiptLine(name="\N{NO-BREAK SPACE}×")  # the two signs of nearly every receipt put its subset into the cache
    receipt_pdf(ReceiptText(title="-", document_title="-", station="-", time="-", batteries=(usual,), transaction_id="-"))
    _send(sink, frames.WARM)
    while len(header := source.read(frames.HEADER.size)) == frames.HEADER.size:
        _send(sink, _made(source.read(frames.length(header))))


def _made(body: bytes) -> frames.Answer:
    try:
        text, paper = pickle.loads(body)  # noqa: S301  from the parent's own pipe
        return receipt_pdf(text, paper)
    except Exception:  # noqa: BLE001  whatever it is goes to the parent, which has its own way to make the receipt
        return traceback.format_exc()


def _send(sink: BinaryIO, message: frames.Answer) -> None:
    sink.write(frames.frame(message))
    sink.flush()


if __name__ == "__main__":
    main()
