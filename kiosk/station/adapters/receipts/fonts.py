"""The receipt's typeface: Noto Sans, embedded as a subset, measured here; the fonts of further scripts are those of `shaping`.

The subset that a document needs is nearly always the same (ASCII and a sign or two), and making it anew is most of the time of a receipt:
the last few are kept, packed as they go into the file. A font file that is not shipped raises FileNotFoundError at the first receipt.
"""

import unicodedata
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache

from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont, makeToUnicodeCMap

import resources
from kiosk.domain.display import DIRECTIONS, is_leftward, placed
from kiosk.domain.written import MINUS
from kiosk.shared.formatting import clean_text
from kiosk.station.adapters.receipts.layout import TypeStyle
from kiosk.station.adapters.receipts.shaping import Piece, breaks_before, pieces_of, shaped_letters

REGULAR = "KioskReceipt"
BOLD = "KioskReceipt-Bold"
_FILES = {REGULAR: "fonts/NotoSans-Regular.ttf", BOLD: "fonts/NotoSans-Bold.ttf"}
_KEPT_SUBSETS = 16
_KEPT_LINES = 512
_DRAWN_AS = str.maketrans({MINUS: "\N{EN DASH}"})  # the typeface has no minus sign, and a dash that looks like one
_OF_WORDS = "LMN"  # first letters of the categories that words are made of


@dataclass(frozen=True, slots=True)
class _Packed:
    """One subset as it goes into a file: the font program and the map back to Unicode, compressed, and the widths as PDF."""

    program: bytes
    program_length: int
    to_unicode: bytes
    widths: bytes


class ReceiptFont(TTFont):  # type: ignore[misc]  # reportlab has no types
    """A font that remembers how its last subsets were packed; everything else is reportlab's own."""

    def __init__(self, name: str, file: str) -> None:
        super().__init__(name, file, asciiReadable=1)
        self.packed = lru_cache(maxsize=_KEPT_SUBSETS)(self._pack)

    def addObjects(self, doc: pdfdoc.PDFDocument) -> None:
        """Adds the font's subsets to a document, as reportlab's method does, from what is kept."""
        state = self.state.pop(doc)
        for number, subset in enumerate(state.subsets):
            internal = f"{state.internalName}+{number}"
            base = (SUBSETN(number) + b"+" + self.face.name + self.face.subfontNameX).decode("pdfdoc")
            font = self._font_object(doc, base, tuple(subset))
            font.Name, font.BaseFont, font.FirstChar, font.LastChar = internal, base, 0, len(subset) - 1
            doc.Reference(font, internal)
            doc.idToObject["BasicFonts"].dict[internal] = font

    def _font_object(self, doc: pdfdoc.PDFDocument, base: str, subset: tuple[int, ...]) -> pdfdoc.PDFTrueTypeFont:
        packed, font = self.packed(base, subset), pdfdoc.PDFTrueTypeFont()
        font.Widths = packed.widths
        font.ToUnicode = doc.Reference(_stream(packed.to_unicode), f"toUnicodeCMap:{base}")
        program = _stream(packed.program)
        program.dictionary["Length1"] = packed.program_length
        font.FontDescriptor = doc.Reference(self._descriptor(base, doc.Reference(program, f"fontFile:{base}")), f"fontDescriptor:{base}")
        return font

    def _descriptor(self, base: str, program: pdfdoc.PDFObjectReference) -> pdfdoc.PDFDictionary:
        face = self.face
        return pdfdoc.PDFDictionary(
            {
                "Type": "/FontDescriptor",
                "Ascent": face.ascent,
                "CapHeight": face.capHeight,
                "Descent": face.descent,
                "Flags": face.flags & ~(1 << 5) | (1 << 2),  # symbolic: a subset has an encoding of its own
                "FontBBox": pdfdoc.PDFArray(face.bbox),
                "FontName": pdfdoc.PDFName(base),
                "ItalicAngle": face.italicAngle,
                "StemV": face.stemV,
                "FontFile2": program,
                "MissingWidth": face.defaultWidth,
            }
        )

    def _pack(self, base: str, subset: tuple[int, ...]) -> _Packed:
        program = self.face.makeSubset(list(subset))
        widths = pdfdoc.PDFArray([self.face.getCharWidth(code) for code in subset])
        to_unicode = makeToUnicodeCMap(base, list(subset)).encode("ascii")
        return _Packed(zlib.compress(program), len(program), zlib.compress(to_unicode), widths.format(None))


