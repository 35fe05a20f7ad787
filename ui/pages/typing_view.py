"""A field with the small keyboard under it, for pages on which a person types a text."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.widgets import Field, Keyboard, Widgets

MAX_CHARACTERS = 512  # the longest code there is (contract, customer codes)


class TypingView(QWidget):
    """`name` is the field's caption. The keys are built when they are first needed, or ahead by `build`: they take long."""

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
        """Build the keys; False when they are there already."""
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
        self._field.set_value(value[:MAX_CHARACTERS])
        self.changed.emit()

    def add(self, character: str) -> None:
        self.set_value(self._field.value + character)

    def erase(self) -> None:
        self.set_value(self._field.value[:-1])
