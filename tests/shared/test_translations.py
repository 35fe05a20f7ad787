"""The language of what people read: placeholders, plural forms, a change while the program runs, and the list of sentences."""

from gettext import NullTranslations

import pytest

from kiosk.domain.errors import BadInput
from kiosk.domain.language import ENGLISH, in_language, mark, tr, tr_count
from kiosk.shared.translations import PSEUDO, SOURCE, languages, stretched, translations_of
from resources.make_words import is_stale


class Swapped(NullTranslations):
    """A catalogue with one sentence right and one with a wrong placeholder."""

    def gettext(self, message: str) -> str:
        return {"{name} is here": "Hapa ni {name}", "{count} left": "{wrong} left"}.get(message, message)


def test_a_language_of_the_contract_speaks_english_until_its_catalogue_is_there() -> None:
    assert {translations_of("sw"), translations_of("fr")} == {ENGLISH}


def test_a_sentence_is_its_own_key_and_takes_named_values() -> None:
    assert tr("{name} is here", name="{curly}") == "{curly} is here"


def test_a_block_speaks_its_own_language() -> None:
    with in_language(Swapped()):
        assert tr("{name} is here", name="A") == "Hapa ni A"
    assert tr("{name} is here", name="A") == "A is here"


def test_a_translation_with_a_wrong_placeholder_is_passed_over() -> None:
    with in_language(Swapped()):
        assert tr("{count} left", count=3) == "3 left"


@pytest.mark.parametrize(("count", "words"), [(0, "0 swaps"), (1, "1 swap"), (2, "2 swaps")])
def test_a_count_has_the_form_that_goes_with_it(count: int, words: str) -> None:
    assert tr_count("{count} swap", "{count} swaps", count) == words


def test_nothing_said_is_nothing_in_every_language() -> None:
    with in_language(translations_of(PSEUDO)):
        assert tr("") == ""


def test_a_marked_sentence_is_translated_when_it_is_shown() -> None:
    sentence = mark("Back")
    with in_language(translations_of(PSEUDO)):
        assert tr(sentence) == stretched("Back")


def test_the_pseudo_language_keeps_placeholders_and_is_at_least_40_percent_longer() -> None:
    sentence = "The plan {plan_id} is not kept on this kiosk."
    with in_language(translations_of(PSEUDO)):
        shown = tr(sentence, plan_id="P-1")
    assert shown.startswith("[The plan P-1 is")
    assert shown.endswith("]")
    assert len(stretched(sentence)) >= 1.4 * len(sentence)


def test_english_is_there_and_what_is_not_is_refused_by_name() -> None:
    assert languages()[0] == SOURCE
    with pytest.raises(BadInput, match="xx is not one of en"):
        translations_of("xx")


def test_the_list_of_sentences_is_the_codes() -> None:
    assert not is_stale(), "run `make words`"