def _stream(packed: bytes) -> pdfdoc.PDFStream:
    stream = pdfdoc.PDFStream(content=packed, filters=[])
    stream.dictionary["Filter"] = pdfdoc.PDFName("FlateDecode")
    return stream


@cache
def fonts() -> dict[bool, ReceiptFont]:
    """The fonts by weight (True is bold), read and registered once a process."""
    made = {name: ReceiptFont(name, str(resources.path(file))) for name, file in _FILES.items()}
    for font in made.values():
        pdfmetrics.registerFont(font)
    return {False: made[REGULAR], True: made[BOLD]}


class FontMetrics:
    """`FontWidths` of the receipt's typeface, and of the scripts that it has not got."""

    def __init__(self) -> None:
        self._widths: dict[bool, dict[int, float]] = {bold: font.face.charWidths for bold, font in fonts().items()}
        self._known = frozenset(fonts()[False].face.charToGlyph) & frozenset(fonts()[True].face.charToGlyph) - set(map(ord, DIRECTIONS))
        self._pieces = lru_cache(maxsize=_KEPT_LINES)(self._shaped)

    def width(self, text: str, style: TypeStyle) -> float:
        if self.is_own(text):
            return self._own_width(text, style.bold) * style.size / 1000
        return sum(piece.width for piece in self._pieces(text, style.bold)) * style.size / 1000

    def reach(self, text: str, style: TypeStyle) -> tuple[float, float]:
        pieces = () if self.is_own(text) else self._pieces(text, style.bold)
        above, below = (max((each.reach[side] for each in pieces), default=0.0) for side in (0, 1))
        return above * style.size / 1000, below * style.size / 1000

    def is_own(self, text: str) -> bool:
        """Whether the receipt's typeface has all letters of it."""
        return text.isascii() or all(map(self._known.__contains__, map(ord, text)))

    def pieces(self, text: str, style: TypeStyle) -> tuple[Piece, ...]:
        """A line with letters of further scripts, in parts of one font each; lengths are thousandths of the size."""
        return self._pieces(text, style.bold)

    def printable(self, text: str) -> str:
        cleaned = clean_text(text).translate(_DRAWN_AS)
        if self.is_own(cleaned):
            return cleaned
        missing = self._missing(cleaned)
        printable = "".join([f"[U+{ord(each):04X}]" if each in missing else each for each in placed(cleaned)])
        return printable if is_leftward(printable) else "".join(each for each in printable if each not in DIRECTIONS)

    def printable_name(self, text: str) -> str:
        cleaned = clean_text(text).translate(_DRAWN_AS)
        missing = self._missing(cleaned)
        if any(unicodedata.category(each)[0] in _OF_WORDS for each in missing):
            return ""
        return self.printable("".join(each for each in cleaned if each not in missing))

    def breaks_before(self, word: str, place: int) -> bool:
        return self.is_own(word) or breaks_before(word, place)

    def _missing(self, text: str) -> set[str]:
        """The letters of a text that no font has."""
        if self.is_own(text):
            return set()
        return {each for each in text if ord(each) not in self._known and each not in DIRECTIONS and ord(each) not in shaped_letters()}

    def _shaped(self, text: str, bold: bool) -> tuple[Piece, ...]:  # noqa: FBT001  a part of a key
        return pieces_of(text, self._known, lambda words: self._own_width(words, bold), bold=bold)

    def _own_width(self, text: str, bold: bool) -> float:  # noqa: FBT001  a part of a key
        widths = self._widths[bold]
        return sum([widths[ord(character)] for character in text])
