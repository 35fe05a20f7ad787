"""Whose is a key or a touch? The one place that decides whether it belongs to a scan, is typing, or is a press. No Qt: facts and times in,
a verdict out; `ui.devices.barcode_scanner` asks it for keys, `ui.widgets.button` for touches.

A row is what came without a pause. `gap` is `[barcode] gap_ms` (35 ms), "slow" is 160 ms or the gap where that is longer, "where a person
types" is a page on which Enter ends a text. An end is Enter or Tab; a scanner's own end characters are `[barcode] suffix`.

| what comes | when | is |
|---|---|---|
| character | within the gap of the one before, four in a row | a scanner's row: until its end, or for 500 ms without a key |
| character | slower than the gap, where a person types | typing, at once |
| character | up to slow, elsewhere | held: with its end a scan, else typing |
| character | after a longer pause | begins a row; what was held is decided |
| character, marked as repeated | under 200 ms after that key went down | a character: no key that is held down repeats so soon |
| character, marked as repeated | later | a key that is held down: nobody's character, it is lost |
| lost character, command | inside a scanner's row, or in the rest of a code | what came before is a piece of a code: refused at once |
| end | after a lost character and a scanner's key, no pause of 1 s since | refused: what stands before it is not what was read |
| first character | up to one gap (160 ms at most) after an end | a further line of the same code: dropped |
| scanner's row | begun up to 1 s after typing | the rest of a code whose first keys came too slowly: refused |
| first character | up to 1 s after a row without its end | the rest of that code: refused with it |
| line end | inside a JSON document or a contact card | a part of the code |
| end, suffix | after a scanner's row | the end of a scan |
| end, suffix | up to 500 ms after a slow row of four or more, where nobody types | the end of a scan |
| end | after a slow row that followed typing within 1 s | typing: the row, and the end by the rules below |
| end | up to 1 s after a scan or a refused code, also where a person types | the late end of it: dropped |
| end | where a person types | a press |
| end | up to 1 s after a scanner's key | dropped; after that a press |
| Space on a button | up to 1 s after a scanner's key | a character where a person types, else dropped; after that a press |
| pause | after a scanner's row, its end known (set or learnt) | a piece of a code: refused, never looked up |
| pause | the same piece for the third time, its end learnt, no end in between | a scan: the end is forgotten |
| pause | after a scanner's row, its end not known yet | a scan without an end, after 500 ms |
| pause | after a scanner's row, `suffix = "none"` | a scan without an end, after 500 ms |
| pause | after any other row | typing |
| touch | began before its page was painted, or before the page turned | the pressed look, nothing else |
| touch, end | on Complete less than 0.6 s, on Next customer less than 1 s after the page was painted | the pressed look, nothing else |
| touch | any other, released on its target | a press |

A scan that holds a badge is a person's and nothing else, on every page and in either reading: `ui.window.people_gate` takes it before any
page does. Where people type a PIN, what comes within 1 s after a key that is no digit is no PIN: a badge that is scanned slowly.

A key is a scanner's where it came up to "slow" after another. With a `prefix` only what begins with it is a scan. What a scanner ends
with is learnt from its first scan with an end, where `suffix` is "auto".
"""

import re
from dataclasses import dataclass
from enum import Enum

SLOW_SECONDS = 0.16
END_SECONDS = 0.5  # an Enter so soon after a scan is the end of it
QUIET_SECONDS = 1.0  # an Enter so soon after a scanner's key is nobody's decision; characters after so long a pause begin a code
REPEAT_SECONDS = 0.2  # no key that is held down repeats sooner
COMPLETE_SECONDS = 0.6  # until Complete counts, from its painting
NEXT_CUSTOMER_SECONDS = 1.0
SAME_PIECES = 3  # a code that came so often without its end, each time the same, is whole
AUTO, ENTER, TAB, NONE = "auto", "enter", "tab", "none"
NEVER = float("-inf")


class KeyVerdict(Enum):
    """What a row, or the end behind it, is."""

    HELD = "held"  # not decided yet
    SCAN = "scan"  # a whole code: take it
    CUT = "cut"  # a piece of a code: say so
    DROPPED = "dropped"  # a scanner's, and nothing to say about it
    TYPING = "typing"  # a person's: it goes where it was going
    PRESS = "press"  # a person's, and it acts


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the scanner is set up. `prefix` and `suffix` are the characters it adds, often none, STX and ETX, or "~"; `suffix` may also be
    "enter", "tab", "none", or "auto": it is learnt."""

    gap_seconds: float = 0.035
    least: int = 4
    most: int = 4096
    prefix: str = ""
    suffix: str = AUTO

    @classmethod
    def of(cls, gap_ms: int, prefix: str, suffix: str) -> "Framing":
        """As it is configured."""
        return cls(gap_seconds=gap_ms / 1000, prefix=prefix, suffix=suffix)

    @property
    def slow_seconds(self) -> float:
        """Two keys so close together are a scanner's, where nobody types."""
        return max(self.gap_seconds, SLOW_SECONDS)

    @property
    def end_characters(self) -> str:
        """The suffix where it is made of characters."""
        return "" if self.suffix in {AUTO, ENTER, TAB, NONE} else self.suffix

    def bare(self, text: str) -> str:
        """The code without what the scanner adds."""
        return text.removesuffix("\n").removeprefix(self.prefix).removesuffix(self.end_characters)


