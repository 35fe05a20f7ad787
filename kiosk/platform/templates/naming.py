"""Ids that are made here, and the country's currency."""

import re

from babel import Locale
from babel.numbers import get_territory_currencies

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.wire.checked import MAX_ID_LENGTH, id_fault

_OTHER = re.compile(r"[^a-z0-9]+")
_FOR_NO_TOPIC = re.compile(r"[+#/\s]+")
_MAX_OF_A_NAME = 60
_NOWHERE = "ZZ"
_UNIQUE = 8  # of a ULID's 26 characters the last are the most random


def template_id_for(name: str, unique: str) -> str:
    """`BSS Premium Plan` becomes `bss-premium-plan-` and the end of a ULID."""
    slug = _OTHER.sub("-", name.lower()).strip("-")[:_MAX_OF_A_NAME].strip("-")
    return f"{slug or 'template'}-{unique[-_UNIQUE:].lower()}"


def plan_id_for(template_id: str, unique: str) -> str:
    """The template's id, fit for an MQTT topic, and a ULID."""
    stem = _FOR_NO_TOPIC.sub("-", template_id)[: MAX_ID_LENGTH - len(unique) - 1]
    return f"{stem}-{unique}"


def country_of(code: str) -> str:
    """An ISO 3166 code of two letters. Raises BadInput."""
    country = code.strip().upper()
    if len(country) != 2 or country == _NOWHERE or country not in Locale("en").territories:
        raise BadInput("country_code", tr("is not a country's code such as KE"))
    return country


def currency_of(country: str) -> str:
    """The currency that a country pays in today. Raises BadInput where there is none, or where there are several."""
    found = get_territory_currencies(country)
    if len(found) != 1:
        raise BadInput("billing_currency", tr("must be given: {country} has {count} currencies", country=country, count=len(found)))
    return str(found[0])


def check_name(where: str, name: str) -> None:
    """Who did it, or for whom. Raises BadInput for what can be no id."""
    fault = id_fault(name)
    if fault:
        raise BadInput(where, fault)
