"""Letters that the receipt's own typeface has not got: which font has them, which forms they take, where they stand on the line.

Noto Sans has Latin, Greek and Cyrillic; each further script has a font of its own, read when a receipt needs it. HarfBuzz chooses forms and
ligatures and places the marks; `bidi` says the order. All lengths here are thousandths of the type size. A font that is not shipped raises
FileNotFoundError.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property

import uharfbuzz

import resources
from kiosk.domain.display import DIRECTIONS
from kiosk.station.adapters.receipts.bidi import levels_of, runs_of

SCRIPTS = ("Arabic", "Hebrew", "Ethiopic", "Devanagari", "Bengali")
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_VIRAMA = 9  # the combining class of what joins two consonants
_FOR_SHAPING = (b"GSUB", b"GPOS", b"GDEF")  # tables that paper does not need
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


@dataclass(frozen=True, slots=True)
class LetterForm:
    """One form by its number in its font; where it begins on the line, and how far above it stands."""

    number: int
    x: float
    above: float


class ScriptFont:
    """One script in one weight."""

    def __init__(self, script: str, *, bold: bool) -> None:
        self.name = f"NotoSans{script}-{'Bold' if bold else 'Regular'}"
        self._face = uharfbuzz.Face(resources.path(f"fonts/{self.name}.ttf").read_bytes())
        self._font = uharfbuzz.Font(self._face)
        self._scale = 1000 / self._face.upem
        self.letters = frozenset(self._face.unicodes)

    @cached_property
    def height(self) -> tuple[float, float]:
        """Above and below the baseline."""
        extents = self._font.get_font_extents("ltr")
        return extents.ascender * self._scale, extents.descender * self._scale

    def shaped(self, text: str, *, leftward: bool) -> tuple[tuple[LetterForm, ...], tuple[str, ...], float]:
        """The forms of a text of this script from left to right, the letters of each, and how wide they are together. Where several
        forms make one letter the first has it.
        """
        buffer = uharfbuzz.Buffer()
        buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS  # a mark is told from its letter
        buffer.flags = uharfbuzz.BufferFlags.REMOVE_DEFAULT_IGNORABLES  # a joiner has done its work
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if leftward else "ltr"
        uharfbuzz.shape(self._font, buffer)
        x, glyphs, clusters = 0.0, list[LetterForm](), [info.cluster for info in buffer.glyph_infos]
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyphs.append(LetterForm(info.codepoint, (x + at.x_offset) * self._scale, at.y_offset * self._scale))
            x += at.x_advance
        return tuple(glyphs), _spelling(text, clusters, leftward=leftward), x * self._scale

    def extent(self, glyph: LetterForm) -> tuple[float, float]:
        """The upper and the lower edge of a form where it stands."""
        extents = self._font.get_glyph_extents(glyph.number)
        if extents is None:
            return 0.0, 0.0
        top = extents.y_bearing * self._scale + glyph.above
        return top, top + extents.height * self._scale

    def width(self, glyph: int) -> float:
        """How far the next form stands from this one."""
        return float(self._font.get_glyph_h_advance(glyph) * self._scale)

    def program(self, glyphs: Iterable[int]) -> bytes:
        """The font with these forms only, under the numbers that they have."""
        wanted = uharfbuzz.SubsetInput()
        wanted.glyph_set.update(glyphs)
        wanted.flags = uharfbuzz.SubsetFlags.RETAIN_GIDS | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
        wanted.drop_table_tag_set.update(int.from_bytes(each) for each in _FOR_SHAPING)
        return bytes(uharfbuzz.subset(self._face, wanted).blob.data)


def _spelling(text: str, clusters: list[int], *, leftward: bool) -> tuple[str, ...]:
    """The letters that begin at each cluster, for one form of it: the first one that is read."""
    firsts = sorted(set(clusters))
    ends = dict(zip(firsts, [*firsts[1:], len(text)], strict=True))
    found, order = [""] * len(clusters), range(len(clusters))
    for place in reversed(order) if leftward else order:
        cluster = clusters[place]
        if cluster in ends:
            found[place] = text[cluster : ends.pop(cluster)].strip(_JOINERS)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line in one font. Without a `font` it is of the receipt's own typeface, its `text` as it stands from left to right;
    else `text` is as it is read, `glyphs` are its forms and `spelling` the letters of each. `begin` is its place in the line's text.
    """

    begin: int
    text: str
    width: float
    x: float = 0.0
    leftward: bool = False
    font: ScriptFont | None = None
    glyphs: tuple[LetterForm, ...] = ()
    spelling: tuple[str, ...] = ()

    @property
    def reach(self) -> tuple[float, float]:
        """How far its forms stand out above and below the baseline; 0 for the receipt's own typeface, which every line has room for."""
        extents = [self.font.extent(each) for each in self.glyphs] if self.font else []
        return max((top for top, _ in extents), default=0.0), -min((bottom for _, bottom in extents), default=0.0)


