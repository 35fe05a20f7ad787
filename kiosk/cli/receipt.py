"""`receipt ID [--out FILE] [--print]`: a receipt again, marked as a copy. `receipt verify FILE|TEXT` checks one."""

import argparse
import asyncio
from pathlib import Path

from kiosk.cli import DONE, Actions, add_command, argument, json_option, opened_store
from kiosk.domain.errors import BadInput
from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import tr

VERIFY = "verify"


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    add_command(
        commands,
        "receipt",
        run,
        tr("a receipt again, marked as a copy; or whether one is genuine"),
        argument("id", metavar="ID", help=tr("the swap's correlation id; or the word {verify}", verify=VERIFY)),
        argument(
            "proof",
            nargs="?",
            metavar="FILE|TEXT",
            help=tr("with {verify}: the text of a receipt's code, or a file that holds it", verify=VERIFY),
        ),
        argument("--out", type=Path, metavar="FILE", help=tr("where to write the PDF ({default})", default="ID.pdf")),
        argument("--print", action="store_true", help=tr("print it as well")),
        argument(
            "--keys", type=Path, metavar="FILE", help=tr("with {verify}: the published keys, as the platform gave them", verify=VERIFY)
        ),
        argument(
            "--online",
            action="store_true",
            help=tr("with {verify}: get the keys from the platform, and ask whether it is booked", verify=VERIFY),
        ),
        json_option(),
        about=tr(
            "Writes or prints the receipt of a completed swap again, marked as a copy. `receipt verify` says whether a station signed a "
            "receipt: valid, altered, unknown key, or key ended."
        ),
    )


def run(options: argparse.Namespace) -> int:
    """Write the PDF, and print it where asked to; or check one."""
    if options.id == VERIFY:
        from kiosk.cli.receipt_verify import verify

        return verify(options)
    if options.proof is not None:
        raise BadInput("receipt", tr("takes one ID"))
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
