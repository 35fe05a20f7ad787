"""The views of the customer page: idle, typing, looking up, found, error, kept swaps."""

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import tr
from kiosk.station.ports import KeptSwap
from kiosk.station.services.customer_lookup import FoundCustomer, Overview
from ui.pages.customer.text import MAX_QUOTAS, WAITS, AsideView, kept_rows, kept_state, notes_of, quota_views, standing_of
from ui.pages.formatting import StationTime, masked_name, moment_words, shortened
from ui.widgets import BusyPanel, ChoiceList, QuotaBar, QuotaView, StatusHero, Wait, Widgets
from ui.widgets.surfaces import Surface
from ui.widgets.widgets import Item

LEFT, RIGHT = 7, 5  # shares of the two columns
ASIDE_SHARES = (2, 3, 3)  # of the height: the first panel has no button


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

    def __init__(self, kit: Widgets) -> None:
        super().__init__(kit)
        self._caption, self._who = kit.text("", "small", "muted"), kit.text("", "lead")
        self._plain, self._state = kit.text("", "body", "muted"), kit.say("", "ok")
        self.button = kit.button("", "play-bold", name=tr("Continue"))
        self.button.setMinimumWidth(kit.t.width("aside"))
        words = kit.stack(..., self._caption, self._who, self._plain, self._state, ..., gap="xs")
        layout, pad = kit.row(words, self.button, gap="m", grow=(0,)), kit.t.space("pad")
        layout.setContentsMargins(pad, kit.t.space("xs"), pad, kit.t.space("xs"))
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

    def __init__(self, kit: Widgets, go_on: Callable[[], None], again: Callable[[], None]) -> None:
        super().__init__()
        self._live = StatusHero(kit)
        self._asides = [Aside(kit) for _ in ASIDE_SHARES]
        self._asides[1].button.clicked.connect(go_on)
        self._asides[2].button.clicked.connect(again)
        self._column = kit.stack(*self._asides, ..., gap="s")
        self.setLayout(kit.columns((self._live, LEFT), (kit.body(self._column), RIGHT)))
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

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self.busy = BusyPanel(kit)
        self._code = kit.text("", "lead")
        self._kept = kit.say("", "muted", "clock-bold")
        side = kit.panel(
            kit.text(tr("Code"), "body", "muted"),
            self._code,
            kit.rule(),
            kit.say(tr("The platform is asked first."), "text", "cloud-bold"),
            kit.say(tr("If it does not answer, the plan kept on this kiosk is used."), "text", "hard-drives-bold"),
            ...,
            self._kept,
        )
        self.setLayout(kit.columns((self.busy, LEFT), (side, RIGHT)))

    def start(self, code: str, wait: Wait) -> None:
        self._code.set_words(code)
        self.show_kept("")
        self.busy.start(wait)

    def show_kept(self, words: str) -> None:
        """What is known of the kept plan, once the platform is late."""
        self._kept.say(words, "muted", "clock-bold")


class FoundView(QWidget):
    """Who it is and what is left."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._name, self._plan = kit.text("", "number"), kit.text("", "lead")
        self._standing = kit.say("", "ok", role="lead")
        self._facts = kit.facts()
        self._near = kit.say("", "ok", "bluetooth-bold")
        self._notes = [kit.say("", "muted") for _ in range(2)]
        who = kit.panel(self._name, self._plan, self._standing, kit.rule(), self._facts, ..., self._near, *self._notes, gap="s")
        self._bars = [QuotaBar(kit, QuotaView(name="")) for _ in range(MAX_QUOTAS)]
        self._rules = [kit.rule() for _ in self._bars[1:]]
        quotas: list[Item] = [self._bars[0]]
        for rule, bar in zip(self._rules, self._bars[1:], strict=True):
            quotas += (..., rule, ..., bar)
        self.setLayout(kit.columns((who, RIGHT), (kit.panel(*quotas, gap="s"), LEFT)))

    def show_found(self, found: FoundCustomer, here: StationTime) -> None:
        plan, quotas = found.swap.plan, quota_views(found.swap.plan)
        self._name.set_words(masked_name(plan))
        self._plan.set_words(plan.template.name)
        self._standing.say(*standing_of(plan))
        battery = tr("Has battery")
        facts = ((tr("Customer"), shortened(plan.customer_id)), (battery, plan.current_asset or tr("None yet")))
        self._facts.show_facts(facts, ids=frozenset({battery}))
        for shown, note in zip(self._notes, (*notes_of(found, here), ("muted", "", "")), strict=False):
            shown.show_notice(*note)
        for index, bar in enumerate(self._bars):
            bar.setVisible(index < len(quotas))
            if index < len(quotas):
                bar.show_quota(quotas[index])
        for index, rule in enumerate(self._rules, 1):
            rule.setVisible(index < len(quotas))

    def show_near(self, words: str, tone: str) -> None:
        """Whether the battery that comes back is in range already; no words hide it."""
        self._near.show_notice(tone, words, "bluetooth-bold")


class KeptView(QWidget):
    """Several kept swaps to choose from, with what is known of the chosen one."""

    chosen = Signal(str)

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._list = ChoiceList(kit)
        self._list.chosen.connect(self.chosen)
        self._who, self._state = kit.text("", "title"), kit.say("", "attention")
        self._facts = kit.facts()
        side = kit.panel(self._who, self._state, kit.rule(), self._facts, ...)
        self.setLayout(kit.columns((self._list, LEFT), (side, RIGHT)))

    def show_kept(self, overview: Overview, chosen: KeptSwap, here: StationTime) -> None:
        swap, returned, new = chosen.swap, tr("Returned"), tr("New")
        self._list.show_rows(kept_rows(overview, here), swap.correlation_id)
        self._who.set_words(masked_name(swap.plan))
        self._state.say(kept_state(swap), "attention", WAITS)
        lines = (
            (tr("Kept at"), moment_words(chosen.saved_at, here.now, here.zone)),
            (returned, swap.incoming.battery_id if swap.incoming else tr("None") if swap.plan.first_visit else tr("Not read")),
            (new, swap.outgoing.battery_id if swap.outgoing else tr("Not read")),
            (tr("Paid"), f"{swap.amount_paid:f} {swap.payments[0].currency}" if swap.payments else tr("Nothing")),
        )
        self._facts.show_facts(lines, ids=frozenset({returned, new}))
