"""The situations to practise, as a trainee reads them."""

from babel.messages.pofile import read_po

from kiosk.domain.language import in_language
from kiosk.shared.translations import PSEUDO, translations_of
from kiosk.training.scenarios import read_scripts
from resources.make_words import TEMPLATE


def test_every_sentence_of_a_scenario_is_translated() -> None:
    with in_language(translations_of(PSEUDO)):
        shown = [script.scenario(1) for script in read_scripts()]
    assert all(each.startswith("[") for scenario in shown for each in (scenario.title, scenario.about, *scenario.steps))


def test_translators_find_the_sentences_of_the_scenarios_in_the_catalogue() -> None:
    with TEMPLATE.open("rb") as file:
        known = {message.id for message in read_po(file)}
    assert {sentence for script in read_scripts() for sentence in (script.title, script.about, *script.steps)} <= known
