"""The views of the customer page (idle, looking up, kept swaps), and what they say of a battery that comes back, a kept swap and the last
one."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages import Remedy
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.domain.written import format_money
from kiosk.station.ports import CompletedSwap, KeptSwap, OutboxState
from kiosk.station.services.customer_lookup import Overview
from kiosk.station.services.money_back import MoneyBack
from ui.pages.formatting import StationTime, age_words, masked_name, moment_words
from ui.pages.page_context import action
from ui.widgets import BusyPanel, ChoiceList, RowView, StatusHero, Wait, Widgets
from ui.widgets.frame import Action
from ui.widgets.surfaces import Surface

USUAL_SECONDS = 2
LEFT, RIGHT = 7, 5  # shares of the two columns
ASIDE_SHARES = (2, 3, 3)  # of the height: the first panel has no button
WAITS = "hourglass-medium-bold"
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


class CustomerViewKind(StrEnum):
    """What the page shows; its attribute for it is the value and "_view"."""

    IDLE = "idle"
    TYPING = "typing"
    LOOKING = "looking"
    FOUND = "found"
    REFUSED = "refused"
    KEPT = "kept"


class Aside(Surface):
    """A panel with one button of its own."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(widgets)
        self._caption, self._who = widgets.text("", "small", "muted"), widgets.text("", "lead")
        self._plain, self._state = widgets.text("", "body", "muted"), widgets.say("", "ok")
        self.button = widgets.button("", "play-bold", name=tr("Continue"))
        self.button.setMinimumWidth(widgets.t.width("aside"))
        words = widgets.stack(..., self._caption, self._who, self._plain, self._state, ..., gap="xs")
        layout = widgets.row(words, self.button, gap="m", grow=(0,))
        pad = widgets.t.space("pad")
        layout.setContentsMargins(pad, widgets.t.space("xs"), pad, widgets.t.space("xs"))
        self.setLayout(layout)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_aside(self, view: AsideView | None) -> None:
        """None hides it."""
        self.setVisible(view is not None)
        if view is None:
            return
        plain = view.tone == "muted"
        self._caption.set_words(view.caption)
        self._who.set_words(view.who)
        self._plain.set_words(view.state if plain else "")
        self._plain.setVisible(plain)
        self._state.show_notice("ok" if plain else view.tone, "" if plain else view.state, view.sign)
        self.button.setVisible(bool(view.button))
        self.button.set_face(view.button, view.icon, name=f"{view.button}: {view.who}")


class IdleView(QWidget):
    """The live area and up to three panels: a code that does not scan, kept swaps, the last swap. `go_on` goes on with a kept swap, `again`
    prints the last one again."""

    def __init__(self, widgets: Widgets, go_on: Callable[[], None], again: Callable[[], None]) -> None:
        super().__init__()
        self._live = StatusHero(widgets)
        self._asides = [Aside(widgets) for _ in ASIDE_SHARES]
        self._asides[1].button.clicked.connect(go_on)
        self._asides[2].button.clicked.connect(again)
        self._column = widgets.stack(*self._asides, ..., gap="s")
        self.setLayout(widgets.columns((self._live, LEFT), (widgets.body(self._column), RIGHT)))
        self._live.show_hero("accent", "qr-code-bold", tr("Ready to scan"), tr("Hold the card or phone in front of the scanner."))
        self._asides[0].show_aside(
            AsideView(caption=tr("Code does not scan?"), who=tr("Wipe the card"), state=tr("or type the code on it."))
        )
        self.show_asides(None, None)

    def show_asides(self, kept: AsideView | None, last: AsideView | None) -> None:
        """Panels keep their shares of the height, from the top."""
        for aside, view in zip(self._asides[1:], (kept, last), strict=True):
            aside.show_aside(view)
        shares = [0 if aside.isHidden() else share for aside, share in zip(self._asides, ASIDE_SHARES, strict=True)]
        for index, share in enumerate((*shares, sum(ASIDE_SHARES) - sum(shares))):
            self._column.setStretch(index, share)


class LookingView(QWidget):
    """The wait for the platform, with the code that is looked up."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self.busy = BusyPanel(widgets)
        self._code = widgets.text("", "lead")
        self._kept = widgets.say("", "muted", "clock-bold")
        side = widgets.panel(
            widgets.text(tr("Code"), "body", "muted"),
            self._code,
            widgets.rule(),
            widgets.say(tr("The platform is asked first."), "text", "cloud-bold"),
            widgets.say(tr("No answer? The plan kept on this kiosk is used."), "text", "hard-drives-bold"),
            ...,
            self._kept,
        )
        self.setLayout(widgets.columns((self.busy, LEFT), (side, RIGHT)))

    def start(self, code: str, wait: Wait) -> None:
        self._code.set_words(code)
        self.show_kept("")
        self.busy.start(wait)

    def show_kept(self, words: str) -> None:
        """What is known of the kept plan, once the platform is late."""
        self._kept.say(words, "muted", "clock-bold")


class KeptView(QWidget):
    """Several kept swaps to choose from, with what is known of the chosen one."""

    chosen = Signal(str)

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._list = ChoiceList(widgets)
        self._list.chosen.connect(self.chosen)
        self._who, self._state = widgets.text("", "title"), widgets.say("", "attention")
        self._facts = widgets.facts()
        side = widgets.panel(self._who, self._state, widgets.rule(), self._facts, ...)
        self.setLayout(widgets.columns((self._list, LEFT), (side, RIGHT)))

    def show_kept(self, overview: Overview, chosen: KeptSwap, here: StationTime) -> None:
        swap = chosen.swap
        returned, new = tr("Returned"), tr("New")
        rows = (
            RowView(
                key=kept.swap.correlation_id,
                words=masked_name(kept.swap.plan),
                note=kept_state(kept.swap),
                near=age_words(kept.saved_at, here.now),
            )
            for kept in overview.kept  # the newest first
        )
        self._list.show_rows(tuple(rows), swap.correlation_id)
        self._who.set_words(masked_name(swap.plan))
        self._state.say(kept_state(swap), "attention", WAITS)
        lines = (
            (tr("Kept at"), moment_words(chosen.saved_at, here.now, here.zone)),
            (returned, swap.incoming.battery_id if swap.incoming else tr("None") if swap.plan.first_visit else tr("Not read")),
            (new, swap.outgoing.battery_id if swap.outgoing else tr("Not read")),
            (tr("Paid"), format_money(swap.amount_paid, swap.payments[0].currency) if swap.payments else tr("Nothing")),
        )
        self._facts.show_facts(lines, ids=frozenset({returned, new}))


def way_out_of(swap: Swap, money_back: MoneyBack) -> Action | None:
    """What can be done with a kept swap beside going on: one that is paid for is never just stopped."""
    if not swap.payments:
        return action(Remedy.STOP_SWAP)
    return Action(words=tr("Money back"), icon="arrow-u-up-left-bold") if money_back.supervisors else None
