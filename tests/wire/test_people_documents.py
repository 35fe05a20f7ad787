"""A page of people as the platform tells a station (decision 29)."""

from typing import Any

import pytest

from kiosk.domain.errors import BadInput
from kiosk.domain.people import Person, Role
from kiosk.wire.people_documents import people_page_of, person_in, person_to_document

LYDIA = Person(id="SUP-1", name="Lydia K.", role=Role.SUPERVISOR, must_change_pin=True)


def page(**changes: Any) -> dict[str, Any]:
    told = person_to_document(LYDIA, pin="a-stretched-pin", pin_number=3, pin_mark=2, badge="0" * 64) | changes
    return {"people": [told], "gone": ["ATT-9"], "cursor": "c-7", "more": False}


def test_a_page_is_read_as_it_was_told() -> None:
    read = people_page_of(page())
    (told,) = read.people
    assert person_in(told) == LYDIA
    assert (told.pin, told.pin_number, told.pin_mark, told.badge) == ("a-stretched-pin", 3, 2, "0" * 64)
    assert (read.gone, read.cursor, read.more) == (["ATT-9"], "c-7", False)


def test_a_person_without_a_name_is_shown_by_the_id() -> None:
    assert person_in(people_page_of(page(name="")).people[0]).name == "SUP-1"


@pytest.mark.parametrize(
    "change", [{"id": "a b"}, {"id": ""}, {"role": "admin"}, {"pin": "x" * 257}, {"badge": "abc"}, {"pin_number": -1}, {"pin_mark": 2**62}]
)
def test_what_is_none_is_refused_and_shows_no_pin(change: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        people_page_of(page(**change))
    assert "a-stretched-pin" not in f"{refused.value!r}"


def test_neither_a_pin_nor_a_badge_stands_in_the_text_of_a_page() -> None:
    assert "a-stretched-pin" not in repr(people_page_of(page()))
    assert "0" * 64 not in repr(people_page_of(page()).people[0])
