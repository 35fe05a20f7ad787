"""What stands between a scanner that types and what it meant: Caps Lock, or a keyboard that is set to another language than the scanner.

A scanner types on the keyboard of the United States unless somebody has set it up otherwise. So the same keys have two readings: what they
typed, and what they are by their place. Where these differ one of them is the code.
"""

import json
from dataclasses import dataclass

from kiosk.domain.language import mark, tr

_NAMES = {"fr": mark("French"), "de": mark("German"), "gb": mark("British")}
_SWAPPED = {  # what each keyboard types for the keys of the United States, as far as it tells the keyboards apart
    "fr": ("aqwzm;1234567890-!@#$%^&*()_,./<>?", "qazw,m&é\"'(-è_çà)1234567890°;:!./§"),
    "de": ("yz-_/?;':\"[]\\^&*()@#", 'zyß?-_öäöäü+#&/()="§'),
    "gb": ('"@~#\\|', '@"¬£#~'),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyboardState:
    """`layout` is "fr", "de", "gb", "other", or "" where the keyboard fits the scanner."""

    caps_lock: bool = False
    layout: str = ""

    @classmethod
    def between(cls, typed: str, by_place: str) -> "KeyboardState":
        """What makes `typed` of keys that are `by_place` on the keyboard of the United States; both are of one length."""
        pairs = [(meant, came) for meant, came in zip(by_place, typed, strict=False) if meant != came]
        caps_lock = any(meant != came and meant.swapcase() == came for meant, came in pairs)
        others = {(meant.lower(), came.lower()) for meant, came in pairs if meant.swapcase() != came}
        if not others:
            return cls(caps_lock=caps_lock)
        likeness = {layout: len(others & _pairs(layout)) for layout in _SWAPPED}
        best = max(likeness, key=lambda layout: likeness[layout])
        return cls(caps_lock=caps_lock, layout=best if likeness[best] else "other")

    @property
    def sentence(self) -> str:
        """What is wrong with the keyboard; "" where nothing is."""
        words = [tr("Caps Lock is on.")] if self.caps_lock else []
        if self.layout in _NAMES:
            words.append(tr("The keyboard is set to {language}.", language=tr(_NAMES[self.layout])))
        elif self.layout:
            words.append(tr("The keyboard is set to another language than the scanner."))
        return " ".join(words)


FITS = KeyboardState()


def _pairs(layout: str) -> set[tuple[str, str]]:
    meant, came = _SWAPPED[layout]
    return set(zip(meant, came, strict=False))


def likelier(typed: str, by_place: str) -> tuple[str, str]:
    """The two readings of a scan, the likelier first; `by_place` is "" where there is one only. Codes are ASCII, and JSON is whole."""
    if not by_place or _is_document(typed):
        return typed, by_place
    foreign = not typed.isascii() and by_place.isascii()
    return (by_place, typed) if foreign or _is_document(by_place) else (typed, by_place)


def _is_document(text: str) -> bool:
    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
