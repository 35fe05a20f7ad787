"""Scripts of the stations on paper: the right forms in the right direction, ids whole, and text that can be found again."""

import io
import itertools
import re
from dataclasses import replace
from decimal import Decimal

import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import example, given, settings
from hypothesis import strategies as st

import resources
from kiosk.domain.swap.receipt import Receipt
from kiosk.station.adapters.receipts.fonts import FontMetrics
from kiosk.station.adapters.receipts.layout import BODY, STRONG, TextLine
from kiosk.station.adapters.receipts.page import PaperFormat, lay_out
from kiosk.station.adapters.receipts.pdf import receipt_pdf
from kiosk.station.adapters.receipts.shaping import SCRIPTS, ScriptFont, script_fonts
from resources.make_fonts import BLOCKS, SHA256
from tests.station.adapters.receipts.samples import PAID, ink_edges_mm, pdf_of, picture, text_for, text_of

LEFT_OUT = "(in letters that cannot be printed)"
NAMES = {
    "Amharic": "ቦሌ ጣቢያ",
    "Tigrinya": "ኣስመራ መደብር",
    "Arabic": "محطة الخرطوم بحري",
    "Urdu": "کراچی اسٹیشن ٹڈڑے",
    "Persian": "ایستگاه پارک\u200cوی گچپژ",
    "Hebrew": "תחנת תל אביב",
    "Hindi": "दिल्ली स्टेशन क्षेत्र",
    "Bengali": "ঢাকা স্টেশন ক্ষুদ্র",
}
LETTERS = st.sampled_from("".join(NAMES.values()) + "aB1-_.() \u0301\u064b\u05b0\u094d\u200c北😀\u00a0\u202e")


def font(script: str) -> ScriptFont:
    return script_fonts(bold=False)[SCRIPTS.index(script)]


def forms(script: str, text: str) -> list[int]:
    """The numbers of the forms of a text from left to right."""
    glyphs, _, _ = font(script).shaped(text, leftward=script in {"Arabic", "Hebrew"})
    return [each.number for each in glyphs]


def named(name: str) -> Receipt:
    return replace(PAID, station_name=name, plan_name=name)


@pytest.mark.parametrize("paper", PaperFormat)
@pytest.mark.parametrize("language", NAMES)
def test_a_name_is_printed_and_can_be_found_again(language: str, paper: PaperFormat) -> None:
    text = text_of(named(NAMES[language]), paper)
    unspaced = NAMES[language].replace(" ", "").replace("\u200c", "")
    assert text.replace(" ", "").count(unspaced) == 2
    assert "?" not in text
    assert "U+" not in text


@pytest.mark.parametrize("customer_id", ["CUST-አበበ-001", "CUST-राम-001", "CUST-করিম-001", "CUST-محمد-001", "CUST-דנה-001", "CUST-۱۲۳"])
def test_an_id_is_whole_and_reads_from_left_to_right(customer_id: str) -> None:
    assert f"Customer {customer_id} " in text_of(replace(PAID, customer_id=customer_id))


def test_two_ids_with_other_letters_look_different() -> None:
    ids = ["CUST-محمد-001", "CUST-001-محمد", "CUST-北-001", "CUST-京-001"]
    assert len({picture(replace(PAID, customer_id=each)).tobytes() for each in ids}) == len(ids)


def test_a_letter_that_no_font_has_is_named_in_an_id() -> None:
    assert "Customer CUST-[U+5317]-001 " in text_of(replace(PAID, customer_id="CUST-北-001"))


@pytest.mark.parametrize("name", ["北京站", "Depot 北京", "한국"])
def test_a_name_with_a_letter_that_no_font_has_is_left_out_with_a_word(name: str) -> None:
    text = text_of(named(name))
    assert text.count(LEFT_OUT) == 2
    assert "STATION_XYZ" in text


def test_a_sign_that_no_font_has_is_left_out_of_a_name_without_a_word() -> None:
    assert f"Service receipt Bole {PAID.timestamp:%d} Nov" in text_of(named("Bole 😀"))


# -- forms


def test_an_arabic_letter_has_four_forms() -> None:
    last, middle, first = forms("Arabic", "ببب")
    (alone,) = forms("Arabic", "ب")
    assert len({first, middle, last, alone}) == 4
    assert forms("Arabic", "ب\u200cب") != forms("Arabic", "بب")


def test_lam_and_alef_are_one_form() -> None:
    assert len(forms("Arabic", "لا")) == 1