@cache
def script_fonts(*, bold: bool) -> tuple[ScriptFont, ...]:
    """Read once a process."""
    return tuple(ScriptFont(script, bold=bold) for script in SCRIPTS)


@cache
def shaped_letters() -> frozenset[int]:
    """What the fonts of all scripts have in both weights."""
    regular, bold = (frozenset().union(*(each.letters for each in script_fonts(bold=weight))) for weight in (False, True))
    return regular & bold


def pieces_of(text: str, own: frozenset[int], own_width: Callable[[str], float], *, bold: bool) -> tuple[Piece, ...]:
    """The parts of a line in the order in which they are read, each where it stands. `own` has the letters of the receipt's own typeface.
    A letter that no font has must not be there.
    """
    fonts = _fonts_of(text, own, bold=bold)
    x, placed = 0.0, list[Piece]()
    for begin, end, leftward in runs_of(levels_of(text)):
        parts = _parts(fonts, begin, end)
        for first, last in reversed(parts) if leftward else parts:
            piece = _piece(text, (first, last), fonts[first], own_width, leftward=leftward)
            placed.append(replace(piece, x=x))
            x += piece.width
    return tuple(sorted(placed, key=lambda piece: piece.begin))


def _fonts_of(text: str, own: frozenset[int], *, bold: bool) -> list[ScriptFont | None]:
    """The font of each character; spaces, marks and signs stay with the letter before them where its font has them."""
    found = list[ScriptFont | None]()
    for character in text:
        point, before = ord(character), found[-1] if found else None
        if (before is not None and point in before.letters and not character.isascii()) or (character == " " and before is not None):
            found.append(before)
        elif point in own or character in DIRECTIONS:
            found.append(None)
        else:
            found.append(next(each for each in script_fonts(bold=bold) if point in each.letters))
    return found


def _parts(fonts: list[ScriptFont | None], begin: int, end: int) -> list[tuple[int, int]]:
    """A run cut where the font changes."""
    cuts = [place for place in range(begin + 1, end) if fonts[place] is not fonts[place - 1]]
    return list(zip([begin, *cuts], [*cuts, end], strict=True))


def _piece(text: str, span: tuple[int, int], font: ScriptFont | None, own_width: Callable[[str], float], *, leftward: bool) -> Piece:
    words = "".join(each for each in text[span[0] : span[1]] if each not in DIRECTIONS)
    if font is not None:
        glyphs, spelling, width = font.shaped(words, leftward=leftward)
        return Piece(span[0], words, width, leftward=leftward, font=font, glyphs=glyphs, spelling=spelling)
    if leftward:
        words = words[::-1].translate(_MIRRORED)
    return Piece(span[0], words, own_width(words))


def breaks_before(word: str, place: int) -> bool:
    """Whether a word may be cut before this place: a letter keeps its marks, and what is joined stays together."""
    kept = unicodedata.category(word[place])[0] == "M" or word[place] in _JOINERS
    return not kept and unicodedata.combining(word[place - 1]) != _VIRAMA and word[place - 1] != _JOINERS[1]
