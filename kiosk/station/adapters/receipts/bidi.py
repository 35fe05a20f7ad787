"""In which order the characters of a line stand: Unicode's bidirectional algorithm (UAX 9, revision 48), without what no text here holds.

Embeddings and overrides were cleaned away (`kiosk.domain.display`); isolates are there, around values in sentences. Pure.
"""

import unicodedata
from itertools import groupby

_OPENING, _CLOSING = "([{", ")]}"
_ISOLATES = {"LRI": 0, "RLI": 1, "FSI": None}  # the direction inside; None is that of the first letter
_STRONG = {"L": 0, "R": 1, "AL": 1}
_NEUTRAL = frozenset({"ON", "WS", "B", "S", "BN", "LRI", "RLI", "FSI", "PDI"})
_FADING = frozenset({"WS", "B", "S", "BN", "LRI", "RLI", "FSI", "PDI"})  # at the end of a line these follow the paragraph
_RIGHT = frozenset({"R", "AL", "AN"})
_NUMBERS = frozenset({"EN", "AN"})


def levels_of(text: str, base: int | None = None) -> list[int]:
    """The embedding level of each character, odd from right to left. `base` is the paragraph's; None is that of its first letter."""
    kinds = [unicodedata.bidirectional(each) or "L" for each in text]
    base = _first_direction(kinds, 0, len(kinds)) if base is None else base
    levels = [base] * len(text)
    _resolve(text, kinds, (0, len(kinds)), base, levels)
    for place in reversed(range(len(text))):
        if kinds[place] not in _FADING:
            break
        levels[place] = base
    return levels


def runs_of(levels: list[int]) -> list[tuple[int, int, bool]]:
    """The runs of one direction from left to right as they stand on the line: begin, end, whether it is from right to left."""
    runs, begin = list[tuple[int, int, int]](), 0
    for level, group in groupby(levels):
        runs.append((begin, begin := begin + len(list(group)), level))
    for least in range(max(levels, default=0), 0, -1):
        place = 0
        while place < len(runs):
            end = place
            while end < len(runs) and runs[end][2] >= least:
                end += 1
            runs[place:end] = reversed(runs[place:end])
            place = max(end, place + 1)
    return [(begin, end, level % 2 == 1) for begin, end, level in runs]


def _first_direction(kinds: list[str], begin: int, end: int) -> int:
    place = begin
    while place < end:
        if kinds[place] in _STRONG:
            return _STRONG[kinds[place]]
        place = _end_of_isolate(kinds, place, end) if kinds[place] in _ISOLATES else place + 1
    return 0


def _end_of_isolate(kinds: list[str], begin: int, end: int) -> int:
    """Where the isolate that begins here is closed, or the end."""
    depth = 0
    for place in range(begin, end):
        depth += (kinds[place] in _ISOLATES) - (kinds[place] == "PDI")
        if depth == 0:
            return place
    return end


def _resolve(text: str, kinds: list[str], span: tuple[int, int], base: int, levels: list[int]) -> None:
    """The levels of a span at its base; what stands inside isolates is resolved by itself and is one neutral sign to the others."""
    place, end = span
    outside = list[int]()
    while place < end:
        outside.append(place)
        if kinds[place] in _ISOLATES:
            closed = _end_of_isolate(kinds, place, end)
            direction = _ISOLATES[kinds[place]]
            inside = _first_direction(kinds, place + 1, closed) if direction is None else direction
            _resolve(text, kinds, (place + 1, closed), base + 1 + (base + 1 + inside) % 2, levels)
            place = closed
        else:
            place += 1
    resolved = _resolved([text[each] for each in outside], [kinds[each] for each in outside], "R" if base % 2 else "L")
    for each, kind in zip(outside, resolved, strict=True):
        levels[each] = base + ((kind != "R") if base % 2 else {"L": 0, "R": 1}.get(kind, 2))


def _resolved(characters: list[str], kinds: list[str], base: str) -> list[str]:
    """Each character as L, R, AN or EN: rules W1 to W7, N0 to N2."""
    kinds = _weak(_marks(kinds, base), base)
    _pair_brackets(characters, kinds, base)
    return _neutral(kinds, base)


def _marks(kinds: list[str], base: str) -> list[str]:
    """W1: a mark is what its letter is. A joiner is as its letter too."""
    found, before = list[str](), base
    for kind in kinds:
        before = before if kind in {"NSM", "BN"} else kind
        found.append(before)
        before = "ON" if before in _ISOLATES or before == "PDI" else before
    return found


def _weak(kinds: list[str], base: str) -> list[str]:
    """W2 to W7: numbers, and the signs beside them."""
    kinds = _numbers_after(kinds, base, "AL", "AN")
    kinds = ["R" if each == "AL" else each for each in kinds]
    for place in range(1, len(kinds) - 1):
        before, sign, after = kinds[place - 1 : place + 2]
        if before == after and ((sign == "CS" and before in _NUMBERS) or (sign == "ES" and before == "EN")):
            kinds[place] = before
    begin = 0
    for kind, group in groupby(kinds[:]):
        end = begin + len(list(group))
        if kind == "ET" and "EN" in (kinds[begin - 1] if begin else "", kinds[end] if end < len(kinds) else ""):
            kinds[begin:end] = ["EN"] * (end - begin)
        begin = end
    kinds = ["ON" if each in {"ES", "ET", "CS"} else each for each in kinds]
    return _numbers_after(kinds, base, "L", "L")


def _numbers_after(kinds: list[str], base: str, letter: str, become: str) -> list[str]:
    """W2 and W7: European numbers after a letter of this kind."""
    found, strong = list[str](), base
    for kind in kinds:
        strong = kind if kind in _STRONG else strong
        found.append(become if kind == "EN" and strong == letter else kind)
    return found


def _pair_brackets(characters: list[str], kinds: list[str], base: str) -> None:
    """N0: both brackets of a pair have the direction of what stands between them."""
    for begin, end in sorted(_brackets(characters, kinds)):
        inside = {_direction(each) for each in kinds[begin + 1 : end]} - {""}
        if base in inside:
            kinds[begin] = kinds[end] = base
        elif inside:
            before = next((each for each in map(_direction, reversed(kinds[:begin])) if each), base)
            kinds[begin] = kinds[end] = before if before in inside else base


def _brackets(characters: list[str], kinds: list[str]) -> list[tuple[int, int]]:
    found, opened = list[tuple[int, int]](), list[tuple[str, int]]()
    for place, (character, kind) in enumerate(zip(characters, kinds, strict=True)):
        if kind == "ON" and character in _OPENING:
            opened.append((_CLOSING[_OPENING.index(character)], place))
        elif kind == "ON" and character in _CLOSING and character in [closing for closing, _ in opened]:
            while opened[-1][0] != character:
                opened.pop()
            found.append((opened.pop()[1], place))
    return found


def _direction(kind: str) -> str:
    return "L" if kind == "L" else "R" if kind == "R" or kind in _NUMBERS else ""


def _neutral(kinds: list[str], base: str) -> list[str]:
    """N1 and N2: what is neutral goes with its neighbours where they agree, else with the paragraph."""
    found, begin = kinds[:], 0
    for neutral, group in groupby(kinds, lambda kind: kind in _NEUTRAL):
        end = begin + len(list(group))
        if neutral:
            before = _direction(kinds[begin - 1]) if begin else base
            after = _direction(kinds[end]) if end < len(kinds) else base
            found[begin:end] = [before if before == after else base] * (end - begin)
        begin = end
    return found
