"""Receipts through a real CUPS: printed only when paper came, and else not printed, with the reason and nothing left in the queue."""

import asyncio
import socket
from pathlib import Path

import pytest

from kiosk.domain.errors import PrinterUnavailable
from kiosk.station.adapters.cups import CupsPrinter
from tests.private_cups import PrivateCups

PDF = b"%PDF-1.3\n/MediaBox [ 0 0 226.7717 406.2 ]\n%%EOF\n"
NOT_CONNECTED = "it is switched off or not connected"


def printer(name: str, sys_root: Path = Path("/no-sys"), *, paper_seconds: float = 10.0, trouble_seconds: float = 0.6) -> CupsPrinter:
    """As set up, but quicker to give up; without the machine's own USB."""
    return CupsPrinter(name, paper_seconds=paper_seconds, trouble_seconds=trouble_seconds, sys_root=sys_root)


def refused(on: CupsPrinter, title: str = "Receipt TXN-1") -> PrinterUnavailable:
    """Why it does not print."""
    with pytest.raises(PrinterUnavailable) as caught:
        asyncio.run(on.print_pdf(PDF, title))
    return caught.value


def unchecked(on: CupsPrinter) -> str:
    """Why it is not ready."""
    with pytest.raises(PrinterUnavailable) as caught:
        asyncio.run(on.check())
    return caught.value.reason


def papers(folder: Path) -> list[bytes]:
    return [each.read_bytes() for each in folder.glob("*.paper")]


def test_printed_means_that_the_paper_is_there(cups: PrivateCups) -> None:
    folder = cups.add_till("prints")
    assert asyncio.run(printer("prints").check()) is True
    asyncio.run(printer("prints").print_pdf(PDF, "Receipt TXN-1"))
    assert papers(folder) == [PDF]


def test_an_unplugged_usb_printer_has_not_printed_and_prints_nothing_later(cups: PrivateCups) -> None:
    cups.add("unplugged", "usb://EPSON/TM-T20III?serial=0000")
    for _ in range(3):
        error = refused(printer("unplugged"))
        assert (error.reason, error.repair) == (NOT_CONNECTED, "Switch the printer on and check its cable or network.")
    assert cups.open_jobs("unplugged") == 0


def test_a_machine_without_a_usb_printer_says_so_before_any_job(cups: PrivateCups, tmp_path: Path) -> None:
    cups.add("usb-bare", "usb://EPSON/TM-T20III?serial=0000")
    interface = tmp_path / "bus" / "usb" / "devices" / "1-1:1.0"
    interface.mkdir(parents=True)
    (interface / "bInterfaceClass").write_text("03\n")  # a keyboard
    assert unchecked(printer("usb-bare", tmp_path)) == NOT_CONNECTED
    assert refused(printer("usb-bare", tmp_path)).reason == NOT_CONNECTED
    assert cups.run("lpstat", "-W", "all", "-o", "usb-bare").stdout == ""
    (interface / "bInterfaceClass").write_text("07\n")  # a printer
    assert asyncio.run(printer("usb-bare", tmp_path).check()) is True


def test_a_network_printer_that_is_off_has_not_printed(cups: PrivateCups) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        cups.add("lan-off", f"socket://127.0.0.1:{closed.getsockname()[1]}")
        assert unchecked(printer("lan-off")) == NOT_CONNECTED
        assert refused(printer("lan-off")).reason == NOT_CONNECTED
    assert cups.open_jobs("lan-off") == 0


def test_a_network_printer_that_is_on_is_ready_and_gets_the_page(cups: PrivateCups) -> None:
    async def scenario() -> list[bytes]:
        got: list[bytes] = []

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.append(await reader.read())
            writer.close()

        async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
            cups.add("lan-on", f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}/?waiteof=false")
            assert await printer("lan-on").check() is True
            await printer("lan-on").print_pdf(PDF, "Receipt TXN-1")
            return got

    assert [each for each in asyncio.run(scenario()) if each] == [PDF]


@pytest.mark.parametrize(
    ("state", "reason", "repair"),
    [
        ("media-empty-error", "the paper is out", "Put paper in and close the lid."),
        ("media-needed", "the paper is out", "Put paper in and close the lid."),
        ("cover-open-error", "its cover is open", "Close the printer's lid."),
        ("media-jam-error", "the paper is jammed", "Open the lid, take the paper out and put it in again."),
        ("offline-report", NOT_CONNECTED, "Switch the printer on and check its cable or network."),
        ("connecting-to-device", NOT_CONNECTED, "Switch the printer on and check its cable or network."),
        ("stopped-partly-warning", "it has stopped", "Switch the printer off and on again."),
    ],
)
def test_what_the_printer_complains_of_while_a_receipt_waits_is_the_reason(cups: PrivateCups, state: str, reason: str, repair: str) -> None:
    folder = cups.add_till(f"says-{state}", state)
    error = refused(printer(f"says-{state}"))
    assert (error.reason, error.repair) == (reason, repair)
    assert cups.open_jobs(f"says-{state}") == 0
    (folder / "states").write_text("")
    asyncio.run(printer(f"says-{state}").print_pdf(PDF, "Receipt TXN-1 copy 1"))
    assert papers(folder) == [PDF]


def test_paper_that_is_put_in_at_once_is_a_print(cups: PrivateCups) -> None:
    folder = cups.add_till("refilled", "media-empty-error")

    async def scenario() -> None:
        job = asyncio.create_task(printer("refilled", trouble_seconds=8).print_pdf(PDF, "Receipt TXN-1"))
        await asyncio.sleep(1)
        assert not job.done()
        (folder / "states").write_text("")
        await job

    asyncio.run(scenario())
    assert papers(folder) == [PDF]


