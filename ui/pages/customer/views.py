"""The views of the customer page: idle, typing, looking up, found, error, kept swaps. Each draws what it is given; `CustomerViews` holds
them over each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from kiosk.domain.language import tr
from ui.pages.error_views import TypingView
from ui.widgets import BusyPanel, ChoiceList, ErrorPanel, QuotaBar, QuotaView, RowView, StatusHero, Wait, Widgets
from ui.widgets.surfaces import Surface

LEFT, RIGHT = 7, 5  # shares of the two columns
MAX_QUOTAS = 3
ASIDE_SHARES = (2, 3, 3)  # of the height: the first panel has no button


class CustomerViewKind(StrEnum):
    """What the page shows; the value names the attribute of `CustomerViews`."""

    IDLE = "idle"
    TYPING = "typing"
    LOOKING = "looking"
    FOUND = "found"
    REFUSED = "refused"
    KEPT = "kept"


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


class Aside(Surface):
    """A panel with one button of its own."""

    pressed = Signal()

    def __init__(self, kit: Widgets) -> None:
        super().__init__(kit)
        self._caption, self._who = kit.text("", "small", "muted"), kit.text("", "lead")
        self._plain, self._state = kit.text("", "body", "muted"), kit.say("", "ok")
        self.button = kit.button("", "play-bold", name=tr("Continue"))
        self.button.setMinimumWidth(kit.t.width("aside"))
        self.button.clicked.connect(self.pressed)
        words = kit.stack(..., self._caption, self._who, self._plain, self._state, ..., gap="xs")
        layout = kit.row(words, self.button, gap="m")
        layout.setStretch(0, 1)
        pad = kit.t.space("pad")
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
        self._state.say("" if plain else view.state, "ok" if plain else view.tone, view.sign)
        self._plain.setVisible(plain)
        self._state.setVisible(not plain)
        self.button.setVisible(bool(view.button))
        self.button.set_face(view.button, view.icon, name=f"{view.button}: {view.who}")


class IdleView(QWidget):
    """The live area and up to three panels: a code that does not scan, kept swaps, the last swap."""

    kept = Signal()
    again = Signal()

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._live = StatusHero(kit)
        self._asides = [Aside(kit) for _ in ASIDE_SHARES]
        self._asides[1].pressed.connect(self.kept)
        self._asides[2].pressed.connect(self.again)
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
        left = 0
        for index, (aside, share) in enumerate(zip(self._asides, ASIDE_SHARES, strict=True)):
            self._column.setStretch(index, 0 if aside.isHidden() else share)
            left += share if aside.isHidden() else 0
        self._column.setStretch(len(ASIDE_SHARES), left)


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
        self._kept.say("", "muted", "clock-bold")
        self.busy.start(wait)

    def show_kept(self, words: str) -> None:
        """What is known of the kept plan, once the platform is late."""
        self._kept.say(words, "muted", "clock-bold")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFacts:
    """A customer, ready to read. `standing` has its tone, each of `notes` its tone and icon."""

    name: str
    plan: str
    standing: tuple[str, str]
    customer: str
    battery: str
    notes: tuple[tuple[str, str, str], ...]
    quotas: tuple[QuotaView, ...]


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
        self._rules = [kit.rule() for _ in range(MAX_QUOTAS - 1)]
        quotas = Surface(kit)
        quotas.setLayout(self._stack(kit))
        self.setLayout(kit.columns((who, RIGHT), (quotas, LEFT)))

    def _stack(self, kit: Widgets) -> QVBoxLayout:
        column, pad = QVBoxLayout(), kit.t.space("pad")
        column.setContentsMargins(pad, pad, pad, pad)
        column.setSpacing(kit.t.space("s"))
        for index, bar in enumerate(self._bars):
            column.addWidget(bar)
            if index < len(self._rules):
                column.addStretch(1)
                column.addWidget(self._rules[index])
                column.addStretch(1)
        return column

    def show_found(self, facts: FoundFacts) -> None:
        self._name.set_words(facts.name)
        self._plan.set_words(facts.plan)
        words, tone = facts.standing
        self._standing.say(words, tone)
        battery = tr("Has battery")
        self._facts.show_facts(((tr("Customer"), facts.customer), (battery, facts.battery)), ids=frozenset({battery}))
        for note, shown in zip(self._notes, (*facts.notes, ("", "muted", "")), strict=False):
            note.say(*shown)
            note.setVisible(bool(shown[0]))
        for index, bar in enumerate(self._bars):
            bar.setVisible(index < len(facts.quotas))
            if index < len(facts.quotas):
                bar.show_quota(facts.quotas[index])
        for index, rule in enumerate(self._rules):
            rule.setVisible(index + 1 < len(facts.quotas))

    def show_near(self, words: str, tone: str) -> None:
        """Whether the battery that comes back is in range already; no words hide it."""
        self._near.say(words, tone, "bluetooth-bold")
        self._near.setVisible(bool(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFacts:
    """A kept swap, ready to read."""

    name: str
    state: str
    kept_at: str
    returned: str
    new: str
    paid: str


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

    def show_kept(self, rows: Sequence[RowView], current: str, facts: KeptFacts) -> None:
        self._list.show_rows(tuple(rows), current)
        self._who.set_words(facts.name)
        self._state.say(facts.state, "attention", "hourglass-medium-bold")
        returned, new = tr("Returned"), tr("New")
        lines = ((tr("Kept at"), facts.kept_at), (returned, facts.returned), (new, facts.new), (tr("Paid"), facts.paid))
        self._facts.show_facts(lines, ids=frozenset({returned, new}))


class CustomerViews(QObject):
    """Fills `page` with one view at a time. `typed`: the field has changed; `chosen`: a kept swap, by its id."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, page: QWidget, kit: Widgets, idle: QWidget) -> None:
        super().__init__(page)
        self._kit, self.idle = kit, idle
        self._layers = QStackedLayout(page)
        self._layers.addWidget(idle)

    def show(self, view: CustomerViewKind) -> None:
        """Bring a view to the front."""
        self._layers.setCurrentWidget(self.widget(view))

    def widget(self, view: CustomerViewKind) -> QWidget:
        """The widget of a view."""
        widget: QWidget = getattr(self, view.value)
        return widget

    def build_next(self) -> bool:
        """Build one more view; False when all are there."""
        missing = next((view for view in CustomerViewKind if view.value not in self.__dict__), None)
        if missing is None:
            return self.typing.build()
        self.widget(missing)
        return True

    def _added[W: QWidget](self, widget: W) -> W:
        self._layers.addWidget(widget)
        return widget

    @cached_property
    def typing(self) -> TypingView:
        """The keyboard with its field."""
        view = self._added(TypingView(self._kit, tr("Code on the card")))
        view.changed.connect(self.typed)
        return view

    @cached_property
    def looking(self) -> LookingView:
        """The wait for the platform."""
        return self._added(LookingView(self._kit))

    @cached_property
    def found(self) -> FoundView:
        """The customer."""
        return self._added(FoundView(self._kit))

    @cached_property
    def refused(self) -> ErrorPanel:
        """The refusal."""
        return self._added(ErrorPanel(self._kit))

    @cached_property
    def kept(self) -> KeptView:
        """Kept swaps to choose from."""
        view = self._added(KeptView(self._kit))
        view.chosen.connect(self.chosen)
        return view
