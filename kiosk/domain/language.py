"""The language of what people read. Every sentence for a person is made by `tr` or `tr_count` when it is shown.

The English sentence in the code is the catalogue's key; values stand in it as named placeholders: `tr("No plan has the code {code}",
code=code)`. A table that is made while a module is imported holds sentences marked by `mark`, and calls `tr` when one of them is shown:
the language may change while the program runs. What goes over the wire or into the database is never translated on the way: only people
read `tr`.

No files are read here; `kiosk.shared.translations` loads a catalogue.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from gettext import NullTranslations

from kiosk.domain.display import FSI, PDI, is_leftward, placed

ENGLISH = NullTranslations()


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSigns:
    """What a language puts between the whole and the decimals of a number, and between its thousands."""

    decimal: str = "."
    group: str = ","


ENGLISH_SIGNS = NumberSigns()
_here: ContextVar[NullTranslations | None] = ContextVar("language", default=None)
_installed = [ENGLISH]


def use_language(translations: NullTranslations) -> None:
    """From now on the whole program speaks this language, but for blocks inside `in_language`."""
    _installed[0] = translations


@contextmanager
def in_language(translations: NullTranslations) -> Generator[None]:
    """The block speaks this language, whatever the program speaks: a receipt in the customer's language."""
    before = _here.set(translations)
    try:
        yield
    finally:
        _here.reset(before)


def tr(sentence: str, /, **values: object) -> str:
    """The sentence in the language of now, with its values."""
    return _filled(_now().gettext(sentence) if sentence else "", sentence, values)


def tr_count(one: str, many: str, count: int, /, **values: object) -> str:
    """The sentence in the form that goes with `count`, which both forms may show as `{count}`."""
    return _filled(_now().ngettext(one, many, count), one if count == 1 else many, {"count": count, **values})


def signs_here() -> NumberSigns:
    """The signs of numbers in the language of now: those of its catalogue, else English ones."""
    signs: NumberSigns = getattr(_now(), "signs", ENGLISH_SIGNS)
    return signs


def mark(sentence: str) -> str:
    """The sentence itself: puts one of a table into the catalogue. It is given to `tr` when it is shown."""
    return sentence


def _now() -> NullTranslations:
    return _here.get() or _installed[0]


def _filled(text: str, source: str, values: dict[str, object]) -> str:
    """A translation with a wrong placeholder is passed over: the English sentence is better than none."""
    if not values:
        return text
    leftward = is_leftward(text)
    values = {name: _placed(each, leftward=leftward) for name, each in values.items()}
    try:
        return text.format(**values)
    except (LookupError, ValueError):
        return source.format(**values)


def _placed(value: object, *, leftward: bool) -> object:
    """A text between words of the other direction is told from them; what is only letters of this direction stays as it is."""
    if not isinstance(value, str) or (value.isascii() and not leftward):
        return value
    return f"{FSI}{value}{PDI}" if leftward and not is_leftward(value) else placed(value)