def test_a_complaint_left_over_from_the_last_receipt_keeps_the_next_one_from_nothing(cups: PrivateCups) -> None:
    folder = cups.add_till("left-over")
    cups.run("lpadmin", "-p", "left-over", "-o", "printer-is-shared=false")
    (folder / "states").write_text("media-empty-error\n")
    (folder / "said").mkdir()  # it cannot note what it said, so it takes nothing back
    refused(printer("left-over"))
    (folder / "said").rmdir()
    (folder / "states").write_text("")
    asyncio.run(printer("left-over").print_pdf(PDF, "Receipt TXN-1"))
    assert papers(folder) == [PDF]


def test_a_printer_low_on_paper_prints_and_is_ready(cups: PrivateCups) -> None:
    folder = cups.add_till("low", "media-low-warning")

    async def scenario() -> None:
        job = asyncio.create_task(printer("low", trouble_seconds=0.1).print_pdf(PDF, "Receipt TXN-1"))
        await asyncio.sleep(1)
        assert await printer("low").check() is True
        (folder / "states").write_text("")
        await job

    asyncio.run(scenario())
    assert papers(folder) == [PDF]


def test_a_paused_printer_gets_no_job_and_its_reason_is_said(cups: PrivateCups) -> None:
    folder = cups.add_till("paused")
    cups.run("cupsdisable", "-r", "the belt is worn", "paused")
    assert unchecked(printer("paused")) == "it is paused: the belt is worn"
    assert refused(printer("paused")).reason == "it is paused: the belt is worn"
    cups.run("cupsdisable", "paused")
    assert unchecked(printer("paused")).startswith("it is paused")
    cups.run("cupsenable", "paused")
    asyncio.run(printer("paused").print_pdf(PDF, "Receipt TXN-1"))
    assert papers(folder) == [PDF]


def test_a_printer_that_holds_what_is_new_is_paused(cups: PrivateCups) -> None:
    cups.add_till("holds")
    cups.run("cupsdisable", "--hold", "holds")
    assert unchecked(printer("holds")) == "it is paused"


def test_a_printer_that_rejects_says_why(cups: PrivateCups) -> None:
    cups.add_till("rejects")
    cups.run("cupsreject", "-r", "moved to the yard", "rejects")
    assert unchecked(printer("rejects")) == "it takes no receipts: moved to the yard"
    assert refused(printer("rejects")).repair == "Ask the technician to switch the printer's queue on again."


def test_a_queue_that_nobody_knows_is_said_so(cups: PrivateCups) -> None:
    assert refused(printer("nowhere")).reason == "the print system does not know it"


@pytest.mark.parametrize(
    ("code", "policy"), [(1, "abort-job"), (4, "stop-printer"), (5, "stop-printer"), (1, "retry-job"), (3, "stop-printer")]
)
def test_a_job_that_was_given_up_is_not_printed_and_not_left(cups: PrivateCups, code: int, policy: str) -> None:
    name = f"ends-{code}-{policy}"
    cups.add(name, f"ends:{code}", f"printer-error-policy={policy}")
    assert refused(printer(name, paper_seconds=1.5)).reason
    assert cups.open_jobs(name) == 0


def test_a_job_that_somebody_cancels_is_not_printed(cups: PrivateCups) -> None:
    cups.add_till("taken-back", "media-empty-error")

    async def scenario() -> str:
        job = asyncio.create_task(printer("taken-back", trouble_seconds=9).print_pdf(PDF, "Receipt TXN-1"))
        while not cups.open_jobs("taken-back"):
            await asyncio.sleep(0.1)
        cups.run("cancel", "-a", "taken-back")
        with pytest.raises(PrinterUnavailable) as caught:
            await job
        return caught.value.reason

    assert asyncio.run(scenario()) == "it was cancelled in the print system"


def test_what_a_process_left_in_the_queue_is_not_printed_beside_the_same_receipt(cups: PrivateCups) -> None:
    folder = cups.add_till("restarted", "media-empty-error")

    async def ended() -> None:
        job = asyncio.create_task(printer("restarted", trouble_seconds=9).print_pdf(PDF, "Receipt TXN-1"))
        other = asyncio.create_task(printer("restarted", trouble_seconds=9).print_pdf(PDF, "Receipt TXN-2"))
        while cups.open_jobs("restarted") < 2:
            await asyncio.sleep(0.1)
        for each in (job, other):
            each.cancel()
        await asyncio.gather(job, other, return_exceptions=True)

    async def print_again() -> None:
        again = asyncio.create_task(printer("restarted", trouble_seconds=9).print_pdf(PDF + b"again", "Receipt TXN-1 copy 1"))
        while left & cups.open_names("restarted") == left:
            await asyncio.sleep(0.1)
        (folder / "states").write_text("")  # paper only now: put in earlier, what was left prints before anybody prints again
        await again

    asyncio.run(ended())
    left = cups.open_names("restarted")
    assert len(left) == 2
    asyncio.run(print_again())
    assert sorted(papers(folder)) == sorted([PDF + b"again", PDF])  # the other is TXN-2's


def test_a_print_system_that_dies_has_not_printed(own_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = PrivateCups()
    dying.find_in(monkeypatch, own_path)
    dying.add_till("dies", "media-empty-error")
    on = printer("dies", paper_seconds=2.0, trouble_seconds=1.0)

    async def scenario() -> str:
        job = asyncio.create_task(on.print_pdf(PDF, "Receipt TXN-1"))
        while not dying.open_jobs("dies"):
            await asyncio.sleep(0.1)
        await asyncio.to_thread(dying.stop)
        with pytest.raises(PrinterUnavailable) as caught:
            await job
        return caught.value.reason

    assert asyncio.run(scenario()) == "the print system does not answer"
