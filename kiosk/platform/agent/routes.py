"""The messages that come in and go out, without a broker, and the table of the requests that the platform answers."""

import re
from dataclasses import dataclass

from kiosk.wire.actions import ACTIONS, Topics, WireAction, filter_for_all, plan_id_of, topic_for

_STATION = "[A-Za-z0-9_.-]{1,40}"  # decision 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message as it came, at a monotonic time; response topic and correlation data are MQTT 5's."""

    topic: str
    payload: bytes
    response_topic: str | None = None
    correlation_data: bytes | None = None
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to publish, QoS 0, not retained."""

    topic: str
    payload: bytes
    correlation_data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An action with the patterns of its topics: those of its answers, the usual one first."""

    action: WireAction
    pattern: str
    answer_patterns: tuple[str, ...]

    @property
    def verb(self) -> str:
        """The last level of its topic."""
        return self.pattern.rsplit("/", 1)[-1]


def routes_of(topics: Topics) -> tuple[Route, ...]:
    """What the platform answers, with its topics."""
    return tuple(Route(action=each, pattern=each.request_pattern(topics), answer_patterns=each.answer_patterns(topics)) for each in ACTIONS)


def filters_of(topics: Topics) -> tuple[str, ...]:
    """What the platform subscribes to."""
    return tuple(filter_for_all(route.pattern) for route in routes_of(topics))


def find_route(routes: tuple[Route, ...], topic: str) -> tuple[Route, str] | None:
    """The route and the plan id of a topic; None when it is none of ours or its plan id cannot be one."""
    for route in routes:
        plan_id = plan_id_of(route.pattern, topic)
        if plan_id is not None:
            return route, plan_id
    return None


def answer_topic(route: Route, plan_id: str, requested: str | None) -> str:
    """Where the answer goes: the response topic of MQTT 5 where it is one for answers to this verb, about this plan or to a station; else
    the contract's. Any other would let one client publish as the platform on any topic, or pass an answer off as one to another verb.
    """
    usual, *others = (topic_for(each, plan_id) for each in route.answer_patterns)
    return requested if requested and (requested in others or _is_of_station(requested, route.verb)) else usual


def _is_of_station(topic: str, verb: str) -> bool:
    """`rtrn/abs/station/{station}/{verb}`."""
    return re.fullmatch(f"rtrn/abs/station/{_STATION}/{re.escape(verb)}", topic) is not None
