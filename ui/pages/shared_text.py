"""Texts that several pages share: the customer's masked name, the steps that a swap skips, times at the station."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from kiosk.domain.language import mark, tr
from kiosk.domain.messages import spell_age
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Step, Swap, next_step

RAIL = {step: index for index, step in enumerate(Step)}  # where a step stands in `ui.widgets.step_rail.STEPS`
NO_STEPS = frozenset[Step]()
SETTLED_STEPS = frozenset({Step.REVIEW, Step.DONE})
MONTHS = (
    mark("Jan"),
    mark("Feb"),
    mark("Mar"),
    mark("Apr"),
    mark("May"),
    mark("Jun"),
    mark("Jul"),
    mark("Aug"),
    mark("Sep"),
    mark("Oct"),
    mark("Nov"),
    mark("Dec"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationTime:
    """Now, at the station; `zone` None is the machine's own."""

    now: datetime
    zone: tzinfo | None


def masked_name(plan: ServicePlan) -> str:
    """The customer as the screen may show it: "Amina W.", else the customer's id (interface, "Words")."""
    parts = (plan.customer_name or "").split()
    if not parts:
        return plan.customer_id
    return parts[0] if len(parts) == 1 else f"{parts[0]} {parts[-1][0]}."


def skipped_steps(swap: Swap | None) -> frozenset[Step]:
    """The steps that this swap does not need: Returned on a first visit, Payment once the review shows that none was due."""
    if swap is None:
        return NO_STEPS
    returned = {Step.RETURNED} if swap.plan.first_visit else NO_STEPS
    payment = {Step.PAYMENT} if not swap.payments and next_step(swap) in SETTLED_STEPS else NO_STEPS
    return frozenset(returned | payment)


def shortened(code: str, most: int = 24) -> str:
    """A code or id that fits beside other words: its beginning and its end, which tell it from others."""
    return code if len(code) <= most else f"{code[: most // 2]} … {code[-(most // 2 - 3) :]}"


def clock_words(at: datetime, zone: tzinfo | None) -> str:
    """The time of day at the station: "14:05"."""
    return f"{at.astimezone(zone):%H:%M}"


def moment_words(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """The time of day, with the date when it was another day: "14:05", "20 Nov, 14:05"."""
    there, time = at.astimezone(zone), clock_words(at, zone)
    if there.date() == now.astimezone(zone).date():
        return time
    return tr("{day} {month}, {time}", day=there.day, month=tr(MONTHS[there.month - 1]), time=time)


def sentence_case(phrase: str) -> str:
    """A phrase with a capital letter at its beginning."""
    return phrase[:1].upper() + phrase[1:]


def age_words(at: datetime, now: datetime) -> str:
    """How long ago: "3 h"; never negative, a clock that was set back makes it 0 s."""
    return spell_age(max(timedelta(0), now - at))
