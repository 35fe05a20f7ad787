"""Text in documents is either only shown, and then nothing in it refuses the document, or it decides something, and is strict.

Every text of every document is walked: one that is in neither class fails here.
"""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.display import MAX_CHARACTERS, MAX_NOTE, cleaned
from kiosk.domain.errors import BadInput, PlanInvalid
from kiosk.wire.battery_documents import change_of, told_of
from kiosk.wire.checked import MAX_ID_LENGTH
from kiosk.wire.exact_json import loads
from kiosk.wire.identification import IdentifyAnswer, identify_answer_from_payload
from kiosk.wire.plan_documents import plan_from_document, plan_to_document
from kiosk.wire.request_documents import request_from_json, request_to_json
from kiosk.wire.telemetry_documents import latest_of, telemetry_to_document
from kiosk.wire.template_documents import template_from_document, template_to_document
from tests.builders import specified
from tests.wire.test_field_plans import FIELD

Place = tuple[str | int, ...]
ODD = [
    "Amina\u00a0Otieno",
    "Amina\r\nOtieno\t",
    "Ami\u200bna\u200d\u2060",
    "\u202eAmina\u2066",
    "Amina \ud83d",
    "Amina \ufffd\u0378\ue000\uffff",
    "A" + "\u0301" * 300,
    "Ame\u0301lie",
    "x" * 10_000,
    "\0",
    "\u2028",
    "",
]
TEXTS = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=()), max_size=60)


def plan() -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(specified("plan")) | {"customer_name": "Amina Otieno", "currency": "USD"}
    template = document["service_plan_template"]
    template |= {"description": "Weekly", "country_code": "KE", "legal_jurisdiction": "Nairobi"}
    for service in template["service_configurations"]:
        service |= {"name": "Swaps", "unit": "kWh", "usage_metric": "count"}
    return document


READING = {
    "asset_id": "BAT-1",
    "timestamp": "2026-11-30T10:00:00Z",
    "kwh_remaining": 4.8,
    "faults": ["hot"],
    "states": ["discharge off"],
    "unknown_codes": ["0x40"],
    "protocol": "jbd",
    "serial": "S-1",
    "address": "C8:47:8C:00:10:00",
}
BOUND = {
    "asset_id": "BAT-1",
    "address": "C8:47:8C:00:10:00",
    "family": "jbd",
    "serial": "S-1",
    "bound_by": "ATT-001",
    "bound_at": "2026-11-30T10:00:00Z",
    "station_id": "STATION-1",
}


def answered(metadata: Any) -> dict[str, Any]:
    """A plan in the field's form, in the platform's answer over the broker."""
    body = {"plan_id": "plan-9", "correlation_id": "ASK-1", "data": {"success": True, "metadata": metadata}}
    body["data"]["signals"] = ["CUSTOMER_IDENTIFIED_SUCCESS"]  # type: ignore[index]  # it is the dict of above
    answer = identify_answer_from_payload("plan-9", json.dumps(body, default=float).encode())
    assert isinstance(answer, IdentifyAnswer)
    return plan_to_document(answer.plan())


def activity() -> dict[str, Any]:
    return {
        "action": "REPORT_ATTENDANT_ACTIVITY",
        "attendant_id": "ATT-001",
        "attendant_station": "STATION-1",
        "activity": "opened",
        "correlation_id": "TXN-1",
    }


# name -> a whole document, how it is read and written again, the keys of what is only shown with their longest length, keys of open objects
DOCUMENTS: dict[str, tuple[Any, Callable[[Any], Any], dict[str, int], set[str]]] = {
    "plan": (
        plan(),
        lambda document: plan_to_document(plan_from_document(document)),
        {
            "customer_name": MAX_CHARACTERS,
            "name": MAX_CHARACTERS,
            "unit": MAX_CHARACTERS,
            "description": MAX_NOTE,
            "legal_jurisdiction": MAX_CHARACTERS,
            "country_code": MAX_CHARACTERS,
        },
        {"contract_terms", "plan_state", "agent_state", "service_account", "payment_account"},
    ),
    "template": (
        plan()["service_plan_template"],
        lambda document: template_to_document(template_from_document(document)),
        dict.fromkeys(("name", "unit", "legal_jurisdiction", "country_code"), MAX_CHARACTERS) | {"description": MAX_NOTE},
        {"contract_terms"},
    ),
    "field": (
        {key: FIELD[key] for key in ("service_plan_data", "service_bundle")},
        answered,
        dict.fromkeys(("name", "usageUnit"), MAX_CHARACTERS),
        {"status", "bundleId"},
    ),
    "telemetry": (
        {"asset_id": "BAT-1", "telemetry": READING | {"station_id": "STATION-1"}},
        lambda document: telemetry_to_document(latest_of(document).reading),
        dict.fromkeys(("faults", "states", "unknown_codes", "protocol"), MAX_CHARACTERS)
        | dict.fromkeys(("serial", "address"), MAX_ID_LENGTH),
        {"asset_id"},  # normalised, and checked by whoever takes the reading in
    ),
    "bindings": (
        {"batteries": [BOUND], "cursor": "c", "more": False},
        told_of,
        dict.fromkeys(("serial", "bound_by", "station_id"), MAX_ID_LENGTH),
        {"cursor"},
    ),
    "binding": (
        {key: BOUND[key] for key in BOUND if key != "asset_id"} | {"note": "why"},
        lambda document: change_of("BAT-1", document),
        {"note": MAX_NOTE},
        set(),
    ),
    "activity": (activity(), lambda document: request_to_json(request_from_json(document)), {"activity": MAX_NOTE}, set()),
}


def texts_in(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where each text of a document stands."""
    if isinstance(value, str):
        yield place
    elif isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts_in(each, (*place, key))


def key_of(place: Place) -> str:
    return next(each for each in reversed(place) if isinstance(each, str))


PLACES = [
    (name, place) for name, (document, *_, free) in DOCUMENTS.items() for place in texts_in(document) if not free & {*map(str, place)}
]
SHOWN = [(name, place) for name, place in PLACES if key_of(place) in DOCUMENTS[name][2]]
STRICT = [each for each in PLACES if each not in SHOWN]


def read_with(name: str, place: Place, text: str) -> Any:
    """The document with this text in this place, as it comes over the wire."""
    document, read, *_ = DOCUMENTS[name]
    changed: Any = copy.deepcopy(document)
    around = changed
    for each in place[:-1]:
        around = around[each]
    around[place[-1]] = text
    return read(loads(json.dumps(changed, default=float).encode()))


@pytest.mark.parametrize(("name", "place"), SHOWN, ids=str)
@settings(max_examples=25)
@given(text=TEXTS)
def test_what_is_only_shown_refuses_nothing_and_is_harmless(name: str, place: Place, text: str) -> None:
    told = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # two halves that follow each other are one character
    shown = cleaned(told, DOCUMENTS[name][2][key_of(place)])
    assert read_with(name, place, text) == read_with(name, place, shown)


@pytest.mark.parametrize(("name", "place"), STRICT, ids=str)
@pytest.mark.parametrize("odd", ["\u202e", "\0", "\ud800", "\ufeff"], ids=ascii)
def test_what_decides_something_is_refused_where_it_cannot_be_read(name: str, place: Place, odd: str) -> None:
    with pytest.raises((BadInput, PlanInvalid)):
        read_with(name, place, f"A{odd}B")


def test_every_key_that_is_called_shown_is_met() -> None:
    met = {(name, key_of(place)) for name, place in SHOWN}
    assert met == {(name, key) for name, (_, _, shown, _) in DOCUMENTS.items() for key in shown}