@dataclass(slots=True, kw_only=True)
class KeyRow:
    """Characters without a pause. `run` counts those that came within the gap; `after_pause` is whether nobody typed before it."""

    text: str = ""
    run: int = 0
    fast: bool = False
    last: float = NEVER
    after_pause: bool = True
    is_rest: bool = False
    is_line: bool = False


class KeyRules:
    """The rules for keys, with what they have to remember. Moments are seconds of one clock; `typing` is whether a person types here."""

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self.row = KeyRow()
        self.learnt = ""  # ENTER or TAB
        self._last = self._scanner_at = self._ended_at = self._unended_at = self._lost_at = NEVER
        self._pieces: list[str] = []
        self._down: dict[int, float] = {}  # when a key went down

    # -- what comes

    def is_over(self, moment: float, *, typing: bool, end: bool = False) -> bool:
        """Whether a key now is too late for the row: the row is decided first, by `decide`."""
        return bool(self.row.text) and moment - self.row.last > self._patience(typing=typing, end=end)

    def _patience(self, *, typing: bool, end: bool) -> float:
        """How long after its last character a row still goes on, seconds."""
        framing = self.framing
        if self.row.fast:
            return END_SECONDS  # also where no end comes: keys that are delivered late must not cut a code
        if typing:
            return framing.gap_seconds
        return END_SECONDS if end and self._may_end(typing=typing) else framing.slow_seconds

    def wait_seconds(self, *, typing: bool) -> float:
        """How long to wait for another key before the row is decided."""
        return self._patience(typing=typing, end=True)

    def is_held_down(self, key: int, moment: float, *, repeated: bool) -> bool:
        """Whether a press is the repeat of a key that is held down; `repeated` is what the system says."""
        if repeated and moment - self._down.get(key, NEVER) >= REPEAT_SECONDS:
            return True
        self._down[key] = moment
        return False

    def add(self, character: str, moment: float, *, typing: bool = False) -> KeyVerdict:
        """One more character: HELD, or SCAN and what else `decide` gives when it completes the suffix."""
        pause = moment - self._last
        if not self.row.text:
            self.row = KeyRow(
                after_pause=pause > QUIET_SECONDS,
                is_rest=moment - self._unended_at <= QUIET_SECONDS,
                is_line=moment - self._ended_at <= min(self.framing.gap_seconds, SLOW_SECONDS),
            )
        if self._lacks_a_character(moment):
            self._lost_at = moment
        row = self.row
        row.run = row.run + 1 if pause <= self.framing.gap_seconds and row.text else 1
        row.fast = row.fast or row.run >= self.framing.least
        if pause <= self.framing.slow_seconds:
            self._scanner_at = moment
        if len(row.text) < self.framing.most:
            row.text += character
        row.last = self._last = moment
        suffix = self.framing.end_characters
        return self._ended(moment) if suffix and row.text.endswith(suffix) and self._may_end(typing=typing) else KeyVerdict.HELD

    def end(self, moment: float, end: str, *, typing: bool) -> KeyVerdict:
        """Enter or Tab (`end`). HELD: it is a line end inside the row. TYPING never comes: PRESS says that the row was typing."""
        if self.row.text and open_document(self.row.text):
            self.row.text += "\n"
            self.row.last = self._last = moment
            return KeyVerdict.HELD
        if not self.is_quiet(moment):
            self._pieces = []  # this scanner has not stopped to send ends
        row = self.row
        if self._may_end(typing=typing) or row.is_rest or row.is_line:
            if self.framing.suffix == AUTO:
                self.learnt = end
            return self._closed(self._ended(moment))
        if self._lacks_a_character(moment) and not self.is_quiet(moment):
            return self._closed(self._cut(moment))
        if moment - self._ended_at <= QUIET_SECONDS:
            return self._closed(KeyVerdict.DROPPED)
        if not (typing or self.is_quiet(moment)):
            return KeyVerdict.DROPPED
        self.clear()
        return KeyVerdict.PRESS

    def interrupt(self, moment: float, *, lost: bool) -> KeyVerdict:
        """A key that adds nothing to the row: a command, or a character that is `lost`. TYPING: the row was typing, and the key goes on."""
        row = self.row
        if row.fast or row.is_rest or row.is_line:
            return KeyVerdict.DROPPED if row.is_line else self._cut(moment)
        if lost:
            self._last = self._lost_at = moment
        else:
            self.clear()
        return KeyVerdict.TYPING

    def decide(self) -> KeyVerdict:
        """What the row is, when no end has come for it."""
        row = self.row
        if row.is_line:
            return KeyVerdict.DROPPED
        if not self._is_code(row.fast):
            return self._cut(row.last) if row.is_rest and row.text else KeyVerdict.TYPING
        if self.framing.suffix == NONE or row.text.endswith("\n"):  # a line end that was taken for one inside a document
            return self._ended(row.last)
        if self._lacks_its_start(row) or self._awaits_end(row.text):
            return self._cut(row.last)
        self._unended_at = row.last
        return self._ended(row.last)

    def _lacks_its_start(self, row: KeyRow) -> bool:
        """Whether the first keys of this code may have been decided before; a prefix is the start of one."""
        return row.is_rest or not (row.after_pause or self.framing.prefix)

    def _awaits_end(self, text: str) -> bool:
        """Whether a code without its end is a piece."""
        if self.framing.suffix != AUTO:
            return True
        if not self.learnt:
            return False
        self._pieces = [text] if self._pieces[:1] != [text] else [*self._pieces, text]
        if len(self._pieces) < SAME_PIECES:
            return True
        self.learnt, self._pieces = "", []
        return False

    def _ended(self, moment: float) -> KeyVerdict:
        """A code with its end at `moment`, or as much of one as there is."""
        row = self.row
        if self._lacks_its_start(row):
            return self._cut(moment)
        self._last, self._scanner_at, self._ended_at = NEVER, moment, moment
        return KeyVerdict.DROPPED if row.is_line else KeyVerdict.SCAN

    def _closed(self, verdict: KeyVerdict) -> KeyVerdict:
        """An end has come: what comes next is no rest."""
        self._unended_at = NEVER
        return verdict

    def _cut(self, moment: float) -> KeyVerdict:
        self._last, self._scanner_at, self._ended_at, self._unended_at = NEVER, moment, moment, moment
        self._lost_at = NEVER
        return KeyVerdict.CUT

    # -- what is so

    def _is_code(self, quick: bool) -> bool:  # noqa: FBT001  one fact of the row
        return quick and len(self.row.text) >= self.framing.least and self.row.text.startswith(self.framing.prefix)

    def _may_end(self, *, typing: bool) -> bool:
        """Whether an end now would be the end of a scan."""
        return self._is_code(self.row.fast or (self.row.after_pause and not typing))

    def _lacks_a_character(self, moment: float) -> bool:
        """Whether one was lost in what came without a pause until now."""
        return moment - self._lost_at <= QUIET_SECONDS

    def is_quiet(self, moment: float) -> bool:
        """Whether no scanner's key came lately."""
        return moment - self._scanner_at > QUIET_SECONDS

    def forget_row(self) -> None:
        """The row was decided and taken."""
        self.row = KeyRow()

    def clear(self) -> None:
        """A command, or an end that was pressed: what comes next begins anew."""
        self._last = NEVER


