"""The table of actions: every topic and every kind of request stands in it."""

from dataclasses import fields
from typing import get_args

import pytest

from kiosk.domain.requests import Request
from kiosk.wire.actions import ACTIONS, FAILURES, FIELD_COMPLETION, SUCCESSES, Topics, WireAction

EVENTS = {"payment_received", "service_completed"}


def test_every_request_is_an_action_of_the_table() -> None:
    assert {each.name for each in ACTIONS} == {kind.action for kind in get_args(Request)} | {FIELD_COMPLETION}


def test_every_topic_belongs_to_one_action_or_is_an_events() -> None:
    named = [name for each in ACTIONS for name in (each.topic, each.answer_topic, each.other_answer_topic) if name]
    assert sorted([*named, *EVENTS]) == sorted(each.name for each in fields(Topics))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_what_the_platform_says_is_what_the_station_understands(action: WireAction) -> None:
    assert action.failure in FAILURES
    assert action.success not in FAILURES
    if action.accepted:
        assert action.success in action.accepted


def test_no_success_of_an_action_is_a_failure_of_another() -> None:
    assert not FAILURES & frozenset().union(*SUCCESSES.values())


def test_patterns_are_the_configured_ones() -> None:
    topics = Topics(identify_customer="a/{plan_id}", identify_customer_attendant="b/{plan_id}")
    identify = ACTIONS[0]
    assert identify.request_pattern(topics) == "a/{plan_id}"
    assert identify.answer_patterns(topics) == (topics.identify_customer_service, "b/{plan_id}")
