"""The parts that pages are made of. Import them from here; the files inside are how they are kept small.

Parts draw what they are given and decide nothing. Those that change while they are shown (`show_...`, `set_...`) change in
place. All sizes, colours and fonts come from `ui.widgets.tokens` through `Widgets`. A file is loaded when one of its parts is first asked
for: the first picture needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.widgets.bars import BatteryGauge, LevelBar
    from ui.widgets.battery_card import BatteryCard, BatteryView
    from ui.widgets.busy import BusyPanel, Wait
    from ui.widgets.button import Button, NextStep
    from ui.widgets.choice_list import ChoiceList
    from ui.widgets.choices import RowView, Segments
    from ui.widgets.error_panel import Compared, ErrorPanel, ErrorView
    from ui.widgets.facts import Facts
    from ui.widgets.field import Field
    from ui.widgets.keypads import LETTERS, NONE, Keyboard, NumericPad
    from ui.widgets.labels import Figure, Glyph, IconLabel, Label
    from ui.widgets.notice import Band, Notice, StatusHero
    from ui.widgets.paper import PaperView, PaperWidget
    from ui.widgets.qr_code import QrCodeView
    from ui.widgets.quota import QuotaBar, QuotaChange, QuotaChangeView, QuotaView
    from ui.widgets.status_line import StatusItem, StatusLine
    from ui.widgets.step_rail import StepRail
    from ui.widgets.training_tag import TrainingTag
    from ui.widgets.widgets import Widgets
else:
    _FILES = {
        "bars": ("LevelBar", "BatteryGauge"),
        "widgets": ("Widgets",),
        "battery_card": ("BatteryCard", "BatteryView"),
        "busy": ("BusyPanel", "Wait"),
        "button": ("Button", "NextStep"),
        "choices": ("RowView", "Segments"),
        "qr_code": ("QrCodeView",),
        "error_panel": ("Compared", "ErrorPanel", "ErrorView"),
        "facts": ("Facts",),
        "field": ("Field",),
        "notice": ("Band", "StatusHero", "Notice"),
        "keypads": ("LETTERS", "NONE", "Keyboard", "NumericPad"),
        "quota": ("QuotaBar", "QuotaChange", "QuotaChangeView", "QuotaView"),
        "step_rail": ("StepRail",),
        "paper": ("PaperWidget", "PaperView"),
        "choice_list": ("ChoiceList",),
        "status_line": ("StatusItem", "StatusLine"),
        "training_tag": ("TrainingTag",),
        "labels": ("Figure", "Glyph", "Label", "IconLabel"),
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
