"""The page: as long as its content, inside what the head reaches, with a code that reads back; whatever the receipt says."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.swap.receipt import Receipt
from kiosk.shared.qr_code import QUIET_ZONE, qr_rows
from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.receipts.fonts import FontMetrics
from kiosk.station.adapters.receipts.layout import QrCode
from kiosk.station.adapters.receipts.page import A4_HEIGHT_MM, POINTS_PER_MM, PaperFormat, lay_out
from kiosk.station.adapters.receipts.pdf import MARGIN_MM
from kiosk.wire.published_keys import PublishedKey
from kiosk.wire.signed_receipts import ReceiptFacts, ReceiptOutcome, read_receipt, sign_receipt
from tests.station.adapters.receipts.samples import (
    HOSTILE,
    ISSUED,
    PAID,
    SETTLED,
    TOPPED_UP,
    code_on,
    ink_edges_mm,
    page,
    pdf_of,
    picture,
    text_for,
    text_of,
)

ROLLS = [PaperFormat.ROLL_80, PaperFormat.ROLL_58]
LONG = replace(
    PAID,
    settled=False,
    training=True,
    copy=12,
    station_name="Kituo cha Kubadilisha Betri, Nairobi Westlands, Sarit Centre Parking Level 3, Gate B",
    station_id="STATION_" + "NAIROBI_WESTLANDS_" * 4,
    customer_id="9" * 120,
    plan_name="Weekly Freedom Nairobi with a very long name " * 3,
    issued=replace(ISSUED, battery_id="BAT-" + "X" * 60, estimated=True),
    paid=replace(TOPPED_UP, receipt_id="P" * 64),
)
VARIANTS = [SETTLED, PAID, replace(SETTLED, returned=None), replace(PAID, settled=False, training=True), LONG]
SLACK_MM = 0.6  # letters do not fill their line to the last dot
RASTER_MM = 0.26  # two dots: a bitmap is a whole number of them wide


@pytest.mark.parametrize("paper", ROLLS)
@pytest.mark.parametrize("receipt", VARIANTS)
def test_a_page_is_exactly_as_long_as_its_content(receipt: Receipt, paper: PaperFormat) -> None:
    _, above, _, below = ink_edges_mm(picture(receipt, paper))
    assert MARGIN_MM - SLACK_MM <= above <= MARGIN_MM + 3
    assert MARGIN_MM - SLACK_MM <= below <= MARGIN_MM + 3


@pytest.mark.parametrize("paper", ROLLS)
@pytest.mark.parametrize("receipt", VARIANTS)
def test_nothing_stands_where_the_head_does_not_reach(receipt: Receipt, paper: PaperFormat) -> None:
    unreachable = (paper.width_mm - paper.printable_mm) / 2
    left, _, right, _ = ink_edges_mm(picture(receipt, paper))
    assert left >= unreachable - RASTER_MM
    assert right >= unreachable - RASTER_MM


@pytest.mark.parametrize("paper", ROLLS)
def test_a_roll_has_its_width(paper: PaperFormat) -> None:
    assert page(SETTLED, paper).get_width() == pytest.approx(paper.width_mm * POINTS_PER_MM, abs=0.01)


@pytest.mark.parametrize("receipt", VARIANTS)
def test_a_sheet_of_a4_holds_any_receipt_on_one_page(receipt: Receipt) -> None:
    assert page(receipt, PaperFormat.A4).get_height() == pytest.approx(A4_HEIGHT_MM * POINTS_PER_MM, abs=0.01)
    assert min(ink_edges_mm(picture(receipt, PaperFormat.A4))) >= 15


@pytest.mark.parametrize("paper", PaperFormat)
@pytest.mark.parametrize("receipt", VARIANTS)
def test_the_printed_code_reads_back_as_the_transaction_id(receipt: Receipt, paper: PaperFormat) -> None:
    assert code_on(receipt, paper) == receipt.transaction_id


def test_long_words_wrap_and_lose_nothing() -> None:
    for paper in PaperFormat:
        unspaced = text_of(LONG, paper).replace(" ", "")
        for words in (LONG.station_name, LONG.station_id, LONG.customer_id, LONG.plan_name, LONG.issued.battery_id, "P" * 64):
            assert words.replace(" ", "") in unspaced


def test_the_same_receipt_gives_the_same_bytes() -> None:
    first = pdf_of(PAID, PaperFormat.ROLL_80)
    pdf_of(LONG, PaperFormat.ROLL_58)
    assert pdf_of(PAID, PaperFormat.ROLL_80) == first


def test_another_receipt_gives_other_bytes() -> None:
    assert pdf_of(PAID, PaperFormat.ROLL_80) != pdf_of(replace(PAID, copy=1), PaperFormat.ROLL_80)


def test_control_characters_in_ids_are_harmless() -> None:
    hostile = replace(PAID, transaction_id="TXN-1" + HOSTILE, customer_id=HOSTILE, issued=replace(ISSUED, battery_id=HOSTILE))
    assert "Customer [2JAB? )\\(<>&%s{0} –é[U+5317]" in text_of(hostile)


def test_an_id_too_long_for_a_code_is_printed_without_one() -> None:
    endless = replace(SETTLED, transaction_id="T" * 5000)
    assert "T" * 20 in text_of(endless)
    assert page(endless).get_height() < 2 * page(SETTLED).get_height()


def test_an_empty_receipt_is_a_page_too() -> None:
    empty = replace(SETTLED, transaction_id="", station_id="", station_name="", attendant_id="", customer_id="", plan_name="", quotas=())
    assert "Service receipt" in text_of(empty)


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(text=st.text(max_size=60), paper=st.sampled_from(PaperFormat))
def test_any_text_is_printed_somehow(text: str, paper: PaperFormat) -> None:
    odd = replace(PAID, transaction_id=text, station_name=text, customer_id=text, paid=replace(TOPPED_UP, method=text, currency=text[:3]))
    assert pdf_of(odd, paper).startswith(b"%PDF")


SIGNS = re.compile(r"[\W_]")


@pytest.mark.parametrize("paper", PaperFormat)
@pytest.mark.parametrize("length", [40, 104])
def test_a_long_battery_id_is_printed_whole_and_its_end_stays_together(length: int, paper: PaperFormat) -> None:
    battery_id = f"{('JBD-SP24S004-L24S-200A-' * 5)[: length - 6]}-00002"
    printed = text_of(replace(PAID, issued=replace(PAID.issued, battery_id=battery_id)), paper)
    assert SIGNS.sub("", battery_id) in SIGNS.sub("", printed)  # a hyphen at the end of a line is told as another sign
    assert "00002" in printed


@pytest.mark.parametrize("net_kwh", [None, "25.6", "-12.345"])
@pytest.mark.parametrize("station", ["S", "STATION_XYZ", "station-" * 5])
@pytest.mark.parametrize("paper", PaperFormat)
def test_a_signed_code_reads_back_from_the_paper_and_is_valid(paper: PaperFormat, station: str, net_kwh: str | None) -> None:
    key = SigningKey.make()
    facts = ReceiptFacts.of_swap(
        transaction=SETTLED.transaction_id,
        station=station,
        at=SETTLED.timestamp,
        net_kwh=None if net_kwh is None else Decimal(net_kwh),
        amount=Decimal("1234567.89"),
        currency="USD",
    )
    signed = sign_receipt(facts, key)
    seen = code_on(replace(LONG if station == "S" else PAID, proof=signed.code), paper)
    assert seen == signed.code
    published = PublishedKey(key=key.public, valid_from=SETTLED.timestamp, station=station)
    assert read_receipt(seen).checked([published], SETTLED.timestamp).outcome is ReceiptOutcome.VALID


@pytest.mark.parametrize("paper", PaperFormat)
def test_a_signed_code_stays_inside_what_the_head_reaches_and_its_modules_are_whole_dots(paper: PaperFormat) -> None:
    width = paper.printable_mm * POINTS_PER_MM
    drawn = lay_out(text_for(replace(PAID, proof="SKR1|" + "x" * 240)), width, FontMetrics())
    (code,) = (each for each in drawn.items if isinstance(each, QrCode))
    assert code.x >= 0
    assert code.x + code.size <= width + 0.01
    dots = code.size / POINTS_PER_MM * 8 / (len(qr_rows(code.text)) + 2 * QUIET_ZONE)
    assert dots == pytest.approx(round(dots))
    assert round(dots) >= 4


def test_a_code_is_in_the_files_properties_too() -> None:
    assert b"SKR1|TXN" in pdf_of(replace(PAID, proof="SKR1|TXN"))
    assert b"SKR1" not in pdf_of(PAID)