@pytest.mark.parametrize(("script", "conjunct"), [("Devanagari", "क्ष"), ("Devanagari", "ज्ञ"), ("Bengali", "ক্ষ")])
def test_a_conjunct_is_one_form(script: str, conjunct: str) -> None:
    assert len(forms(script, conjunct)) == 1


@pytest.mark.parametrize(("script", "consonant", "vowel"), [("Devanagari", "क", "ि"), ("Bengali", "ক", "ি"), ("Bengali", "ক", "ে")])
def test_a_vowel_that_is_written_before_its_consonant_stands_there(script: str, consonant: str, vowel: str) -> None:
    before, letter = forms(script, consonant + vowel)
    assert [letter] == forms(script, consonant)
    assert before != letter


def test_a_mark_stands_on_its_letter() -> None:
    (mark, letter), _, width = font("Arabic").shaped("بّ", leftward=True)
    assert (mark.above != 0 or mark.x != 0) or font("Arabic").width(mark.number) == 0
    assert width == font("Arabic").width(letter.number)


# -- the page


@pytest.mark.parametrize("language", NAMES)
def test_nothing_is_cut_off_and_long_names_wrap(language: str) -> None:
    long = named(f"{NAMES[language]} " * 8)
    for paper in PaperFormat:
        assert min(ink_edges_mm(picture(long, paper))[0::2]) > 2


def test_letters_with_deep_tails_get_room() -> None:
    def baselines(name: str) -> list[float]:
        return [item.y for item in lay_out(text_for(named(name)), 200, FontMetrics()).items if isinstance(item, TextLine)]

    assert baselines("ي ي")[2] > baselines("abc")[2]


def test_a_word_is_cut_between_letters_and_not_before_a_mark() -> None:
    metrics, word = FontMetrics(), "क्षि" * 40
    texts = [item.text for item in lay_out(text_for(named(word)), 120, metrics).items if isinstance(item, TextLine)]
    pieces = [text for text in texts if text[:1] == "क"]
    assert "".join(pieces) == word * 2
    assert all(len(each) % 4 == 0 for each in pieces)


def test_a_page_carries_only_the_forms_that_it_uses() -> None:
    plain = len(pdf_of(PAID))
    for name in NAMES.values():
        assert plain < len(pdf_of(named(name))) < plain + 30_000
    assert b"NotoSansArabic" not in pdf_of(PAID)


def test_the_same_names_give_the_same_bytes() -> None:
    first = pdf_of(named(" ".join(NAMES.values())))
    pdf_of(named("محطة"))
    assert pdf_of(named(" ".join(NAMES.values()))) == first


def test_the_words_across_a_practice_receipt_may_be_of_any_script() -> None:
    pdf = receipt_pdf(replace(text_for(PAID), training="ልምምድ ብቻ"))
    assert pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded().count("ልምምድ ብቻ") >= 4


@settings(max_examples=60)
@given(text=st.text(LETTERS, max_size=30))
@example("1ا\u200cا")
def test_the_parts_of_any_line_stand_side_by_side(text: str) -> None:
    metrics = FontMetrics()
    printable = metrics.printable(text)
    assert metrics.printable(printable) == printable
    for style in (BODY, STRONG):
        if not metrics.is_own(printable):
            pieces = sorted((each for each in metrics.pieces(printable, style) if each.width), key=lambda each: each.x)
            for before, after in itertools.pairwise(pieces):
                assert after.x == pytest.approx(before.x + before.width)
    assert pdf_of(replace(PAID, customer_id=text, station_name=text, approved=text, counted_kwh=Decimal(1))).startswith(b"%PDF")


# -- the fonts


@pytest.mark.parametrize("name", SHA256)
def test_a_font_that_is_shipped_has_its_blocks_and_its_licence(name: str) -> None:
    cut = TTFont(io.BytesIO(resources.path(f"fonts/{name}").read_bytes()))
    script = re.fullmatch(r"NotoSans(\w+)-(?:Bold|Regular)\.ttf", name)
    assert script is not None
    letters = set(cut.getBestCmap())
    assert 0x20 in letters
    assert len(letters & set(BLOCKS[script[1]])) > 80
    assert "SIL Open Font License" in cut["name"].getDebugName(13)
    assert name.partition("-")[0] in resources.read_text("fonts/LICENSE-NotoSans.txt")


def test_the_fonts_are_those_that_receipts_look_for() -> None:
    assert {f"NotoSans{script}-{weight}.ttf" for script in SCRIPTS for weight in ("Regular", "Bold")} == set(SHA256)
