"""Answers of the platform: matched to our correlation ids, settled or refused (decisions 17, 18).

The correlation id may stand at top level, in `metadata`, `data` or `data.metadata`, exactly ours or with a suffix after our
full-length id (`TXN-`, or `ASK-` for a question, and 26 characters); the specification's example carries it as
`metadata.transaction_id` only. Yes is a success signal of the action that was asked, in the field also that it was done before; no
flag and no success of another action is one, whoever made the platform publish it here. A failure signal overrides any success, wherever it
stands: also in the `cached_result` of an answer that was given before. "Too much at once" and "your clock differs" are no refusals: the
swap is sent again. What is not JSON, has another shape, belongs to another plan or action or says neither yes nor no is `Unintelligible`:
worth a line in the log, never the end of
anything. The swap then stays unknown and is sent again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.requests import CompleteService
from kiosk.domain.swap.pending_swaps import Answer, Rejected, Settled
from kiosk.wire.actions import BY_NAME, FAILURES, NOT_JUDGED, REPEATED, SUCCESSES
from kiosk.wire.exact_json import loads

_OUR_ID = re.compile(r"[A-Z]{3}-[0-9A-HJKMNP-TV-Z]{26}")
_MAX_REASON_LENGTH = 500
_NO_REASON = "the platform gives no reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unintelligible:
    """An answer that means nothing here; `reason` is a phrase for the log."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer says: `succeeded` None when it says neither. `reason` is the platform's own sentence when it refused."""

    correlation_id: str
    signals: tuple[str, ...]
    succeeded: bool | None
    reason: str

    @property
    def repeated(self) -> bool:
        """The platform had done it before."""
        return REPEATED in self.signals

    @property
    def later(self) -> bool:
        """The platform has judged nothing, as one that has too much to do: whoever asks, asks again."""
        return self.succeeded is None and not NOT_JUDGED.isdisjoint(self.signals)


def answer_from_payload(plan_id: str, payload: bytes, action: str = CompleteService.action) -> Answer | Unintelligible:
    """The answer to a completion or to a step of one; `plan_id` and `action` are those of its topic. Never raises for anything the payload
    may hold."""
    read = read_answer(action, plan_id, payload)
    if isinstance(read, Unintelligible):
        return read
    _, verdict = read
    if verdict.succeeded is None:
        neither = "says neither that it is recorded nor that it is refused"
        return Unintelligible(reason="asks to be asked again later" if verdict.later else neither)
    if verdict.succeeded:
        return Settled(correlation_id=verdict.correlation_id, plan_id=plan_id, raw=payload, repeated=verdict.repeated, action=action)
    return Rejected(
        correlation_id=verdict.correlation_id, plan_id=plan_id, raw=payload, reason=verdict.reason, signals=verdict.signals, action=action
    )


def read_answer(action: str, plan_id: str, payload: bytes) -> tuple[dict[str, Any], Verdict] | Unintelligible:
    """Any answer to `action` about the plan in its topic: the document, and what it says under which correlation id. Never raises."""
    try:
        document = loads(payload)
    except BadInput as error:
        return Unintelligible(reason=error.reason)
    if not isinstance(document, dict):
        return Unintelligible(reason="is not an object")
    other = other_plan(document, plan_id)
    if other:
        return Unintelligible(reason=f"is for another plan, {other}")
    other_action = _other_action(document, action)
    if other_action:
        return Unintelligible(reason=f"is to another action, {other_action}")
    verdict = verdict_of(action, document)
    if not verdict.correlation_id:
        return Unintelligible(reason="carries no correlation id")
    return document, verdict


def verdict_of(action: str, document: dict[str, Any]) -> Verdict:
    """Correlation id (or empty), signals, whether it is the success of `action`, and reason, from wherever they stand."""
    signals = _signals(document)
    return Verdict(
        correlation_id=_correlation_id(document),
        signals=tuple(dict.fromkeys(signals)),
        succeeded=_succeeded(action, document, signals),
        reason=_reason(document, signals),
    )


def _signals(document: dict[str, Any]) -> tuple[str, ...]:
    listed = (place.get("signals") for place in _all_places(document))
    return tuple(each for found in listed if isinstance(found, list) for each in found if isinstance(each, str))


def other_plan(document: dict[str, Any], plan_id: str) -> str | None:
    """The plan that a payload names when it is not `plan_id`."""
    found = (place.get("plan_id") for place in _places(document))
    return next((each for each in found if isinstance(each, str) and each not in ("", plan_id)), None)


def _other_action(document: dict[str, Any], action: str) -> str | None:
    """The action that an answer names when it is one of ours and not `action`; most answers name none."""
    found = (place.get("action") for place in _places(document))
    return next((each for each in found if isinstance(each, str) and each in SUCCESSES and each != action), None)


def correlation_id_in(payload: bytes) -> str:
    """The id that an answer carries, without a suffix; "" where it carries none. Never raises."""
    try:
        return _correlation_id(mapping(loads(payload)))
    except BadInput:
        return ""


def signals_in(payload: bytes) -> frozenset[str]:
    """All signals of an answer, wherever they stand. Never raises."""
    try:
        return frozenset(_signals(mapping(loads(payload))))
    except BadInput:
        return frozenset()


def own_id(text: str) -> str:
    """Our full-length id without what was appended to it; any other id as it is."""
    found = _OUR_ID.match(text)
    return found.group() if found else text


def mapping(value: object) -> dict[str, Any]:
    """`value` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def _places(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Where a fact may stand, in order: top level, metadata, data, data.metadata (decision 18)."""
    data = mapping(document.get("data"))
    yield from (document, mapping(document.get("metadata")), data, mapping(data.get("metadata")))


def _all_places(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same, then what an earlier answer held: a refusal that is only repeated is still one."""
    yield from _places(document)
    yield from _cached(document)


def _cached(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for place in _places(document):
        cached = mapping(place.get("cached_result"))
        yield from (cached, mapping(cached.get("metadata")))


def _correlation_id(document: dict[str, Any]) -> str:
    found = (place.get(key) for key in ("correlation_id", "transaction_id") for place in _places(document))
    return own_id(next((each for each in found if isinstance(each, str) and each), ""))


def _succeeded(action: str, document: dict[str, Any], signals: tuple[str, ...]) -> bool | None:
    failures = FAILURES.intersection(signals)
    if failures:
        return None if failures <= NOT_JUDGED else False
    if any(place.get("success") is False for place in _all_places(document)):
        return False
    if SUCCESSES[action].intersection(signals):
        return True
    return True if BY_NAME[action].repeat_alone and set(signals) == {REPEATED} else None


def _reason(document: dict[str, Any], signals: tuple[str, ...]) -> str:
    """The first of metadata.reason, metadata.message, metadata.service_result.reason, status_message; else the failure signals."""
    metadatas = [*(mapping(place.get("metadata")) for place in (document, mapping(document.get("data")))), *_cached(document)]
    candidates = [
        *(each.get("reason") for each in metadatas),
        *(each.get("message") for each in metadatas),
        *(mapping(each.get("service_result")).get("reason") for each in metadatas),
        *(place.get("status_message") for place in _places(document)),
        *(each for each in signals if each in FAILURES),
    ]
    found = next((each for each in candidates if isinstance(each, str) and each.strip()), _NO_REASON)
    return cleaned(found, _MAX_REASON_LENGTH) or _NO_REASON
