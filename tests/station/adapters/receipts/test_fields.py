"""What stands on a receipt (specification, receipt; decisions 2, 4, 7, 9, 11)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kiosk.domain.swap.receipt import PaidLine, PaidPart, Receipt
from kiosk.station.adapters.receipts.page import PaperFormat
from tests.station.adapters.receipts.samples import ISSUED, NAIROBI, PAID, RETURNED, SETTLED, SWAPPED_AT, TOPPED_UP, text_of


@pytest.mark.parametrize("paper", PaperFormat)
@pytest.mark.parametrize(
    "words",
    [
        "Service receipt",
        "TXN-01JD4Z6Q7W8X9Y0Z1A2B3C4D5E",
        "21 Nov 2026, 14:05:12",
        "Customer CUST-001",
        "Returned 4.8 kWh BAT-12345 read 14:03:52",
        "New 30.4 kWh BAT-67890 read 14:04:42",
        "Electricity delivered 25.6 kWh",
        "15.6 kWh × 0.80 USD = 12.48 USD",
        "Paid 12.48 USD",
        "Mobile money",
        "PAY-78910",
        "Swaps 3 of 10",
        "Electricity 29.9 kWh of 400 kWh",
        "Swap network unlimited",
        "Nairobi Westlands",
        "Station STATION_XYZ",
        "Attendant ATT-001",
        "Plan Weekly Freedom Nairobi",
    ],
)
def test_every_field_of_the_specification_and_of_the_counter_is_printed(words: str, paper: PaperFormat) -> None:
    assert words in text_of(PAID, paper)


@pytest.mark.parametrize("words", ["Copy", "TRAINING", "Not yet confirmed", "estimate", "rounded", "first visit"])
def test_an_ordinary_receipt_makes_no_remark(words: str) -> None:
    assert words not in text_of(PAID)


def test_a_swap_without_a_payment_mentions_none() -> None:
    assert "Paid" not in text_of(SETTLED)


def test_a_reprint_says_which_copy_it_is() -> None:
    assert "Copy 2" in text_of(replace(PAID, copy=2))


def test_an_unsettled_swap_is_not_yet_confirmed() -> None:
    assert "Not yet confirmed" in text_of(replace(PAID, settled=False))


def test_practice_is_marked_at_both_ends_and_across() -> None:
    text = text_of(replace(SETTLED, training=True))
    assert text.count("TRAINING - not a receipt") >= 4
    assert text.endswith("TRAINING - not a receipt")


def test_a_first_visit_returned_nothing() -> None:
    first = replace(SETTLED, returned=None, net_kwh=Decimal("30.4"))
    assert "Returned none, first visit" in text_of(first)
    assert "Electricity delivered 30.4 kWh" in text_of(first)


def test_an_estimate_is_called_one_beside_its_number_and_under_the_sum() -> None:
    text = text_of(replace(SETTLED, returned=replace(RETURNED, estimated=True)))
    assert "Returned 4.8 kWh (estimate)" in text
    assert "New 30.4 kWh BAT-67890" in text
    assert "An estimate, from the state of charge." in text


def test_a_battery_without_energy_has_its_id_only() -> None:
    bare = replace(SETTLED, returned=replace(RETURNED, kwh=None), issued=replace(ISSUED, kwh=None), net_kwh=None, quotas=SETTLED.quotas[:1])
    assert "Returned battery BAT-12345 read 14:03:52" in text_of(bare)
    assert "kWh" not in text_of(bare)


def test_a_reading_of_another_day_carries_its_date() -> None:
    old = replace(SETTLED, returned=replace(RETURNED, read_at=SWAPPED_AT - timedelta(days=1)))
    assert "read 20 Nov 2026, 14:05:12" in text_of(old)


def test_a_reading_without_a_time_claims_none() -> None:
    assert text_of(replace(SETTLED, returned=replace(RETURNED, read_at=None), issued=replace(ISSUED, read_at=None))).count("read ") == 0


def test_a_day_begins_at_the_stations_midnight() -> None:
    late = replace(SETTLED, timestamp=SWAPPED_AT.replace(hour=22), returned=None)
    assert "22 Nov 2026, 01:05:12" in text_of(late)
    assert SWAPPED_AT.astimezone(NAIROBI).hour == 14


def test_a_fuller_returned_battery_is_explained() -> None:
    text = text_of(replace(SETTLED, returned=replace(RETURNED, kwh=Decimal("32.6")), net_kwh=Decimal("-2.2")))
    assert "Electricity delivered \N{EN DASH}2.2 kWh" in text
    assert "The returned battery held more than the new one." in text


@pytest.mark.parametrize(
    ("paid", "words"),
    [
        (replace(TOPPED_UP, amount=Decimal("15.00"), bought_kwh=Decimal("18.8")), "18.8 kWh at 0.80 USD per kWh Paid 15.00 USD"),
        (replace(TOPPED_UP, rate=None, bought_kwh=None, amount=Decimal(15)), "Paid 15.00 USD"),
        (
            replace(TOPPED_UP, currency="XOF", rate=Decimal(500), bought_kwh=Decimal(2), amount=Decimal(1000)),
            "2.0 kWh × 500 XOF = 1,000 XOF",
        ),
        (
            replace(TOPPED_UP, amount=Decimal("7.04"), bought_kwh=Decimal("6.3"), bought_swaps=Decimal(1), swap_rate=Decimal(2)),
            "1 swap × 2.00 USD = 2.00 USD 6.3 kWh × 0.80 USD = 5.04 USD Paid 7.04 USD",
        ),
        (replace(TOPPED_UP, rate=Decimal("0.805"), bought_kwh=Decimal(10), amount=Decimal("8.05")), "10.0 kWh × 0.805 USD = 8.05 USD"),
        (replace(TOPPED_UP, method="Cash at till 3"), "Method Cash at till 3"),
    ],
)
def test_a_payment_says_its_sum_only_where_it_is_one(paid: PaidLine, words: str) -> None:
    assert words in text_of(replace(SETTLED, paid=paid))


@pytest.mark.parametrize("name", ["Wanjikũ Ngũgĩ", "Łódź Centrum", "Київ", "Αθήνα", "Đà Nẵng", "Ɓuuɗi ŋ"])
def test_names_are_printed_in_their_own_letters(name: str) -> None:
    assert name in text_of(replace(SETTLED, station_name=name))


def test_decomposed_letters_are_composed() -> None:
    assert "Nairobí" in text_of(replace(SETTLED, station_name="Nairobi\u0301"))


def test_a_station_without_a_name_goes_by_its_id() -> None:
    nameless: Receipt = replace(SETTLED, station_name="")
    assert "Service receipt STATION_XYZ 21 Nov 2026" in text_of(nameless)


@pytest.mark.parametrize("paper", PaperFormat)
def test_each_receipt_of_a_payment_in_parts_is_printed_with_its_amount(paper: PaperFormat) -> None:
    parts = (
        PaidPart(amount=Decimal(5), receipt_id="MP0", method="MOBILE_MONEY"),
        PaidPart(amount=Decimal("7.48"), receipt_id="MP1", method="CASH"),
    )
    text = text_of(replace(PAID, paid=replace(TOPPED_UP, parts=parts)), paper)
    assert "Paid 12.48 USD" in text
    assert "Mobile money MP0 5.00 USD" in text
    assert "Cash MP1 7.48 USD" in text
    assert "Payment receipt" not in text
