"""Words in the room that there is: the one rule for what is wider than its place. Pure but for the measuring that is passed in.

A sentence breaks at its spaces. A word that is wider than its place, an id mostly, is never just clipped:

1. It is set one size smaller, where the part can (`smaller`).
2. It breaks into two lines, after one of its signs where that is possible.
3. It is shortened, and that is seen: "…100A-0002". Of an id the end stays, which people compare and read aloud; of a name, which has no
   figure, the beginning.

The last TAIL characters of an id are never broken apart and never left out. Where an id is shortened its end stands out (`split_tail`).
"""

from collections.abc import Callable
from typing import Protocol

CUT = "…"
TAIL = 6  # what tells two ids apart, as in an advertised name (field facts)
EMPHASISED = 4
LEAST = 14  # characters of a shortened word that any place has room for
LONG_NAME = 22  # characters of a word without a figure; no shorter one is broken: places have room for every word of a sentence
IN_SENTENCE = 40  # characters of an id in a sentence that Qt breaks: in two lines it fits into any column
SIGNS = "-_./:"  # a word is best broken after one
BREAK = "\u200b"  # a zero-width space: Qt may break here
NEXT_SMALLER = {"hero": "number", "number": "title", "title": "lead", "lead": "strong", "strong": "label", "body": "small"}


class Measures(Protocol):
    """The sizes of words in one font, px."""

    height: int

    def width(self, text: str, /) -> int:
        """Of words on one line."""


def smaller(role: str) -> str:
    """The next smaller type role; the smallest one is its own."""
    return NEXT_SMALLER.get(role, role)


def is_id(word: str) -> bool:
    """Whether the end of a word tells it from others: ids have figures, names have none."""
    return any(each.isdigit() for each in word)


def is_long(word: str) -> bool:
    """Whether the rule is for this word: an id that may be too long for its place, or a very long name."""
    return len(word) > (LEAST if is_id(word) else LONG_NAME)


def shortened_to(word: str, count: int) -> str:
    """`count` characters of a word, the sign included; of an id the end, of a name the beginning."""
    if len(word) <= count:
        return word
    return f"{CUT}{word[1 - count :]}" if is_id(word) else f"{word[: count - 1]}{CUT}"


def least(words: str) -> str:
    """`words` with the long ones as short as they may become: what decides how narrow a place may be."""
    return " ".join(shortened_to(word, LEAST) if is_long(word) else word for word in words.split(" "))


def split_tail(line: str) -> tuple[str, str]:
    """A line in two parts, the second one to stand out: the end of an id; "" for the second where the line does not end with one."""
    word = line.split(" ")[-1]
    if not is_id(word):
        return line, ""
    sign = max(word.rfind(each) for each in SIGNS) + 1
    count = len(word) - sign if 0 < len(word) - sign <= TAIL else min(EMPHASISED, len(word))
    return line[:-count], line[-count:]


def lines(metrics: Measures, words: str, width: int) -> list[str]:
    """`words` in lines of at most `width` px, as the rule has it; how many there are is up to the words."""
    out: list[str] = []
    for word in words.split():
        if out and metrics.width(f"{out[-1]} {word}") <= width:
            out[-1] += f" {word}"
        else:
            out += pieces(metrics, word, width)
    return out


def fitted(metrics: Measures, words: str, width: int, most: int) -> list[str]:
    """The same in at most `most` lines: the longest id is shortened for it. What has none to shorten keeps its lines."""
    long = max((word for word in words.split() if is_long(word)), key=len, default="")

    def with_long(count: int) -> list[str]:
        return lines(metrics, words.replace(long, shortened_to(long, count)) if long else words, width)

    def fits(count: int) -> bool:
        shown = with_long(count)
        return len(shown) <= most and widest(metrics, shown) <= width

    return with_long(_largest(TAIL + 2, len(long), fits))


def pieces(metrics: Measures, word: str, width: int) -> list[str]:
    """One word in at most two lines, shortened where it has no room in them."""
    if not is_long(word) or metrics.width(word) <= width:
        return [word]

    def fits(count: int) -> bool:
        return widest(metrics, _halves(metrics, shortened_to(word, count), width)) <= width

    return _halves(metrics, shortened_to(word, _largest(TAIL + 2, len(word), fits)), width)


def end_of(metrics: Measures, words: str, width: int) -> str:
    """What is being typed: as much of its end as there is room for, whatever it is."""
    if metrics.width(words) <= width:
        return words
    return f"{CUT}{words[len(words) - _largest(1, len(words), lambda count: metrics.width(f'{CUT}{words[-count:]}') <= width) :]}"


def _halves(metrics: Measures, word: str, width: int) -> list[str]:
    if metrics.width(word) <= width:
        return [word]
    longest = _largest(1, len(word) - TAIL, lambda count: metrics.width(word[:count]) <= width)
    after_sign = max(word.rfind(sign, longest // 2, longest) for sign in SIGNS) + 1
    place = after_sign if after_sign and metrics.width(word[after_sign:]) <= width else longest
    return [word[:place], word[place:]]


def _largest(low: int, high: int, fits: Callable[[int], bool]) -> int:
    """The largest number from `low` to `high` that fits; `low` where none does. What fits still fits when it is less."""
    if high <= low or fits(high):
        return max(low, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def narrowest(metrics: Measures, words: str, most_lines: int) -> int:
    """The least width in px in which `words` take at most `most_lines` lines, long ids shortened."""
    parts = least(words).split()
    for width in sorted({metrics.width(" ".join(parts[i:j])) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1)}):
        fitting = lines(metrics, " ".join(parts), width)
        if len(fitting) <= most_lines and widest(metrics, fitting) <= width:
            return width
    return 0


def widest(metrics: Measures, texts: list[str]) -> int:
    """The width of the widest of `texts` in px."""
    return max((metrics.width(text) for text in texts), default=0)


def breakable(words: str) -> str:
    """`words` for Qt to break: long ones may be broken too, but for the end of an id, and very long ones are shortened."""
    if not any(is_long(word) for word in words.split()):
        return words
    return " ".join(_with_breaks(shortened_to(word, IN_SENTENCE)) if is_long(word) else word for word in words.split(" "))


def _with_breaks(word: str) -> str:
    return BREAK.join((*word[:-TAIL], word[-TAIL:]))
