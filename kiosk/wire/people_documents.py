"""People over HTTP: a page of one station's people as the platform tells it (decision 29).

`pin` is what a station makes its verifier from (`kiosk.shared.pins.StretchedPin` as text): who has it can try PINs, so it goes over TLS
alone and stands in no log. `badge` is the digest of a badge.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from kiosk.domain.errors import BadInput
from kiosk.domain.people import Person, Role, check_person_id
from kiosk.wire.checked import Model, ShortShown, Whole, checked, fault


def _person_id(value: str) -> str:
    try:
        check_person_id(value)
    except BadInput as error:
        fault(error.reason)
    return value


_PersonId = Annotated[str, AfterValidator(_person_id)]
_Number = Annotated[Whole, Field(ge=0, lt=2**62)]


class PersonDocument(Model):
    """One person of a station."""

    id: _PersonId
    name: ShortShown
    role: Literal["attendant", "supervisor", "technician"]
    must_change_pin: bool
    pin: str = Field(default="", max_length=256, repr=False)
    pin_number: _Number = 0
    pin_mark: _Number = 0
    badge: str = Field(default="", pattern=r"^([0-9a-f]{64})?$", repr=False)


class PeoplePageDocument(Model):
    """A page of a station's people."""

    people: list[PersonDocument] = Field(repr=False)
    gone: list[_PersonId]
    cursor: str = Field(max_length=128)
    more: bool


def person_to_document(person: Person, *, pin: str, pin_number: int, pin_mark: int, badge: str) -> dict[str, Any]:
    """As a station is told of it."""
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "must_change_pin": person.must_change_pin,
        "pin": pin,
        "pin_number": pin_number,
        "pin_mark": pin_mark,
        "badge": badge,
    }


def people_page_of(document: Any) -> PeoplePageDocument:  # noqa: ANN401  any JSON value
    """A page that the platform told. Raises BadInput, without showing a PIN."""
    return checked(PeoplePageDocument, document, BadInput)


def person_in(read: PersonDocument) -> Person:
    """The checked document as the domain's value."""
    return Person(id=read.id, name=read.name or read.id, role=Role(read.role), must_change_pin=read.must_change_pin)
