"""Text from outside that is only shown: it is made safe to show where it is read, and never a reason to refuse its document.

A name decides nothing, so it cannot be wrong. Ids decide and stay strict (`kiosk.wire.checked`).
"""

import unicodedata

MAX_CHARACTERS = 200
CUT = "..."
_SHOWN_AS = {**dict.fromkeys(("Cc", "Zs", "Zl", "Zp"), " "), "Cf": "", **dict.fromkeys(("Cs", "Co", "Cn"), "?")}  # by Unicode category


def cleaned(text: str, most: int = MAX_CHARACTERS, *, keep: str = "") -> str:
    """The text for one line: composed, without control and formatting characters, single spaces, at most `most` characters, the last three
    "..." when it was longer. Cleaned again it stays as it is.

    No-break and other spaces and line ends become spaces, except those in `keep`; what changes the direction of text or is not seen goes;
    half of a character, or one that no standard knows, becomes "?". Raises nothing, whatever the text is.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(_harmless(each, keep) for each in unicodedata.normalize("NFC", text[: 4 * most]))
    line = " ".join(filter(None, text.split(" ")))
    return line if len(line) <= most else f"{line[: most - len(CUT)].rstrip()}{CUT}"


def _harmless(character: str, keep: str) -> str:
    if character in keep or (character.isascii() and character.isprintable()):
        return character
    return _SHOWN_AS.get(unicodedata.category(character), character)
