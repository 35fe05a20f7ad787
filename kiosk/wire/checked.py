"""Checking of JSON objects: strict pydantic models whose faults are clear sentences with their place.

Keys that a model does not know are tolerated and kept out. Text is never taken for a number, a number never for text, and true is no
number. Binary floats, which only code that does not read through `exact_json` can bring, are taken by their shortest decimal form.

What decides something is an `Id` or `Text`, and strict; what is only shown is `Shown`: made harmless, and never refused for what it holds.
"""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, NoReturn

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    ValidationError,
    create_model,
)
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function

from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.display import MAX_CHARACTERS, MAX_NOTE, cleaned
from kiosk.domain.language import mark, tr
from kiosk.wire.exact_json import MAX_DIGITS

MAX_ID_LENGTH = 128
_FORBIDDEN_IN_TOPICS = "+#/"
_UNREADABLE = "\ufffd\ufeff"  # what a decoder leaves in place of bytes that are no text


def id_fault(text: str) -> str | None:
    """What is wrong with `text` as an id, as a phrase, or None."""
    if not text.strip():
        return tr("is empty")
    if len(text) > MAX_ID_LENGTH:
        return tr("is longer than {limit} characters", limit=MAX_ID_LENGTH)
    unreadable = not text.isprintable() or any(each in text for each in _UNREADABLE)
    return tr("holds characters that cannot be read") if unreadable else None


def topic_id_fault(text: str) -> str | None:
    """As `id_fault`, and no character that means something in a topic."""
    found = next((each for each in text if each in _FORBIDDEN_IN_TOPICS), "")
    if found and not id_fault(text):
        return tr("holds {found}, which no plan id may", found=repr(found))
    return id_fault(text) or (tr("begins or ends with a blank") if text != text.strip() else None)


MAX_TEXT_LENGTH = 2000
_MAX_NUMBER = Decimal(10) ** 15
_REASONS = {
    "missing": mark("is missing"),
    "string_type": mark("must be text"),
    "bool_type": mark("must be true or false"),
    "int_type": mark("must be a whole number"),
    "list_type": mark("must be a list"),
    "dict_type": mark("must be an object"),
    "model_type": mark("must be an object"),
    "model_attributes_type": mark("must be an object"),
}


class Model(BaseModel):
    """What every document shares."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False, defer_build=True, frozen=True)


def model_of(kind: type[Any], base: type[Model] = Model, **types: object) -> type[Model]:
    """A document with these fields of the dataclass `kind`: each checked as the type given here, with the default that it has in `kind`. A
    pair is a type and a default of its own, `...` where the key must be there.
    """
    defaults = {each.name: _default(each) for each in dataclasses.fields(kind)}
    fields: dict[str, Any] = {name: each if isinstance(each, tuple) else (each, defaults[name]) for name, each in types.items()}
    return create_model(f"{kind.__name__}Document", __base__=base, **fields)


def _default(field: dataclasses.Field[Any]) -> object:
    if field.default_factory is not dataclasses.MISSING:
        return Field(default_factory=field.default_factory)
    return ... if field.default is dataclasses.MISSING else field.default


def read_as(kind: type[Any], base: type[Model] = Model, **types: object) -> GetPydanticSchema:
    """For `Annotated[kind, ...]`: an object that was checked as the document of `model_of` becomes a `kind`."""

    def value(read: Model) -> object:
        return kind(**dict(read))

    def schema(_kind: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(value, handler(model_of(kind, base, **types)))

    return GetPydanticSchema(schema)


def fault(reason: str) -> NoReturn:
    """Stop a validator with a phrase that follows the key: "is negative"."""
    raise PydanticCustomError("fault", "{reason}", {"reason": reason})


def _number(value: object) -> Decimal:
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        fault(tr("must be a number"))
    number = Decimal(value)
    if not number.is_finite():
        fault(tr("is not a finite number"))
    if abs(number) > _MAX_NUMBER or len(number.as_tuple().digits) > MAX_DIGITS:
        fault(tr("is out of range"))
    return number


def _not_negative(value: Decimal) -> Decimal:
    return value if value >= 0 else fault(tr("is negative"))


def _whole(value: object) -> object:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


def _none_if_empty(value: str | None) -> str | None:
    return value or None


def _object(value: object) -> object:
    return {} if value is None else value


def _checked_by(find: Callable[[str], str | None]) -> Callable[[str], str]:
    def check(value: str) -> str:
        found = find(value)
        return fault(found) if found else value

    return check


def _text_fault(value: str) -> str | None:
    if len(value) > MAX_TEXT_LENGTH:
        return tr("is longer than {limit} characters", limit=MAX_TEXT_LENGTH)
    if any(each in value for each in _UNREADABLE) or not all(each.isprintable() or each in "\n\t" for each in value):
        return tr("holds characters that cannot be read")
    return None


def _shown(value: object, most: int = MAX_CHARACTERS) -> object:
    """A number is shown as one; what is neither text nor number is no name, and nothing is shown. None is left to the model."""
    if value is None:
        return None
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return cleaned(str(value) if isinstance(value, str) or number else "", most)


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        fault(tr("must be a time such as 2025-01-15T10:30:00Z"))
    try:
        read = datetime.fromisoformat(value)
        in_utc = read.astimezone(UTC) if read.tzinfo else None
    except ValueError:
        fault(tr("must be a time such as 2025-01-15T10:30:00Z"))
    except OverflowError:
        fault(tr("is out of range"))
    return in_utc or fault(tr("has no time zone"))


Number = Annotated[Decimal, BeforeValidator(_number)]
Amount = Annotated[Number, AfterValidator(_not_negative)]
Energy = Annotated[Number, AfterValidator(to_watt_hours)]
Whole = Annotated[int, BeforeValidator(_whole)]
Id = Annotated[str, AfterValidator(_checked_by(id_fault))]
TopicId = Annotated[str, AfterValidator(_checked_by(topic_id_fault))]
Shown = Annotated[str, BeforeValidator(_shown)]
ShortShown = Annotated[str, BeforeValidator(partial(_shown, most=MAX_ID_LENGTH))]
LongShown = Annotated[str, BeforeValidator(partial(_shown, most=MAX_NOTE))]
Text = Annotated[str, AfterValidator(_checked_by(_text_fault))]
TextOrNone = Annotated[Text | None, AfterValidator(_none_if_empty)]
JsonObject = Annotated[dict[str, Any], BeforeValidator(_object)]
Moment = Annotated[datetime, BeforeValidator(_moment)]


def checked[M: Model](model: type[M], value: object, refuse: Callable[[str, str], Exception], *, root: str = "") -> M:
    """`value` as `model`; otherwise raises `refuse(where, reason)`, where `where` is like `serviceStates[1].quota`."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise refuse(_place(first["loc"], root), tr(_REASONS.get(first["type"], "")) or first["msg"]) from error


def _place(loc: tuple[int | str, ...], root: str) -> str:
    place = root
    for each in loc:
        place += f"[{each}]" if isinstance(each, int) else f".{each}" if place else each
    return place or "document"


def omitting_none(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its keys that are None."""
    return {name: value for name, value in document.items() if value is not None}
