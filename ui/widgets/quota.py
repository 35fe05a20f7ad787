"""Quotas: what is left, large; a bar of what is used, to scale; what this swap takes, hatched.

Nearly used up (90 %) and used up are written beside the number, not shown by colour alone. Unlimited shows the word and
its sign, never a bar or a number (decision 7).
"""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from kiosk.domain.language import tr
from ui.widgets.surfaces import Surface
from ui.widgets.widgets import Widgets

NEARLY, USED_UP = 0.9, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaView:
    """`left` and `used` are ready to read ("55.5", "344.5 of 400 kWh used"); `level` is used / quota, 0 to 1."""

    name: str
    left: str = ""
    unit: str = ""
    used: str = ""
    level: float = 0.0
    unlimited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaChangeView:
    """The same before and after this swap. `level` is used before / quota, `extra` what this swap adds / quota."""

    name: str
    before: str = ""
    after: str = ""
    unit: str = ""
    used: str = ""
    level: float = 0.0
    extra: float = 0.0
    unlimited: bool = False


def standing(level: float) -> tuple[str, str]:
    """(tone, words) for a quota used to `level`; no words while there is nothing to say."""
    if level >= USED_UP:
        return "stop", tr("Used up")
    return ("attention", tr("Nearly used up")) if level >= NEARLY else ("muted", "")


class QuotaBar(QWidget):
    """One quota of a plan. `show_quota` changes it in place."""

    def __init__(self, kit: Widgets, view: QuotaView) -> None:
        super().__init__()
        self._name = kit.text("", "lead")
        self._figure = kit.figure(align="right")
        self._unlimited = kit.say(tr("Unlimited"), "text", "infinity-bold", "lead")
        self._bar, self._used = kit.bar(), kit.text("", "body", "muted")
        self._warning = kit.say("", "attention")
        foot = kit.row(self._used, ..., self._warning, gap="m")
        layout = kit.stack(kit.row(self._name, ..., self._unlimited, self._figure, gap="m"), self._bar, foot)
        self.setLayout(layout)
        self.show_quota(view)

    def show_quota(self, view: QuotaView) -> None:
        tone, warning = standing(view.level)
        self._name.set_words(view.name)
        self._figure.set_figure(view.left, view.unit)
        self._bar.set_level(view.level)
        self._used.set_words(view.used)
        self._warning.say(warning, tone)
        self._warning.setVisible(bool(warning) and not view.unlimited)
        for widget in (self._figure, self._bar, self._used):
            widget.setVisible(not view.unlimited)
        self._unlimited.setVisible(view.unlimited)


class QuotaChange(Surface):
    """What this swap does to a quota: "55.5 → 29.9 kWh" and the bar with this swap hatched."""

    def __init__(self, kit: Widgets, view: QuotaChangeView) -> None:
        super().__init__(kit)
        self._name, self._figure = kit.text("", "strong"), kit.figure()
        self._unlimited = kit.say(tr("Unlimited"), "text", "infinity-bold", "lead")
        self._bar, self._used = kit.bar(), kit.text("", "small", "muted")
        layout = kit.stack(self._name, self._figure, self._unlimited, ..., self._bar, self._used)
        pad = kit.t.space("pad")
        layout.setContentsMargins(pad, pad, pad, pad)
        self.setLayout(layout)
        self.show_change(view)

    def show_change(self, view: QuotaChangeView) -> None:
        self._name.set_words(view.name)
        self._figure.set_figure(view.after, view.unit, before=f"{view.before} →" if view.before else "")
        self._bar.set_level(view.level, view.extra)
        self._used.set_words(view.used)
        for widget in (self._figure, self._bar, self._used):
            widget.setVisible(not view.unlimited)
        self._unlimited.setVisible(view.unlimited)
