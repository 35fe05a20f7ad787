"""What three scans tell of a scanner: how far its keys are apart, what it adds, and whether capitals and signs come whole. Pure."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from kiosk.domain.keyboard import FITS, KeyboardState
from kiosk.domain.language import tr
from ui.input_rules import AUTO, END_SECONDS, ENTER, NONE, SLOW_SECONDS, TAB, Framing

CODE = 'Swap-Kiosk/TEST:0123456789 AZ {"q":"wm"}'  # capitals, signs, what other keyboards have elsewhere
SCANS = 3
TIMES = 3  # a radio that is busy takes longer than it did here
MIN_GAP_MS, MAX_GAP_MS = 35, 400
MIN_KEYS = 4
END_KEYS = {"\n": ENTER, "\t": TAB}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key as it came: what it typed, what it is on the keyboard of the United States ("" unknown), when (seconds)."""

    typed: str
    by_place: str
    moment: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One scan. `before_end_ms` is None without Enter or Tab; `prefix` and `suffix` are None where another code than ours was scanned."""

    gap_ms: int
    before_end_ms: int | None
    end: str
    prefix: str | None
    suffix: str | None
    keyboard: KeyboardState


def measure(keys: list[Key]) -> Measured | None:
    """What one scan tells; None for too few keys."""
    characters = [key for key in keys if key.typed not in END_KEYS]
    if len(characters) < MIN_KEYS:
        return None
    first_end = next((key for key in keys if key.typed in END_KEYS and key.moment >= characters[-1].moment), None)
    gaps = [later.moment - sooner.moment for sooner, later in pairwise(characters)]
    typed, by_place = "".join(key.typed for key in characters), "".join(key.by_place for key in characters)
    ours, keyboard = (
        (typed, FITS) if CODE in typed else (by_place, KeyboardState.between(typed, by_place)) if CODE in by_place else ("", FITS)
    )
    prefix, found, suffix = ours.partition(CODE)
    return Measured(
        gap_ms=ceil(max(gaps) * 1000 - 1e-6),
        before_end_ms=None if first_end is None else ceil((first_end.moment - characters[-1].moment) * 1000 - 1e-6),
        end=NONE if first_end is None else END_KEYS[first_end.typed],
        prefix=prefix if found else None,
        suffix=suffix if found else None,
        keyboard=keyboard,
    )


def framing_for(scans: tuple[Measured, ...]) -> Framing:
    """What is used from now on: three times the longest gap, and what all scans agree in."""
    gap = min(MAX_GAP_MS, max(MIN_GAP_MS, TIMES * max(scan.gap_ms for scan in scans)))
    prefixes, suffixes, ends = ({getattr(scan, name) for scan in scans} for name in ("prefix", "suffix", "end"))
    prefix, suffix = next(iter(prefixes)) if len(prefixes) == 1 else "", next(iter(suffixes)) if len(suffixes) == 1 else ""
    end = next(iter(ends)) if len(ends) == 1 else AUTO
    return Framing.of(gap, prefix or "", suffix or end)


def remark(scans: tuple[Measured, ...]) -> tuple[str, str]:
    """Tone and sentence about what should be known of the scanner; "" while there is nothing."""
    if not scans:
        return "ok", ""
    keyboard = next((scan.keyboard.sentence for scan in scans if scan.keyboard != FITS), "")
    if keyboard:
        return "stop", tr("{sentence} Set keyboard and scanner to one language, Caps Lock off.", sentence=keyboard)
    if any((scan.before_end_ms or 0) > END_SECONDS * 1000 for scan in scans):
        return "stop", tr("Its Enter comes too late. Set the scanner to send it sooner.")
    if len({scan.end for scan in scans}) > 1:
        return "attention", tr("The scans end differently. Start again and hold the scanner still.")
    if scans[-1].end == NONE and not scans[-1].suffix:
        return "attention", tr("It sends no Enter. Set it to send Enter: codes are then never cut.")
    if max(scan.gap_ms for scan in scans) * TIMES > SLOW_SECONDS * 1000:
        return "attention", tr("A slow scanner. Three times its longest gap is used.")
    return "ok", tr("Three times the longest gap is used.")


CONTROL = {"\x02": "STX", "\x03": "ETX", "\n": "LF", "\r": "CR", "\x1d": "GS"}
NAMES = {ENTER: "Enter", TAB: "Tab"}


def rows_of(scans: tuple[Measured, ...]) -> list[tuple[str, ...]]:
    """The table: name, one value a scan, what is used; a value that is not known yet is empty. Times are milliseconds."""
    used = framing_for(scans) if scans else None
    columns = [scans[at] if at < len(scans) else None for at in range(SCANS)]
    return [
        (
            tr("Key to key, ms"),
            *(_count(each.gap_ms if each else None) for each in columns),
            _count(round(used.gap_seconds * 1000) if used else None),
        ),
        (
            tr("To Enter, ms"),
            *(_count(each.before_end_ms if each else None) for each in columns),
            _count(round(END_SECONDS * 1000) if used else None),
        ),
        (tr("Prefix"), *(_added(each) for each in columns), _added(used)),
        (tr("Suffix"), *(_suffix(each) for each in columns), _end_words(used.suffix) if used else ""),
        (tr("Signs whole"), *(_wholeness(each) for each in columns), ""),
    ]


def _count(value: int | None) -> str:
    return "" if value is None else str(value)


def _added(known: Measured | Framing | None) -> str:
    if known is None:
        return ""
    return "?" if known.prefix is None else _visible(known.prefix) or tr("none")


def _suffix(scan: Measured | None) -> str:
    return "" if scan is None else _end_words(scan.suffix or scan.end)


def _end_words(suffix: str) -> str:
    words = {NONE: tr("none"), AUTO: tr("learnt")} | NAMES
    return words.get(suffix) or _visible(suffix)


def _visible(text: str) -> str:
    """Characters that cannot be seen by their names."""
    return " ".join(CONTROL.get(each, f"0x{ord(each):02X}") if each < " " else each for each in text)


def _wholeness(scan: Measured | None) -> str:
    if scan is None:
        return ""
    if scan.keyboard != FITS:
        return tr("no")
    return "?" if scan.prefix is None else tr("yes")
