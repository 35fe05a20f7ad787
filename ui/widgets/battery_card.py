"""The battery card: name and id, kWh large, percent, the battery drawn to scale, what was measured, fit or unfit."""

from dataclasses import dataclass

from PySide6.QtWidgets import QBoxLayout, QWidget

from kiosk.domain.language import tr
from ui.widgets.labels import Label
from ui.widgets.surfaces import Surface
from ui.widgets.widgets import Widgets


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryView:
    """What is known of a battery, ready to read. An empty field is not shown; `percent` None leaves the gauge out."""

    name: str
    battery_id: str
    kwh: str  # "4.8"
    percent: int | None = None
    estimated: bool = False  # kWh comes from the state of charge (decision 11)
    measured: tuple[tuple[str, str], ...] = ()  # ("Voltage", "51.2 V"), at most three; large card only
    fit: bool = True
    fitness: str = ""  # "Fit for use", or the reason


class BatteryCard(Surface):
    """One battery. `large` for the page of one reading, small for the review. `show_battery` changes it in place."""

    def __init__(self, kit: Widgets, view: BatteryView, *, large: bool = False) -> None:
        super().__init__(kit)
        self._kit, self._large = kit, large
        self._name, self._id = kit.text("", "body", "muted"), kit.id("")
        self._kwh = kit.figure("", "kWh", "hero" if large else "number")
        self._estimate = kit.say(tr("Estimate"), "attention")
        self._percent = kit.text("", "number" if large else "lead", wrap=False)
        self._gauge = kit.gauge(small=not large)
        self._cells = [Cell(kit) for _ in range(3)] if large else []
        self._rule, self._fitness = kit.rule(), kit.say("", "ok")
        self.setLayout(self._build(kit))
        self.show_battery(view)

    def _build(self, kit: Widgets) -> QBoxLayout:
        head = kit.row(self._name, ..., self._id, gap="m")
        charge = kit.row(self._kwh, self._estimate, ..., self._percent, gap="m")
        if self._large:
            cells = kit.columns(*((cell, 1) for cell in self._cells), gap="m")
            layout = kit.stack(head, charge, self._gauge, self._fitness, ..., self._rule, cells)
        else:
            layout = kit.stack(head, charge, ..., self._gauge, self._fitness, gap="xs")
        pad = kit.t.space("pad")
        layout.setContentsMargins(pad, pad, pad, pad)
        return layout

    def show_battery(self, view: BatteryView) -> None:
        """Show another reading in place."""
        self._name.set_words(view.name)
        self._id.set_words(view.battery_id)
        self._kwh.set_figure(view.kwh, "kWh")
        self._estimate.setVisible(view.estimated)
        known = view.percent is not None
        self._percent.set_words(f"{view.percent} %" if known else "")
        self._gauge.set_level((view.percent or 0) / 100)
        self._gauge.setVisible(known)
        self._fitness.say(view.fitness, "ok" if view.fit else "stop")
        self._fitness.setVisible(bool(view.fitness))
        self._rule.setVisible(self._large and bool(view.measured))
        for index, cell in enumerate(self._cells):
            shown = index < len(view.measured)
            cell.setVisible(shown)
            cell.show_cell(*(view.measured[index] if shown else ("", "")))


class Cell(QWidget):
    """A value under its name."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._name, self._value = kit.text("", "small", "muted"), Label(kit, "", "title", wrap=False)
        self.setLayout(kit.stack(self._name, self._value, gap="xs"))

    def show_cell(self, name: str, value: str) -> None:
        self._name.set_words(name)
        self._value.set_words(value)
