"""Where an answer may be asked to go: to the verb that was asked, and nowhere else."""

import pytest

from kiosk.platform.agent.wire_messages import ROUTES, Route, answer_topic
from kiosk.wire.actions import topic_for
from tests.platform.agent_counter import PLAN

ANSWERS = {topic_for(pattern, PLAN): each.action.name for each in ROUTES for pattern in each.answer_patterns}


def usual(route: Route) -> str:
    return topic_for(route.answer_patterns[0], PLAN)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.action.name)
def test_an_answer_goes_where_answers_to_its_verb_go(route: Route) -> None:
    own = [topic for topic, action in ANSWERS.items() if action == route.action.name]
    assert usual(route) in own
    for wanted in own:
        assert answer_topic(route, PLAN, wanted) == wanted
    for station in ("STATION-7", "st.1_A"):
        wanted = f"rtrn/abs/station/{station}/{route.verb}"
        assert answer_topic(route, PLAN, wanted, station) == wanted
    assert answer_topic(route, PLAN, None) == usual(route)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.action.name)
def test_no_answer_goes_where_another_is_awaited(route: Route) -> None:
    others = [topic for topic, action in ANSWERS.items() if action != route.action.name]
    other_stations = [f"rtrn/abs/station/STATION-7/{each.verb}" for each in ROUTES if each is not route]
    other_plans = [topic_for(pattern, "another") for pattern in route.answer_patterns]
    odd = [
        "",
        "rtrn",
        "rtrn/abs/",
        "rtrn/abs/kiosk-7",
        f"rtrn/abs/station/{route.verb}",
        f"rtrn/abs/station//{route.verb}",
        f"rtrn/abs/station/a/b/{route.verb}",
        f"rtrn/abs/station/+/{route.verb}",
        f"rtrn/abs/station/#/{route.verb}",
        f"rtrn/abs/station/a\n/{route.verb}",
        f"rtrn/abs/station/{'a' * 41}/{route.verb}",
        f"rtrn/abs/station/a/{route.verb}\n",
        f"x/rtrn/abs/station/a/{route.verb}",
        usual(route) + "/x",
        usual(route) + "\0",
        topic_for(route.pattern, PLAN),
        f"event/abs/payment/plan/{PLAN}/payment_received",
        f"event/abs/service/plan/{PLAN}/service_completed",
        "$SYS/x",
    ]
    for wanted in (*others, *other_stations, *other_plans, *odd):
        for asker in ("", "STATION-7", "a"):
            if wanted != f"rtrn/abs/station/{asker}/{route.verb}":
                assert answer_topic(route, PLAN, wanted, asker) == usual(route)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.action.name)
def test_no_answer_goes_under_the_prefix_of_another_station(route: Route) -> None:
    for wanted in ("STATION-8", "STATION-70", "STATION", "station-7", "STATION-7/x"):
        assert answer_topic(route, PLAN, f"rtrn/abs/station/{wanted}/{route.verb}", "STATION-7") == usual(route)
        assert answer_topic(route, PLAN, f"rtrn/abs/station/{wanted}/{route.verb}") == usual(route)
