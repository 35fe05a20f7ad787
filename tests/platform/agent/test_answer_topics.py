"""Where an answer may be asked to go: to the verb that was asked, and nowhere else."""

import pytest

from kiosk.platform.agent.routes import Route, answer_topic, routes_of
from kiosk.wire.topics import Topics, topic_for
from tests.platform.agent_counter import PLAN

STEPS = routes_of(Topics())
ANSWERS = {topic_for(pattern, PLAN): each.action for each in STEPS for pattern in (each.answers_on, each.or_on) if pattern}


def usual(step: Route) -> str:
    return topic_for(step.answers_on, PLAN)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.action)
def test_an_answer_goes_where_answers_to_its_verb_go(step: Route) -> None:
    own = [topic for topic, action in ANSWERS.items() if action == step.action]
    assert usual(step) in own
    for wanted in (*own, f"rtrn/abs/station/STATION-7/{step.verb}", f"rtrn/abs/station/st.1_A/{step.verb}"):
        assert answer_topic(step, PLAN, wanted) == wanted
    assert answer_topic(step, PLAN, None) == usual(step)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.action)
def test_no_answer_goes_where_another_is_awaited(step: Route) -> None:
    others = [topic for topic, action in ANSWERS.items() if action != step.action]
    other_stations = [f"rtrn/abs/station/STATION-7/{each.verb}" for each in STEPS if each is not step]
    other_plans = [topic_for(pattern, "another") for pattern in (step.answers_on, step.or_on) if pattern]
    odd = [
        "",
        "rtrn",
        "rtrn/abs/",
        "rtrn/abs/kiosk-7",
        f"rtrn/abs/station/{step.verb}",
        f"rtrn/abs/station//{step.verb}",
        f"rtrn/abs/station/a/b/{step.verb}",
        f"rtrn/abs/station/+/{step.verb}",
        f"rtrn/abs/station/#/{step.verb}",
        f"rtrn/abs/station/a\n/{step.verb}",
        f"rtrn/abs/station/{'a' * 41}/{step.verb}",
        f"rtrn/abs/station/a/{step.verb}\n",
        f"x/rtrn/abs/station/a/{step.verb}",
        usual(step) + "/x",
        usual(step) + "\0",
        topic_for(step.pattern, PLAN),
        f"event/abs/payment/plan/{PLAN}/payment_received",
        f"event/abs/service/plan/{PLAN}/service_completed",
        "$SYS/x",
    ]
    for wanted in (*others, *other_stations, *other_plans, *odd):
        assert answer_topic(step, PLAN, wanted) == usual(step)
