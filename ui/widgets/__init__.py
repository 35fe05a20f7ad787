"""The parts that pages are made of. Import them from here; the files inside are how they are kept small.

Parts draw what they are given and decide nothing. Those that change while they are shown (`show_...`, `set_...`) change in
place. All sizes, colours and fonts come from `ui.widgets.tokens` through `Kit`. A file is loaded when one of its parts is first asked
for: the first picture needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.widgets.bars import Bar, BatteryGauge
    from ui.widgets.battery_card import BatteryCard, BatteryView
    from ui.widgets.busy import BusyPanel, Wait
    from ui.widgets.button import Button, NextStep
    from ui.widgets.choice import RowView, Segments
    from ui.widgets.code import Code
    from ui.widgets.error_panel import Compared, ErrorPanel, ErrorView
    from ui.widgets.facts import Facts
    from ui.widgets.field import Field
    from ui.widgets.keypads import LETTERS, NONE, Keyboard, NumericPad
    from ui.widgets.labels import Figure, Glyph, Label, Say
    from ui.widgets.notice import Band, Live, Notice
    from ui.widgets.paper_view import Paper, PaperView
    from ui.widgets.quota import QuotaBar, QuotaChange, QuotaChangeView, QuotaView
    from ui.widgets.rail import STEPS, StepRail
    from ui.widgets.rows import ChoiceList
    from ui.widgets.status_line import StatusItem, StatusLine
    from ui.widgets.tag import TrainingTag
    from ui.widgets.widgets import Kit
else:
    _FILES = {
        "bars": ("Bar", "BatteryGauge"),
        "widgets": ("Kit",),
        "battery_card": ("BatteryCard", "BatteryView"),
        "busy": ("BusyPanel", "Wait"),
        "button": ("Button", "NextStep"),
        "choice": ("RowView", "Segments"),
        "code": ("Code",),
        "error_panel": ("Compared", "ErrorPanel", "ErrorView"),
        "facts": ("Facts",),
        "field": ("Field",),
        "notice": ("Band", "Live", "Notice"),
        "keypads": ("LETTERS", "NONE", "Keyboard", "NumericPad"),
        "quota": ("QuotaBar", "QuotaChange", "QuotaChangeView", "QuotaView"),
        "rail": ("STEPS", "StepRail"),
        "paper_view": ("Paper", "PaperView"),
        "rows": ("ChoiceList",),
        "status_line": ("StatusItem", "StatusLine"),
        "tag": ("TrainingTag",),
        "labels": ("Figure", "Glyph", "Label", "Say"),
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
    "STEPS",
    "Band",
    "Bar",
    "BatteryCard",
    "BatteryGauge",
    "BatteryView",
    "BusyPanel",
    "Button",
    "ChoiceList",
    "Code",
    "Compared",
    "ErrorPanel",
    "ErrorView",
    "Facts",
    "Field",
    "Figure",
    "Glyph",
    "Keyboard",
    "Kit",
    "Label",
    "Live",
    "NextStep",
    "Notice",
    "NumericPad",
    "Paper",
    "PaperView",
    "QuotaBar",
    "QuotaChange",
    "QuotaChangeView",
    "QuotaView",
    "RowView",
    "Say",
    "Segments",
    "StatusItem",
    "StatusLine",
    "StepRail",
    "TrainingTag",
    "Wait",
]
