"""What the customer page says of a plan, a kept swap and the last one: pure, from domain values to words."""

from datetime import timedelta
from decimal import Decimal

from kiosk.domain.decimals import plain
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.station.ports import CompletedSwap, KeptSwap, OutboxState
from ui.pages.customer.lookup import Found, Overview
from ui.pages.customer.views import MOST_QUOTAS, AsideView, FoundFacts
from ui.pages.shared_text import StationTime, ago, clock_words, masked_name, moment_words, shortened
from ui.widgets import QuotaView, RowView, Wait

FRESH = timedelta(minutes=1)
USUAL_SECONDS = 2
WAITS = "hourglass-medium-bold"
ZERO, ONE = Decimal(0), Decimal(1)
STANDINGS = {"CURRENT": ("Plan paid up", "ok"), "RENEWAL_DUE": ("Renewal is due", "attention")}
NEXT_WORDS = {
    Step.RETURNED: "Returned battery not read",
    Step.NEW: "New battery not chosen",
    Step.PAYMENT: "Not paid yet",
    Step.REVIEW: "Not completed yet",
}
LAST_WORDS = {
    OutboxState.SETTLED: ("Confirmed", "ok"),
    OutboxState.UNSETTLED: ("Not yet confirmed", "attention"),
    OutboxState.REFUSED: ("Refused", "stop"),
    OutboxState.RESOLVED: ("Settled by a person", "ok"),
}


def wait_for_plan(limit_seconds: float) -> Wait:
    """The wait for the platform, until the cached plan counts."""
    return Wait(
        phases=("Asking the platform", "Using the plan kept here"),
        usual_seconds=USUAL_SECONDS,
        limit_seconds=max(USUAL_SECONDS + 1, round(limit_seconds)),
        late_words="The platform is slow to answer. The plan kept on this kiosk is used next.",
    )


# -- the found customer


def found_facts(found: Found, here: StationTime) -> FoundFacts:
    """All that the found page shows."""
    plan = found.swap.plan
    return FoundFacts(
        name=masked_name(plan),
        plan=plan.template.name,
        standing=_standing(plan),
        customer=shortened(plan.customer_id),
        battery=plan.current_asset or "None yet",
        notes=(*_pending(found.pending), _checked(found.swap, here)),
        quotas=quotas(plan),
    )


def _standing(plan: ServicePlan) -> tuple[str, str]:
    if plan.unknown_states:
        return f"State {plan.unknown_states[0]} is not known here", "attention"
    return STANDINGS.get(plan.payment_state, ("Plan may swap", "ok"))


def _pending(count: int) -> tuple[tuple[str, str, str], ...]:
    if not count:
        return ()
    words = f"Less {count} {'swap' if count == 1 else 'swaps'} not yet confirmed"
    return ((words, "attention", "hourglass-medium-bold"),)


def _checked(swap: Swap, here: StationTime) -> tuple[str, str, str]:
    if abs(swap.started_at - swap.plan_as_of) < FRESH:
        return f"Checked with the platform at {clock_words(swap.plan_as_of, here.zone)}", "muted", "clock-bold"
    return f"Offline. Last checked {ago(swap.plan_as_of, here.now)} ago", "attention", "clock-counter-clockwise-bold"


def quotas(plan: ServicePlan) -> tuple[QuotaView, ...]:
    """Swaps, electricity, and the first service that is neither."""
    swaps, electricity = plan.swap_count, plan.electricity
    named = [("Swaps", "", swaps)]
    if electricity is not None:
        named.append(("Electricity", "kWh", electricity))
    known = {plan.fleet.service_id, *(state.service_id for _, _, state in named)}
    others = (state for state in plan.service_states if state.service_id not in known and not plan.is_electricity(state))
    named += [(_name(plan, state), "", state) for state in others]
    return tuple(_quota(*each) for each in named[:MOST_QUOTAS])


def _name(plan: ServicePlan, state: ServiceState) -> str:
    configured = plan.template.configuration(state.service_id)
    if configured is not None and configured.name:
        return configured.name
    return "Network" if "network" in state.service_id else state.service_id


def _quota(name: str, unit: str, state: ServiceState) -> QuotaView:
    if state.unlimited:
        return QuotaView(name=name, unlimited=True)
    level = float(min(ONE, state.used / state.quota)) if state.quota > 0 else 1.0
    amount = f"{plain(state.quota)} {unit}".strip()
    left = plain(max(ZERO, state.remaining))
    return QuotaView(name=name, left=left, unit=f"{unit} left".strip(), used=f"{plain(state.used)} of {amount} used", level=level)


# -- the panels of the idle page


def kept_aside(overview: Overview, here: StationTime) -> AsideView | None:
    """The panel of kept swaps; None without any."""
    if not overview.kept:
        return None
    newest = overview.kept[0]
    if len(overview.kept) == 1:
        caption = f"{kept_how(newest)}, {ago(newest.saved_at, here.now)}"
        who, state = masked_name(newest.swap.plan), kept_state(newest.swap)
        return AsideView(caption=caption, who=who, state=state, tone="attention", sign=WAITS, button="Continue", icon="play-bold")
    state = f"Newest: {masked_name(newest.swap.plan)}"
    who = f"{len(overview.kept)} swaps"
    return AsideView(caption="Kept for later", who=who, state=state, tone="attention", sign=WAITS, button="Choose", icon="list-bold")


def kept_how(kept: KeptSwap) -> str:
    """Whether a person set it aside or a restart cut it off."""
    return "Kept for later" if kept.set_aside else "Interrupted"


def kept_state(swap: Swap) -> str:
    """What a kept swap waits for."""
    if swap.payment is not None and not swap.paid:
        return "Payment not confirmed"
    if swap.parts and not swap.paid:
        return "Paid in part"
    return NEXT_WORDS.get(next_step(swap), "Not completed yet")


def last_aside(last: CompletedSwap | None, print_words: str, here: StationTime) -> AsideView | None:
    """The panel of the last swap; `print_words` says how its print stands, if one was asked for here."""
    if last is None or last.swap.completed_at is None:
        return None
    words, tone = LAST_WORDS[last.state]
    return AsideView(
        caption=f"Last swap, {moment_words(last.swap.completed_at, here.now, here.zone)}",
        who=masked_name(last.swap.plan),
        state=print_words or words,
        tone=tone,
        sign=WAITS if tone == "attention" else "",
        button="Print again" if last.swap.plan.makes_receipts else "",
        icon="printer-bold",
    )


def kept_rows(overview: Overview, here: StationTime) -> tuple[RowView, ...]:
    """Kept swaps as rows, newest first."""
    return tuple(
        RowView(
            key=kept.swap.correlation_id, words=masked_name(kept.swap.plan), note=kept_state(kept.swap), near=ago(kept.saved_at, here.now)
        )
        for kept in overview.kept
    )


def kept_facts(kept: KeptSwap, here: StationTime) -> dict[str, str]:
    """What is known of one kept swap."""
    swap = kept.swap
    return {
        "Kept at": moment_words(kept.saved_at, here.now, here.zone),
        "Returned": swap.incoming.battery_id if swap.incoming else ("None" if swap.plan.first_visit else "Not read"),
        "New": swap.outgoing.battery_id if swap.outgoing else "Not read",
        "Paid": f"{swap.amount_paid:f} {swap.payments[0].currency}" if swap.payments else "Nothing",
    }
