"""The views of the customer page: idle, typing, looking up, found, kept swaps. Each draws what it is given."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.widgets import BusyPanel, ChoiceList, Field, Keyboard, QuotaBar, QuotaView, RowView, StatusHero, Wait, Widgets
from ui.widgets.surfaces import Surface

LEFT, RIGHT = 7, 5  # shares of the two columns
MOST_TYPED = 512  # the longest code there is (contract, customer codes)
MOST_QUOTAS = 3


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
        self.button = kit.button("", "play-bold", name="Continue")
        self.button.setMinimumWidth(kit.t.width("aside"))
        self.button.clicked.connect(self.pressed)
        words = kit.stack(..., self._caption, self._who, self._plain, self._state, ..., gap="xs")
        layout = kit.row(words, self.button, gap="m")
        layout.setStretch(0, 1)
        pad = kit.t.space("pad")
        layout.setContentsMargins(pad, kit.t.space("s"), pad, kit.t.space("s"))
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
        self._asides = [Aside(kit) for _ in range(3)]
        self._asides[1].pressed.connect(self.kept)
        self._asides[2].pressed.connect(self.again)
        self._column = kit.stack(*self._asides, ..., gap="m")
        self.setLayout(kit.columns((self._live, LEFT), (kit.body(self._column), RIGHT)))
        self._live.show_hero("accent", "qr-code-bold", "Ready to scan", "Hold the card or phone in front of the scanner.")
        help_words = AsideView(caption="Code does not scan?", who="Wipe the card", state="or type the code on it.")
        self._asides[0].show_aside(help_words)
        self.show_asides(None, None)

    def show_asides(self, kept: AsideView | None, last: AsideView | None) -> None:
        """Panels keep a third of the height each, from the top."""
        for aside, view in zip(self._asides[1:], (kept, last), strict=True):
            aside.show_aside(view)
        shown = [not aside.isHidden() for aside in self._asides]
        for index, visible in enumerate(shown):
            self._column.setStretch(index, int(visible))
        self._column.setStretch(len(shown), shown.count(False))


class TypingView(QWidget):
    """A field with the small keyboard under it. Its keys are built when they are first needed, or ahead by `build`: they take long."""

    changed = Signal()

    def __init__(self, kit: Widgets, name: str) -> None:
        super().__init__()
        self._field = Field(kit, name, "number")
        self._field.set_active(active=True)
        self._kit = kit
        self._keyboard: Keyboard | None = None
        self._layout = kit.stack(self._field, gap="m")
        self.setLayout(self._layout)

    def build(self) -> bool:
        """Whether the keys had still to be built."""
        if self._keyboard is not None:
            return False
        self._keyboard = Keyboard(self._kit)
        self._keyboard.typed.connect(self.add)
        self._keyboard.erased.connect(self.erase)
        self._layout.addWidget(self._keyboard, 1)
        return True

    @property
    def value(self) -> str:
        return self._field.value.strip()

    def set_value(self, value: str) -> None:
        self.build()
        self._field.set_value(value[:MOST_TYPED])
        self.changed.emit()

    def add(self, character: str) -> None:
        self.set_value(self._field.value + character)

    def erase(self) -> None:
        self.set_value(self._field.value[:-1])


class LookingView(QWidget):
    """The wait for the platform, with the code that is looked up."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self.busy = BusyPanel(kit)
        self._code = kit.text("", "lead")
        self._kept = kit.say("", "muted", "clock-bold")
        side = kit.panel(
            kit.text("Code", "body", "muted"),
            self._code,
            kit.rule(),
            kit.say("The platform is asked first.", "text", "cloud-bold"),
            kit.say("If it does not answer, the plan kept on this kiosk counts.", "text", "hard-drives-bold"),
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
    """A customer ready to read. `checked` and `notes` are sentences with tone and icon."""

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
        self._facts = kit.facts(("Customer", ""), ("Has battery", ""), ids=frozenset({"Has battery"}))
        self._near = kit.say("", "ok", "bluetooth-bold")
        self._notes = [kit.say("", "muted") for _ in range(2)]
        who = kit.panel(self._name, self._plan, self._standing, kit.rule(), self._facts, ..., self._near, *self._notes)
        self._bars = [QuotaBar(kit, QuotaView(name="")) for _ in range(MOST_QUOTAS)]
        self._rules = [kit.rule() for _ in range(MOST_QUOTAS - 1)]
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
        self._facts.set_value("Customer", facts.customer)
        self._facts.set_value("Has battery", facts.battery)
        for note, said in zip(self._notes, (*facts.notes, ("", "muted", "")), strict=False):
            note.say(*said)
            note.setVisible(bool(said[0]))
        for index, bar in enumerate(self._bars):
            bar.setVisible(index < len(facts.quotas))
            if index < len(facts.quotas):
                bar.show_quota(facts.quotas[index])
        for index, rule in enumerate(self._rules):
            rule.setVisible(index + 1 < len(facts.quotas))

    def show_near(self, words: str, tone: str) -> None:
        """Whether the battery that comes back is heard already; no words hide it."""
        self._near.say(words, tone, "bluetooth-bold")
        self._near.setVisible(bool(words))


class KeptView(QWidget):
    """Several kept swaps to choose from, with what is known of the chosen one."""

    chosen = Signal(str)

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._list = ChoiceList(kit)
        self._list.chosen.connect(self.chosen)
        self._who, self._state = kit.text("", "title"), kit.say("", "attention")
        self._facts = kit.facts(("Kept at", ""), ("Returned", ""), ("New", ""), ("Paid", ""), ids=frozenset({"Returned", "New"}))
        side = kit.panel(self._who, self._state, kit.rule(), self._facts, ...)
        self.setLayout(kit.columns((self._list, LEFT), (side, RIGHT)))

    def show_kept(self, rows: Sequence[RowView], current: str, who: str, state: str, facts: dict[str, str]) -> None:
        self._list.show_rows(tuple(rows), current)
        self._who.set_words(who)
        self._state.say(state, "attention", "hourglass-medium-bold")
        for name, value in facts.items():
            self._facts.set_value(name, value)
