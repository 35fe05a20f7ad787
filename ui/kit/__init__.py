"""The parts that pages are made of. Import them from here; the files inside are how they are kept small.

Parts draw what they are given and decide nothing. Those that change while they are shown (`show_...`, `set_...`) change in
place. All sizes, colours and fonts come from `ui.tokens` through `Kit`. A file is loaded when one of its parts is first asked
for: the first picture needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.kit.bars import Bar, BatteryGauge
    from ui.kit.base import Kit
    from ui.kit.battery import BatteryCard, BatteryView
    from ui.kit.busy import BusyPanel, Wait
    from ui.kit.button import Button, NextStep
    from ui.kit.choice import RowView, Segments
    from ui.kit.code import Code
    from ui.kit.error import Compared, ErrorPanel, ErrorView
    from ui.kit.facts import Facts
    from ui.kit.field import Field
    from ui.kit.notice import Band, Live, Notice
    from ui.kit.pads import LETTERS, NONE, Keyboard, NumericPad
    from ui.kit.quota import QuotaBar, QuotaChange, QuotaChangeView, QuotaView
    from ui.kit.rail import STEPS, StepRail
    from ui.kit.receipt import Paper, PaperView
    from ui.kit.rows import ChoiceList
    from ui.kit.status import StatusItem, StatusLine
    from ui.kit.tag import TrainingTag
    from ui.kit.text import Figure, Glyph, Label, Say
else:
    _FILES = {
        "bars": ("Bar", "BatteryGauge"),
        "base": ("Kit",),
        "battery": ("BatteryCard", "BatteryView"),
        "busy": ("BusyPanel", "Wait"),
        "button": ("Button", "NextStep"),
        "choice": ("RowView", "Segments"),
        "code": ("Code",),
        "error": ("Compared", "ErrorPanel", "ErrorView"),
        "facts": ("Facts",),
        "field": ("Field",),
        "notice": ("Band", "Live", "Notice"),
        "pads": ("LETTERS", "NONE", "Keyboard", "NumericPad"),
        "quota": ("QuotaBar", "QuotaChange", "QuotaChangeView", "QuotaView"),
        "rail": ("STEPS", "StepRail"),
        "receipt": ("Paper", "PaperView"),
        "rows": ("ChoiceList",),
        "status": ("StatusItem", "StatusLine"),
        "tag": ("TrainingTag",),
        "text": ("Figure", "Glyph", "Label", "Say"),
    }
    _PLACES = {name: file for file, names in _FILES.items() for name in names}

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        part = globals()[name] = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
        return part


__all__ = [
    "LETTERS", "NONE", "STEPS", "Band", "Bar", "BatteryCard", "BatteryGauge", "BatteryView", "BusyPanel", "Button",
    "ChoiceList", "Code", "Compared", "ErrorPanel", "ErrorView", "Facts", "Field", "Figure", "Glyph", "Keyboard", "Kit", "Label",
    "Live", "NextStep", "Notice", "NumericPad", "Paper", "PaperView", "QuotaBar", "QuotaChange", "QuotaChangeView",
    "QuotaView", "RowView", "Say", "Segments", "StatusItem", "StatusLine", "StepRail", "TrainingTag", "Wait",
]  # fmt: skip
