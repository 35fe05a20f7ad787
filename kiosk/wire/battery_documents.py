"""Bindings of batteries over HTTP: one as the platform tells it, a page of its table, and a change as a kiosk sends it (decision 84).

`address` is null in a battery that is unbound now. A secret goes up in a change and comes down alone, from an address of its own; it stands
in no other document, and what is checked here does not show it.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.battery.binding import Binding, BindingChange, Pair, ToldBindings, normalise_address
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc
from kiosk.wire.checked import Id, LongShown, Model, Moment, ShortShown, Text, checked, fault, id_fault

MAX_SECRET_LENGTH = 128


def check_secret(text: str) -> str:
    """The secret without white space around it. Raises BadInput, without showing it."""
    secret = text.strip()
    if not 1 <= len(secret) <= MAX_SECRET_LENGTH or not secret.isprintable():
        raise BadInput("secret", tr("must be 1 to {count} characters that can be read", count=MAX_SECRET_LENGTH))
    return secret


def _address(value: str) -> str:
    try:
        return normalise_address(value)
    except BadInput as error:
        fault(error.reason)


def _secret(value: str) -> str:
    try:
        return check_secret(value)
    except BadInput as error:
        fault(error.reason)


def _battery(value: str) -> str:
    found = id_fault(normalise_id(value))
    return fault(found) if found else normalise_id(value)


_Address = Annotated[str, Field(max_length=64), AfterValidator(_address)]
_Battery = Annotated[str, AfterValidator(_battery)]
_Family = Annotated[Text, Field(max_length=64)]
_Serial = Annotated[Text, Field(max_length=128)]


class BindingDocument(Model):
    """A battery as the platform tells it; of one that is unbound now the id alone."""

    asset_id: _Battery
    address: _Address | None
    family: _Family = ""
    serial: ShortShown = ""
    has_secret: bool = False
    bound_by: ShortShown = ""
    bound_at: Moment | None = None
    station_id: ShortShown = ""


class BindingsPageDocument(Model):
    """A page of the platform's table."""

    batteries: list[BindingDocument]
    cursor: str
    more: bool


class PairDocument(Model):
    """A binding that a change ends."""

    asset_id: _Battery
    address: _Address


class BindingChangeDocument(Model):
    """What is put to a battery's address: bound to `address`, or unbound where that is null."""

    address: _Address | None
    family: _Family = ""
    serial: _Serial = ""
    secret: Annotated[str, AfterValidator(_secret)] | None = Field(default=None, repr=False)
    bound_by: Id
    bound_at: Moment
    station_id: Annotated[Text, Field(max_length=128)] = ""
    note: LongShown = ""
    change_id: Id | None = None
    replaces: list[PairDocument] = Field(default_factory=list, max_length=4)


class SecretDocument(Model):
    """One battery's secret."""

    asset_id: _Battery
    secret: Annotated[str, AfterValidator(_secret)] = Field(repr=False)


def binding_to_document(binding: Binding) -> dict[str, Any]:
    """A battery that is bound."""
    return {
        "asset_id": binding.battery_id,
        "address": binding.address,
        "family": binding.family,
        "serial": binding.serial,
        "has_secret": binding.has_secret,
        "bound_by": binding.bound_by,
        "bound_at": iso_utc(binding.bound_at),
        "station_id": binding.station_id,
    }


def unbound_to_document(battery_id: str) -> dict[str, Any]:
    """A battery that is not bound, or not any more."""
    return {"asset_id": battery_id, "address": None}


def told_of(document: Any) -> ToldBindings:  # noqa: ANN401  any JSON value
    """A page of the platform's table. Raises BadInput."""
    page = checked(BindingsPageDocument, document, BadInput)
    return ToldBindings(
        bindings=tuple(_binding(each) for each in page.batteries if each.address),
        unbound=tuple(each.asset_id for each in page.batteries if not each.address),
        cursor=page.cursor,
        more=page.more,
    )


def binding_of(document: Any) -> Binding | None:  # noqa: ANN401  any JSON value
    """A battery as the platform tells it; None where it is not bound. Raises BadInput."""
    read = checked(BindingDocument, document, BadInput)
    return _binding(read) if read.address else None


def _binding(read: BindingDocument) -> Binding:
    if read.bound_at is None:
        raise BadInput("bound_at", tr("is missing"))
    return Binding(
        battery_id=read.asset_id,
        address=read.address or "",
        family=read.family,
        serial=read.serial,
        has_secret=read.has_secret,
        bound_by=read.bound_by,
        bound_at=read.bound_at,
        station_id=read.station_id,
    )


def change_to_document(change: BindingChange) -> dict[str, Any]:
    """A change without its secret, which whoever sends it adds under `secret`."""
    binding = change.binding
    return {
        "address": binding.address if binding else None,
        "family": binding.family if binding else "",
        "serial": binding.serial if binding else "",
        "bound_by": change.by,
        "bound_at": iso_utc(change.at),
        "station_id": change.station_id,
        "note": change.note,
        "change_id": change.change_id,
        "replaces": [{"asset_id": each.battery_id, "address": each.address} for each in change.replaces],
    }


def change_of(battery_id: str, document: Any, *, has_secret: bool = False) -> BindingChange:  # noqa: ANN401  any JSON value
    """The change that was put to this battery's address. Raises BadInput."""
    return change_from(battery_id, checked(BindingChangeDocument, document, BadInput), has_secret=has_secret)


def change_from(battery_id: str, read: BindingChangeDocument, *, has_secret: bool) -> BindingChange:
    """The checked document as the domain's value; "" for a `change_id` that it does not have."""
    binding = None
    if read.address:
        binding = Binding(
            battery_id=battery_id,
            address=read.address,
            family=read.family,
            serial=read.serial,
            has_secret=has_secret,
            bound_by=read.bound_by,
            bound_at=read.bound_at,
            station_id=read.station_id,
        )
    return BindingChange(
        change_id=read.change_id or "",
        battery_id=battery_id,
        binding=binding,
        at=read.bound_at,
        by=read.bound_by,
        station_id=read.station_id,
        note=read.note,
        replaces=tuple(Pair(battery_id=each.asset_id, address=each.address) for each in read.replaces),
    )


def secret_of(document: Any) -> str:  # noqa: ANN401  any JSON value
    """The secret that the platform told. Raises BadInput, without showing it."""
    return checked(SecretDocument, document, BadInput).secret
