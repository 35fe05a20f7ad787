"""The three sounds of the counter: accepted, refused, attention.

Never the only sign of anything. QtMultimedia is imported at the first sound, not at start; importing it in a background
thread beforehand takes the loading out of the first sound. A machine without an audio device, without QtMultimedia or
without its system libraries, and a window that nobody sees (platform "offscreen"), is silent and nothing else: no call here
raises for that, and the reason is logged once. `attention` sounds again after 20 s, three times at most, until any
other sound or `quiet`.
"""

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QGuiApplication

import resources

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QSoundEffect

NAMES = ("accepted", "refused", "attention")
REPEAT_MILLISECONDS = 20_000
MAX_ATTENTIONS = 3

log = logging.getLogger(__name__)


class Sounds(QObject):
    """Plays through the default audio device; `volume` 0 (off) to 1."""

    def __init__(self, volume: float = 0.8, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.volume = volume
        self.available: bool | None = None  # not known before the first sound
        self.played: list[str] = []  # names of the sounds that were due, newest last, heard or not
        self._effects: dict[str, QSoundEffect] = {}
        self._attentions = 0
        self._again = QTimer(self, interval=REPEAT_MILLISECONDS)
        self._again.timeout.connect(self._attend_again)

    def accepted(self) -> None:
        """Two short rising tones: a scan was taken, a reading ended well."""
        self.quiet()
        self._play("accepted")

    def refused(self) -> None:
        """Two low falling tones: not this, not now."""
        self.quiet()
        self._play("refused")

    def attention(self) -> None:
        """One longer tone: somebody has to look."""
        self._attentions = 1
        self._again.start()
        self._play("attention")

    def is_asking(self) -> bool:
        """Whether attention is still asked for."""
        return self._again.isActive()

    def quiet(self) -> None:
        """Stop asking for attention."""
        self._again.stop()
        self._attentions = 0

    def _attend_again(self) -> None:
        self._attentions += 1
        self._play("attention")
        if self._attentions >= MAX_ATTENTIONS:
            self.quiet()

    def _play(self, name: str) -> None:
        self.played = [*self.played[-9:], name]
        if self.volume > 0 and self.available is None:
            self.available = self._load()
        if self.volume > 0 and self.available:
            self._effects[name].setVolume(self.volume)
            self._effects[name].play()

    def _load(self) -> bool:
        """Prepare the effects; False where there is no sound."""
        if QGuiApplication.platformName() == "offscreen":
            log.info("No sound: the window is not on a screen")
            return False
        try:
            from PySide6.QtMultimedia import QMediaDevices, QSoundEffect
        except ImportError as error:  # its system libraries (libpulse) may be missing
            log.info("No sound: %s", error)
            return False
        if QMediaDevices.defaultAudioOutput().isNull():
            log.info("No sound: there is no audio device")
            return False
        for name in NAMES:
            effect = QSoundEffect(self)
            effect.setSource(QUrl.fromLocalFile(str(resources.path(f"sounds/{name}.wav"))))
            self._effects[name] = effect
        return True
