"""People as words and rows of a list."""

from collections.abc import Mapping

from kiosk.domain.people import Person
from ui.widgets import RowView


def short_name(person: Person) -> str:
    """As the status line has it: "Joseph M."."""
    parts = person.name.split()
    return f"{parts[0]} {parts[-1][0]}." if len(parts) > 1 else person.name or person.id


def role_words(person: Person) -> str:
    """The role as a line of its own: "Attendant"."""
    words = person.role.words
    return words[:1].upper() + words[1:]


def rows_of(people: tuple[Person, ...], barred: Mapping[str, str] | None = None) -> tuple[RowView, ...]:
    """Those who may be chosen; `barred` are ids with the reason why not."""
    why = barred or {}
    return tuple(
        RowView(key=each.id, words=short_name(each), note=why.get(each.id, role_words(each)), allowed=each.id not in why) for each in people
    )
