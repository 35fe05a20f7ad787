"""The parts that pages are made of. Import them from here; the files inside are how they are kept small.

Parts draw what they are given and decide nothing. Those that change while they are shown (`show_...`, `set_...`) change in
place. All sizes, colours and fonts come from `ui.widgets.tokens` through `Widgets`. A file is loaded when one of its parts is first asked
for: the first picture needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.widgets.bars import BatteryGauge, LevelBar, TrainingTag
    from ui.widgets.battery_card import BatteryCard, BatteryView
    from ui.widgets.busy import BusyPanel, Wait
    from ui.widgets.button import Button, NextStep
    from ui.widgets.choice_list import ChoiceList
    from ui.widgets.choices import RowView, Segments
    from ui.widgets.facts import Facts
    from ui.widgets.keypads import LETTERS, NONE, Field, Keyboard, NumericPad
    from ui.widgets.labels import Figure, Glyph, IconLabel, Label
    from ui.widgets.notice import Band, Compared, ErrorPanel, ErrorView, Notice, StatusHero
    from ui.widgets.paper import PaperView, PaperWidget, QrCodeView
    from ui.widgets.quota import QuotaBar, QuotaChange, QuotaChangeView, QuotaView
    from ui.widgets.status_line import StatusItem, StatusLine
    from ui.widgets.step_rail import StepRail
    from ui.widgets.widgets import Widgets
else:
    _FILES = {
        "bars": ("BatteryGauge", "LevelBar", "TrainingTag"),
        "battery_card": ("BatteryCard", "BatteryView"),
        "busy": ("BusyPanel", "Wait"),
        "button": ("Button", "NextStep"),
        "choice_list": ("ChoiceList",),
        "choices": ("RowView", "Segments"),
        "facts": ("Facts",),
        "keypads": ("Field", "Keyboard", "LETTERS", "NONE", "NumericPad"),
        "labels": ("Figure", "Glyph", "IconLabel", "Label"),
        "notice": ("Band", "Compared", "ErrorPanel", "ErrorView", "Notice", "StatusHero"),
        "paper": ("PaperView", "PaperWidget", "QrCodeView"),
        "quota": ("QuotaBar", "QuotaChange", "QuotaChangeView", "QuotaView"),
        "status_line": ("StatusItem", "StatusLine"),
        "step_rail": ("StepRail",),
        "widgets": ("Widgets",),
    }
    _PLACES = {name: file for file, names in _FILES.items() for name in names}

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        part = globals()[name] = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
        return part


__all__ = [
    "LETTERS",
    "NONE",
    "Band",
    "BatteryCard",
    "BatteryGauge",
    "BatteryView",
    "BusyPanel",
    "Button",
    "ChoiceList",
    "Compared",
    "ErrorPanel",
    "ErrorView",
    "Facts",
    "Field",
    "Figure",
    "Glyph",
    "IconLabel",
    "Keyboard",
    "Label",
    "LevelBar",
    "NextStep",
    "Notice",
    "NumericPad",
    "PaperView",
    "PaperWidget",
    "QrCodeView",
    "QuotaBar",
    "QuotaChange",
    "QuotaChangeView",
    "QuotaView",
    "RowView",
    "Segments",
    "StatusHero",
    "StatusItem",
    "StatusLine",
    "StepRail",
    "TrainingTag",
    "Wait",
    "Widgets",
]
