"""Catalogues of the languages: `resources/translations/LANGUAGE.po`, made by `make words`, read when a language is chosen.

`PSEUDO` is the language of the tests: English in brackets and 40 % longer. What stands on a screen without brackets is in no catalogue;
what is cut there would be cut in a longer language.
"""

import io
import math
from functools import cache
from gettext import GNUTranslations, NullTranslations
from typing import override

from kiosk.domain.errors import BadInput
from kiosk.domain.language import ENGLISH, ENGLISH_SIGNS, NumberSigns, tr
from resources import path

SOURCE, PSEUDO = "en", "en-XA"
_TO_COME = frozenset({"fr", "sw"})  # the contract names them: a file that does already is no fault, and speaks English until then
_LONGER = 0.4


class Catalogue(GNUTranslations):
    """The sentences of a language, and its signs of numbers."""

    signs = ENGLISH_SIGNS


class PseudoTranslations(NullTranslations):
    """English in brackets, 40 % longer."""

    @override
    def gettext(self, message: str) -> str:
        return stretched(message)

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return stretched(msgid1 if n == 1 else msgid2)


def stretched(sentence: str) -> str:
    """`Back` is `[Back ~~]`: the filling has words of its own, so that it can be broken into lines."""
    filling = ("~~~~ " * len(sentence))[: max(1, math.ceil(len(sentence) * _LONGER) - 2)]
    return f"[{sentence} {filling.strip()}]"


def languages() -> tuple[str, ...]:
    """The languages that a person may choose: English, and those with a catalogue."""
    return (SOURCE, *sorted(each.stem for each in path("translations").glob("*.po")))


@cache
def translations_of(language: str) -> NullTranslations:
    """The catalogue of a language, English's for one that is to come. Raises BadInput for any other that is not there."""
    known = languages()
    if language == SOURCE or (language in _TO_COME and language not in known):
        return ENGLISH
    if language == PSEUDO:
        return PseudoTranslations()
    if language not in known:
        raise BadInput("ui.language", tr("{language} is not one of {languages}", language=language, languages=", ".join(known)))
    from babel.messages.mofile import write_mo  # late: English needs neither
    from babel.messages.pofile import read_po

    with path(f"translations/{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    found = Catalogue(compiled)
    found.signs = number_signs(language)
    return found


def number_signs(language: str) -> NumberSigns:
    """As the Unicode repository of locales (CLDR) has them for this language."""
    from babel.numbers import get_decimal_symbol, get_group_symbol  # late: English needs neither

    return NumberSigns(decimal=get_decimal_symbol(language), group=get_group_symbol(language))