_CARD = re.compile(r"BEGIN.V[A-Z]{3,}", re.IGNORECASE)  # vCard, vCalendar; the sign between may be another keyboard's
_CARD_END = re.compile(r"END.V[A-Z]{3,}", re.IGNORECASE)


def open_document(text: str) -> bool:
    """Whether a line end now stands inside a document: JSON, or a contact card, that is not complete yet."""
    if _CARD.match(text):
        return not _CARD_END.match(text.rsplit("\n", 1)[-1])
    return text.startswith(("{", "[")) and text.count("{") + text.count("[") > text.count("}") + text.count("]")


class Touch:
    """Whether a press of one target counts: it began on what was painted, and the page did not turn since."""

    def __init__(self) -> None:
        self.counts, self._seen = True, True

    def begin(self) -> None:
        """A finger, or the mouse, went down."""
        self.counts = self._seen

    def paint(self) -> None:
        """The target was painted as it is."""
        self._seen = True

    def turn(self) -> None:
        """The target means something else from now on."""
        self.counts = self._seen = False

    def spoil(self) -> None:
        """The press that is under way does not count: its target has gone, or it is the second of a double touch."""
        self.counts = False


class Arming:
    """A step that cannot be taken back counts only when it has been seen for `needed` seconds, from its next painting on."""

    def __init__(self) -> None:
        self._needed, self._painted_at = 0.0, NEVER

    def begin(self, needed: float) -> None:
        """It was shown anew."""
        self._needed, self._painted_at = needed, float("inf")

    def paint(self, moment: float) -> bool:
        """It is painted; whether the time begins now."""
        begins = bool(self._needed) and self._painted_at == float("inf")
        if begins:
            self._painted_at = moment
        return begins

    def part(self, moment: float) -> float:
        """From 0 to 1; 1 is armed."""
        return min(1.0, max(0.0, (moment - self._painted_at) / self._needed)) if self._needed else 1.0
