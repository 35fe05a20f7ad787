"""Text from outside that is only shown: it is made safe to show where it is read, and never a reason to refuse its document.

A name decides nothing, so it cannot be wrong. Ids decide and stay strict (`kiosk.wire.checked`).
"""

import re
import unicodedata

MAX_CHARACTERS = 200
MAX_NOTE = 2000  # of what a person writes, and of a description
MAX_MARKS = 4  # on one letter: no script needs more in a name, and a heap of them covers the lines above and below
CUT = "..."
LRI, FSI, PDI, LRM = DIRECTIONS = (
    "\u2066\u2068\u2069\u200e"  # what `placed` puts around a value: isolates, and a mark that stands as a letter
)
_SHOWN_AS = {**dict.fromkeys(("Cc", "Zs", "Zl", "Zp"), " "), "Cf": "", **dict.fromkeys(("Cs", "Co", "Cn"), "?")}  # by Unicode category
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_JOINED = range(0x0600, 0x0E00)  # Arabic to Sinhala: between two letters of these a joiner is spelling, anywhere else it is not seen
_LEFTWARD = frozenset({"R", "AL"})
_LATIN_OR_NUMBER = re.compile(r"[0-9A-Za-z]")
_MARKS = frozenset({"Mn", "Me"})


def cleaned(text: str, most: int = MAX_CHARACTERS, *, keep: str = "") -> str:
    """The text for one line: composed, without control and formatting characters, single spaces, at most `most` characters, the last three
    "..." when it was longer. Cleaned again it stays as it is.

    No-break and other spaces and line ends become spaces, except those in `keep`; what changes the direction of text or is not seen goes,
    but for the joiners that Persian and Indian spelling needs; half of a character, or one that no standard knows, becomes "?"; a letter
    keeps MAX_MARKS marks, and a mark without a letter goes. Raises nothing, whatever the text is.
    """
    if not (text.isascii() and text.isprintable()):
        text = text[: 4 * most]
        harmless = "".join(_harmless(text, place, keep) for place in range(len(text)))
        text = _with_few_marks(unicodedata.normalize("NFC", harmless))
    line = " ".join(filter(None, text.split(" ")))
    return line if len(line) <= most else f"{_cut(line, most - len(CUT)).rstrip()}{CUT}"


def placed(value: str) -> str:
    """A value from outside as it is put beside other words: letters from right to left leave those words in their places. An id with such
    letters reads from left to right, part by part: else two ids could look the same.
    """
    if not is_leftward(value) or value[0] in DIRECTIONS:
        return value
    if _LATIN_OR_NUMBER.search(value) and not any(map(str.isspace, value)):
        parts = re.sub(r"[^\x00-\x7f\d\s]+", lambda part: f"{LRM}{part[0]}{LRM}", value)
        return f"{LRI}{parts}{PDI}"
    return f"{FSI}{value}{PDI}"


def is_leftward(text: str) -> bool:
    """Whether letters of it are read from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(each) in _LEFTWARD for each in text)


def _harmless(text: str, place: int, keep: str) -> str:
    """What is shown for the character at a place."""
    character = text[place]
    if character in keep or (character.isascii() and character.isprintable()):
        return character
    if character in _JOINERS and all(_is_joined(each) for each in (text[place - 1 : place], text[place + 1 : place + 2])):
        return character
    return "?" if character == _REPLACED else _SHOWN_AS.get(unicodedata.category(character), character)


def _is_joined(character: str) -> bool:
    return character != "" and ord(character) in _JOINED and unicodedata.category(character)[0] in "LM"


def _with_few_marks(text: str) -> str:
    shown, marks = list[str](), MAX_MARKS  # before the first letter there is nothing that a mark could stand on
    for character in text:
        if unicodedata.category(character) in _MARKS:
            marks += 1
            if marks > MAX_MARKS:
                continue
        elif character not in _JOINERS:
            marks = MAX_MARKS if character.isspace() else 0
        shown.append(character)
    return "".join(shown)


def _cut(line: str, most: int) -> str:
    """At most `most` characters from the beginning; a letter keeps its marks or goes with them."""
    while most and (unicodedata.category(line[most]) in _MARKS or line[most] in _JOINERS):
        most -= 1
    return line[:most]
