"""What the customer page shows of a plan, a kept swap and the last one: pure functions from domain values to texts."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from kiosk.domain.decimals import ZERO, plain
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.station.ports import CompletedSwap, OutboxState
from kiosk.station.services.customer_lookup import FoundCustomer, Overview
from ui.pages.formatting import StationTime, age_words, clock_words, masked_name, moment_words
from ui.widgets import QuotaView, RowView, Wait

FRESH = timedelta(minutes=1)
USUAL_SECONDS = 2
MAX_QUOTAS = 3
WAITS = "hourglass-medium-bold"
PAYMENT_STATES = {"CURRENT": (mark("Plan paid up"), "ok"), "RENEWAL_DUE": (mark("Renewal is due"), "attention")}
NEXT_WORDS = {
    Step.RETURNED: mark("Returned battery not read"),
    Step.NEW: mark("New battery not chosen"),
    Step.PAYMENT: mark("Not paid yet"),
    Step.REVIEW: mark("Not completed yet"),
}
LAST_WORDS = {
    OutboxState.SETTLED: (mark("Confirmed"), "ok"),
    OutboxState.UNSETTLED: (mark("Not yet confirmed"), "attention"),
    OutboxState.REFUSED: (mark("Refused"), "stop"),
    OutboxState.RESOLVED: (mark("Settled by a person"), "ok"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideView:
    """One panel at the right of the idle page: a caption, who, the state with its tone and sign, and the button if there
    is one."""

    caption: str
    who: str
    state: str
    tone: str = "muted"
    sign: str = ""
    button: str = ""
    icon: str = ""


def wait_for_plan(limit_seconds: float) -> Wait:
    """The wait for the platform; at its end the plan kept here is used."""
    return Wait(
        phases=(tr("Asking the platform"), tr("Using the plan kept here")),
        usual_seconds=USUAL_SECONDS,
        limit_seconds=max(USUAL_SECONDS + 1, round(limit_seconds)),
        late_words=tr("The platform is slow to answer. The plan kept on this kiosk is used next."),
    )


# -- the found customer


def standing_of(plan: ServicePlan) -> tuple[str, str]:
    """Whether the plan may swap, in words with their tone."""
    if plan.unknown_states:
        return tr("State {state} is not known here", state=plan.unknown_states[0]), "attention"
    sentence, tone = PAYMENT_STATES.get(plan.payment_state, (mark("Plan may swap"), "ok"))
    return tr(sentence), tone


def notes_of(found: FoundCustomer, here: StationTime) -> list[tuple[str, str, str]]:
    """Swaps that are not in the quotas yet, and when the plan was checked: tone, words, icon."""
    checked_at = found.swap.plan_as_of
    if abs(found.swap.started_at - checked_at) < FRESH:
        checked = ("muted", tr("Checked with the platform at {time}", time=clock_words(checked_at, here.zone)), "clock-bold")
    else:
        words = tr("Offline. Last checked {age} ago", age=age_words(checked_at, here.now))
        checked = ("attention", words, "clock-counter-clockwise-bold")
    pending = tr_count("Less {count} swap not yet confirmed", "Less {count} swaps not yet confirmed", found.pending)
    return [("attention", pending, WAITS), checked] if found.pending else [checked]


def quota_views(plan: ServicePlan) -> tuple[QuotaView, ...]:
    """Swaps, electricity, and the first service that is neither."""
    shown = [(tr("Swaps"), "", plan.swap_count)]
    if plan.electricity is not None:
        shown.append((tr("Electricity"), "kWh", plan.electricity))
    known = {plan.fleet.service_id, *(state.service_id for _, _, state in shown)}
    others = (state for state in plan.service_states if state.service_id not in known and not plan.is_electricity(state))
    shown += [(_service_name(plan, state), "", state) for state in others]
    return tuple(_quota(*each) for each in shown[:MAX_QUOTAS])


def _service_name(plan: ServicePlan, state: ServiceState) -> str:
    configured = plan.template.configuration(state.service_id)
    if configured is not None and configured.name:
        return configured.name
    return tr("Network") if "network" in state.service_id else state.service_id


def _quota(name: str, unit: str, state: ServiceState) -> QuotaView:
    if state.unlimited:
        return QuotaView(name=name, unlimited=True)
    return QuotaView(
        name=name,
        left=plain(max(ZERO, state.remaining)),
        unit=tr("{unit} left", unit=unit) if unit else tr("left"),
        used=tr("{used} of {quota} used", used=plain(state.used), quota=f"{plain(state.quota)} {unit}".strip()),
        level=float(min(Decimal(1), state.used / state.quota)) if state.quota > 0 else 1.0,
    )


# -- the panels of the idle page


def kept_aside(overview: Overview, here: StationTime) -> AsideView | None:
    """The panel of kept swaps; None without any."""
    if not overview.kept:
        return None
    newest = overview.kept[0]
    name, age = masked_name(newest.swap.plan), age_words(newest.saved_at, here.now)
    if len(overview.kept) == 1:
        caption = tr("Kept for later, {age}", age=age) if newest.set_aside else tr("Interrupted, {age}", age=age)
        who, state, button, icon = name, kept_state(newest.swap), tr("Continue"), "play-bold"
    else:
        who = tr_count("{count} swap", "{count} swaps", len(overview.kept))
        caption, state, button, icon = tr("Kept for later"), tr("Newest: {name}", name=name), tr("Choose"), "list-bold"
    return AsideView(caption=caption, who=who, state=state, tone="attention", sign=WAITS, button=button, icon=icon)


def kept_state(swap: Swap) -> str:
    """What a kept swap waits for."""
    if swap.payment is not None and not swap.paid:
        return tr("Payment not confirmed")
    if swap.parts and not swap.paid:
        return tr("Paid in part")
    return tr(NEXT_WORDS.get(next_step(swap), NEXT_WORDS[Step.REVIEW]))


def last_aside(last: CompletedSwap | None, print_words: str, here: StationTime) -> AsideView | None:
    """The panel of the last swap; `print_words` says how its print stands, if one was asked for here."""
    if last is None or last.swap.completed_at is None:
        return None
    sentence, tone = LAST_WORDS[last.state]
    return AsideView(
        caption=tr("Last swap, {moment}", moment=moment_words(last.swap.completed_at, here.now, here.zone)),
        who=masked_name(last.swap.plan),
        state=print_words or tr(sentence),
        tone=tone,
        sign=WAITS if tone == "attention" else "",
        button=tr("Print again") if last.swap.plan.makes_receipts else "",
        icon="printer-bold",
    )


def kept_rows(overview: Overview, here: StationTime) -> tuple[RowView, ...]:
    """Kept swaps as rows, newest first."""
    return tuple(
        RowView(
            key=kept.swap.correlation_id,
            words=masked_name(kept.swap.plan),
            note=kept_state(kept.swap),
            near=age_words(kept.saved_at, here.now),
        )
        for kept in overview.kept
    )
