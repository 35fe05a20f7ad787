"""The parts that pages are made of. Import them from here; the files inside are how they are kept small.

Parts draw what they are given and decide nothing. Those that change while they are shown (`show_...`, `set_...`) change in
place. All sizes, colours and fonts come from `ui.tokens` through `Kit`.
"""

from ui.kit.bars import Bar, BatteryGauge
from ui.kit.base import Kit
from ui.kit.battery import BatteryCard, BatteryView
from ui.kit.busy import BusyPanel, Wait
from ui.kit.button import Button, NextStep
from ui.kit.choice import RowView, Segments
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

__all__ = [
    "LETTERS", "NONE", "STEPS", "Band", "Bar", "BatteryCard", "BatteryGauge", "BatteryView", "BusyPanel", "Button",
    "ChoiceList", "Compared", "ErrorPanel", "ErrorView", "Facts", "Field", "Figure", "Glyph", "Keyboard", "Kit", "Label",
    "Live", "NextStep", "Notice", "NumericPad", "Paper", "PaperView", "QuotaBar", "QuotaChange", "QuotaChangeView",
    "QuotaView", "RowView", "Say", "Segments", "StatusItem", "StatusLine", "StepRail", "TrainingTag", "Wait",
]  # fmt: skip
