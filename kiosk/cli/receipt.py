"""`receipt ID [--out FILE] [--print]`: a receipt again, marked as a copy."""

import argparse
import asyncio
from pathlib import Path

from kiosk.cli import DONE, Actions, add_command, argument, opened_store
from kiosk.domain.errors import BadInput
from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import tr


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    add_command(
        commands,
        "receipt",
        run,
        tr("a receipt again, marked as a copy"),
        argument("id", metavar="ID", help=tr("the swap's correlation id")),
        argument("--out", type=Path, metavar="FILE", help=tr("where to write the PDF ({default})", default="ID.pdf")),
        argument("--print", action="store_true", help=tr("print it as well")),
        about=tr("Writes or prints the receipt of a completed swap again, marked as a copy."),
    )


def run(options: argparse.Namespace) -> int:
    """Write the PDF, and print it where asked to."""
    from kiosk.bootstrap import paper_of, printer_of, receipts_of
    from kiosk.settings import load_settings
    from kiosk.shared.system import SystemClock
    from kiosk.station.adapters.receipts.process import PdfReceiptMaker

    settings = load_settings()
    with opened_store() as store:
        receipts = receipts_of(settings, store, PdfReceiptMaker(paper_of(settings)), SystemClock())
        made = asyncio.run(receipts.make_copy(options.id))
        if options.out is None and not options.print:
            options.out = Path(f"{options.id}.pdf")
        if options.out is not None:
            _write(options.out, made.pdf)
        if options.print:
            asyncio.run(printer_of(settings).print_pdf(made.pdf, f"Receipt {options.id}"))
        receipts.count_copy(made.receipt, "receipt from the terminal")  # not before it is there: a print that failed is no copy
    return DONE


def _write(path: Path, pdf: bytes) -> None:
    try:
        path.write_bytes(pdf)
    except OSError as error:
        raise BadInput(str(path), fault_phrase(error)) from error
    print(path)
