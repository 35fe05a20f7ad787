"""What a receipt says: in the language that is spoken, once for paper and screen."""

from dataclasses import replace
from decimal import Decimal

from kiosk.domain.language import in_language
from kiosk.domain.swap.receipt import Lines, Medium, QuotaLine
from kiosk.shared.translations import PSEUDO, translations_of
from kiosk.station.services.receipt_lines import ELECTRICITY, SWAP_COUNT
from tests.station.adapters.receipts.samples import PAID, RETURNED, TOPPED_UP, text_for

IN_FULL = replace(
    PAID,
    copy=1,
    settled=False,
    training=True,
    returned=replace(RETURNED, kwh=Decimal("32.6"), estimated=True),
    net_kwh=Decimal("-2.2"),
    paid=replace(TOPPED_UP, amount=Decimal("15.00")),
    counted_kwh=Decimal("30.4"),
    approved="SUP-7: Charged at home",
    doubt_approved="SUP-7: Sticker is right",
)


def names_on(lines: Lines, medium: Medium) -> list[str]:
    return [line.name for line in lines if medium in line.media and line.name]


def test_every_sentence_of_a_receipt_is_in_the_catalogue() -> None:
    with in_language(translations_of(PSEUDO)):
        text = text_for(IN_FULL)
    said = [text.title, text.document_title, text.copy, *text.notice, text.training]
    lines = text.batteries + text.energy + text.payment + text.quotas + text.particulars
    given = {PAID.issued.battery_id, RETURNED.battery_id, "Swap network"}
    names = [line.name for line in lines if line.name and line.name not in given]
    assert [each for each in (*said, *names) if not each.startswith("[")] == []


def test_quotas_have_their_name_in_words_whatever_the_plan_calls_them() -> None:
    keys = [QuotaLine(name=key, remaining=Decimal(1), quota=Decimal(2)) for key in (SWAP_COUNT, ELECTRICITY, "Swap network")]
    quotas = text_for(replace(PAID, quotas=tuple(keys))).quotas
    assert names_on(quotas, Medium.PAPER) == ["Left on the plan", "Swaps", "Electricity", "Swap network"]
    assert names_on(quotas, Medium.SCREEN) == ["Swaps left", "Electricity left", "Swap network left"]


def test_paper_and_screen_say_the_same_values() -> None:
    text = text_for(PAID)
    for lines in (text.energy, text.quotas):
        on_paper, on_screen = ([line.value for line in lines if medium in line.media and line.value] for medium in Medium)
        assert on_paper == on_screen


def test_what_is_counted_of_a_battery_that_came_back_with_more_is_printed_with_who_approved_it() -> None:
    more = replace(
        PAID,
        returned=replace(RETURNED, kwh=Decimal("30.9")),
        issued=replace(PAID.issued, kwh=Decimal("30.377")),
        net_kwh=Decimal("1.3"),
        counted_kwh=Decimal("29.1"),
        approved="SUP-7: Charged at home",
    )
    lines = text_for(more).energy
    values = {line.name: line.value.replace("\N{NO-BREAK SPACE}", " ") for line in lines if Medium.PAPER in line.media}
    assert (values["Electricity delivered"], values["Counted as returned"]) == ("1.3 kWh", "29.1 kWh")
    names = [each.replace("\N{NO-BREAK SPACE}", " ") for each in names_on(lines, Medium.PAPER)]
    assert "More than it went out with: approved by SUP-7: Charged at home" in names
    assert "30.377 − 29.1 = 1.277 kWh, rounded" in names
    assert "Counted as returned" in names_on(lines, Medium.SCREEN)
    assert "Counted as returned" not in names_on(text_for(PAID).energy, Medium.PAPER)


def test_the_plan_is_the_first_to_give_way_on_a_screen() -> None:
    ranked = [line for section in text_for(PAID).sections(Medium.SCREEN) for line in section if line.priority is not None]
    assert [line.name for line in ranked] == ["Plan"]  # who the customer is and what was paid by never gives way


def test_who_let_readings_in_doubt_stand_is_printed() -> None:
    lines = text_for(replace(PAID, doubt_approved="SUP-7: Sticker is right")).batteries
    names = [each.replace("\N{NO-BREAK SPACE}", " ") for each in names_on(lines, Medium.PAPER)]
    assert "Readings in doubt: approved by SUP-7: Sticker is right" in names
    assert not any("doubt" in each for each in names_on(text_for(PAID).batteries, Medium.PAPER))
