"""The station's plans over HTTP: what each answer of a platform becomes."""

from typing import Any

import pytest

from kiosk.domain.errors import BadInput, LinkDown
from kiosk.station.adapters.http.client import HttpPlans, PlatformClient
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.plan_documents import plan_without_template
from kiosk.wire.template_documents import template_to_document
from tests.builders import plan_of
from tests.station.adapters.http.peer import Peer, http

PLAN = plan_of()
TEMPLATE = {"key": "k1", "document": template_to_document(PLAN.template, whole=True)}
DOCUMENT = plan_without_template(PLAN)
CHANGE = {"id": PLAN.id, "template_key": "k1", "document": DOCUMENT}


def page(**changes: Any) -> bytes:
    """An answer with one plan."""
    told = {"plans": [CHANGE], "templates": [TEMPLATE], "cursor": "c1", "more": False} | changes
    return http("200 OK", dumps({"data": {"servicePlanChanges": told}}))


def failed(message: str, **extensions: Any) -> bytes:
    """An answer with an error; GraphQL's status is 200 all the same."""
    return http("200 OK", dumps({"data": None, "errors": [{"message": message, "extensions": extensions}]}))


@pytest.fixture
def plans(client: PlatformClient) -> HttpPlans:
    return HttpPlans(client, "STATION-1", page=7)


async def test_a_page_is_the_plans_with_their_templates(peer: Peer, plans: HttpPlans) -> None:
    peer.answer = page()
    told = await plans.changes("c0")
    assert (told.plans, told.cursor, told.more, dict(told.unreadable)) == ((PLAN,), "c1", False, {})
    asked = loads(peer.asked[0].split(b"\r\n\r\n", 1)[1])
    assert asked["variables"] == {"station": "STATION-1", "since": "c0", "first": 7}


async def test_everything_is_asked_for_without_a_cursor(peer: Peer, plans: HttpPlans) -> None:
    peer.answer = page(plans=[], templates=[])
    assert (await plans.changes("")).plans == ()
    assert b'"since":null' in peer.asked[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({**CHANGE, "document": {}}, "id is missing"),
        ({**CHANGE, "document": 3}, "document must be an object"),
        ({**CHANGE, "template_key": "k2"}, "service_plan_template is missing"),
        ({**CHANGE, "document": DOCUMENT | {"id": "another"}}, f"id is not the plan that was named, {PLAN.id}"),
        ({**CHANGE, "document": DOCUMENT | {"template_version": "9"}}, "template_version is not the version of its template, 2.0.0"),
    ],
)
async def test_a_plan_that_breaks_a_rule_is_named(peer: Peer, plans: HttpPlans, change: dict[str, Any], reason: str) -> None:
    peer.answer = page(plans=[change])
    told = await plans.changes("")
    assert (told.plans, dict(told.unreadable)) == ((), {PLAN.id: reason})


async def test_a_template_that_breaks_a_rule_is_named_with_its_plans(peer: Peer, plans: HttpPlans) -> None:
    peer.answer = page(templates=[{"key": "k1", "document": {"id": "t"}}])
    assert dict((await plans.changes("")).unreadable) == {PLAN.id: "service_plan_template.version is missing"}


@pytest.mark.parametrize("told", [{"plans": None}, {"cursor": 3}, {"more": "yes"}, {"plans": [3]}])
async def test_an_answer_of_another_shape_is_refused_with_its_place(peer: Peer, plans: HttpPlans, told: dict[str, Any]) -> None:
    peer.answer = page(**told)
    with pytest.raises(BadInput) as refused:
        await plans.changes("")
    assert refused.value.where.startswith("data.servicePlanChanges.")


async def test_a_cursor_that_the_platform_does_not_know_is_named_as_such(peer: Peer, plans: HttpPlans) -> None:
    peer.answer = failed("No.", code="BadInput", where="cursor", reason="is none of this platform's")
    with pytest.raises(BadInput) as refused:
        await plans.changes("c0")
    assert (refused.value.where, refused.value.reason) == ("cursor", "is none of this platform's")


async def test_a_query_that_is_not_understood_will_never_be(peer: Peer, plans: HttpPlans) -> None:
    peer.answer = failed("Cannot query field 'servicePlanChanges'", code="BadQuery")
    with pytest.raises(BadInput):
        await plans.changes("")


@pytest.mark.parametrize("answer", [failed("The disk is full.", code="StoreFailed"), failed("Sorry."), http("200 OK", b'{"errors": [3]}')])
async def test_what_may_pass_is_a_link_that_is_down(peer: Peer, plans: HttpPlans, answer: bytes) -> None:
    peer.answer = answer
    with pytest.raises(LinkDown):
        await plans.changes("")
