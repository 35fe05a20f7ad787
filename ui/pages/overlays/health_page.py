"""The overlay behind the clock: each part of the counter, how it is, why, and what to do about it. "Look again" checks all of them now.

What needs somebody stands in its colour; what is not set up, or not known yet, is grey and never green. Nothing here can fail.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.swap.swap import Swap
from kiosk.station.events import Event
from kiosk.station.health import NOT_KNOWN, Health, HealthPart, HealthState
from ui.pages.formatting import sentence_case
from ui.pages.overlays.status_pages import Overlay, Status
from ui.pages.page_context import PageContext
from ui.widgets import Widgets
from ui.widgets.frame import Action, FrameState
from ui.widgets.surfaces import Surface

NAMES = {
    HealthPart.READER: mark("Battery reader"),
    HealthPart.PRINTER: mark("Printer"),
    HealthPart.LINK: mark("Link to the platform"),
    HealthPart.PLATFORM: mark("Reports to the platform"),
    HealthPart.DISK: mark("Disk"),
    HealthPart.CLOCK: mark("Clock"),
    HealthPart.CERTIFICATES: mark("Certificates of the link"),
    HealthPart.RECORD: mark("Record of this counter"),
}
LEFT = (HealthPart.READER, HealthPart.PRINTER, HealthPart.LINK, HealthPart.PLATFORM)
RIGHT = (HealthPart.DISK, HealthPart.CLOCK, HealthPart.CERTIFICATES, HealthPart.RECORD)
STATES = {  # (icon, tone, words where nothing more is known)
    HealthState.NOT_KNOWN: ("question-bold", "muted", mark("not known yet")),
    HealthState.OK: ("check-circle-fill", "ok", mark("it works")),
    HealthState.WARNING: ("warning-fill", "attention", mark("somebody should look at it")),
    HealthState.WRONG: ("x-circle-fill", "stop", mark("it does not work")),
    HealthState.NOT_SET_UP: ("minus-circle-bold", "muted", mark("not set up here")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """One row. `tone` is of its icon and its words; `repair` is empty where there is nothing to do."""

    name: str
    icon: str
    tone: str
    words: str
    repair: str = ""


def part_view(part: HealthPart, health: Health) -> PartView:
    """How a row says it."""
    icon, tone, otherwise = STATES[health.state]
    words = sentence_case(health.what.rstrip(".") or tr(otherwise))
    return PartView(name=tr(NAMES[part]), icon=icon, tone=tone, words=f"{words}.", repair=health.repair if health.needs_somebody else "")


class PartRow(Surface):
    """A row in place: name, state, what to do."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(widgets)
        self._icon, self._name = widgets.icon("question-bold", "muted", "lead"), widgets.text("", "strong")
        self._words, self._repair = widgets.text("", "body"), widgets.text("", "small")
        words = widgets.stack(..., self._name, self._words, self._repair, ..., gap="none")
        layout = widgets.row(self._icon, words, gap="m")
        layout.setStretch(1, 1)
        widgets.lay_out(self, layout, "m", "xs")

    def show_part(self, view: PartView) -> None:
        """Change it."""
        is_calm = view.tone in {"ok", "muted"}
        self._icon.set_icon(view.icon, view.tone)
        self._name.set_words(view.name)
        self._words.set_words(view.words)
        self._words.set_tone("muted" if is_calm else view.tone)
        self._repair.set_words(view.repair)
        self._repair.setVisible(bool(view.repair))
        self.set_colours(*(("surface", "edge", "hairline") if is_calm else (f"{view.tone}_soft", view.tone, "hairline")))
        self.setAccessibleName(" ".join((f"{view.name}:", view.words, view.repair)).strip())


class HealthPage(Overlay):
    """Every part, the same places always."""

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context, status)
        widgets = context.widgets
        self._rows = {part: PartRow(widgets) for part in (*LEFT, *RIGHT)}
        left, right = (widgets.stack(*(self._rows[part] for part in parts), gap="xs") for parts in (LEFT, RIGHT))
        for side in (left, right):
            for place in range(len(LEFT)):
                side.setStretch(place, 1)
        self.setAccessibleName(tr("How everything is"))
        self.setLayout(widgets.columns((widgets.body(left), 1), (widgets.body(right), 1)))

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self._draw()

    def handle_event(self, _event: Event) -> None:
        self._draw()

    def _health(self, part: HealthPart) -> Health:
        return self.status().health.get(part, NOT_KNOWN)

    def _draw(self) -> None:
        for part, row in self._rows.items():
            row.show_part(part_view(part, self._health(part)))
        self.redrawn.emit()

    def frame_state(self) -> FrameState:
        count = sum(self._health(part).needs_somebody for part in self._rows)
        needed = tr_count("{count} of {total} needs you", "{count} of {total} need you", count, total=len(self._rows))
        title = needed if count else tr("How everything is")
        again = Action(words=tr("Look again"), icon="arrow-clockwise-bold") if self.context.kiosk.health else None
        return FrameState(title=title, step=0, primary=Action(words=tr("Back to the counter")), back=None, other=again)

    def other(self) -> None:
        if self.context.kiosk.health is not None:
            self.run(self.context.kiosk.health.look_again(), lambda _none: None)
