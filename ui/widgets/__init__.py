"""The parts that pages are made of. Import them from here; the files inside are how they are kept small.

Parts draw what they are given and decide nothing. Those that change while they are shown (`show_...`, `set_...`) change in
place. All sizes, colours and fonts come from `ui.widgets.tokens` through `Widgets`. A file is loaded when one of its parts is first asked
for: the first picture needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.widgets.button import Button, NextStep
    from ui.widgets.cards import (
        BatteryCard,
        BatteryView,
        BusyPanel,
        PaperView,
        PaperWidget,
        QrCodeView,
        QuotaBar,
        QuotaChange,
        QuotaView,
        Wait,
    )
    from ui.widgets.choices import ChoiceList, RowView, Segments
    from ui.widgets.head import StepRail
    from ui.widgets.keypads import LETTERS, NONE, Field, Keyboard, NumericPad
    from ui.widgets.labels import Facts, Figure, Glyph, IconLabel, Label
    from ui.widgets.notice import Band, Compared, ErrorPanel, ErrorView, Notice, StatusHero, Way
    from ui.widgets.status_line import StatusItem, StatusLine
    from ui.widgets.surfaces import BatteryGauge, LevelBar, TrainingTag
    from ui.widgets.widgets import Widgets
else:
    _FILES = {
        "button": ("Button", "NextStep"),
        "cards": (
            "BatteryCard",
            "BatteryView",
            "BusyPanel",
            "PaperView",
            "PaperWidget",
            "QrCodeView",
            "QuotaBar",
            "QuotaChange",
            "QuotaView",
            "Wait",
        ),
        "choices": ("ChoiceList", "RowView", "Segments"),
        "head": ("StepRail",),
        "status_line": ("StatusItem", "StatusLine"),
        "keypads": ("Field", "Keyboard", "LETTERS", "NONE", "NumericPad"),
        "labels": ("Facts", "Figure", "Glyph", "IconLabel", "Label"),
        "notice": ("Band", "Compared", "ErrorPanel", "ErrorView", "Notice", "StatusHero", "Way"),
        "surfaces": ("BatteryGauge", "LevelBar", "TrainingTag"),
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
    "QuotaView",
    "RowView",
    "Segments",
    "StatusHero",
    "StatusItem",
    "StatusLine",
    "StepRail",
    "TrainingTag",
    "Wait",
    "Way",
    "Widgets",
]
