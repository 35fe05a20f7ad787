"""A script's font in a PDF: its forms by number, the letters that they stand for, and only those that the receipt uses."""

import zlib
from collections.abc import Iterator
from itertools import groupby

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject

from kiosk.station.adapters.receipts.layout import TypeStyle
from kiosk.station.adapters.receipts.shaping import LetterForm, Piece, ScriptFont

_SYMBOLIC = 1 << 2


class ScriptFonts:
    """The script fonts of one document: what was drawn with each. `finish` writes them into the document, before it is saved."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[ScriptFont, dict[int, str]]] = {}

    def draw(self, line: PDFTextObject, piece: Piece, style: TypeStyle, x: float, y: float) -> None:
        """A piece from `x` on the baseline `y`. Its text is found and copied by the letters of its forms; where these do not stand in the
        order in which they are read, it is written beside them. From right to left it is not: readers turn the letters round themselves.
        """
        if piece.font is None:
            raise ValueError("a piece of the receipt's own typeface")
        font, letters = self._used.setdefault(piece.font.name, (piece.font, {}))
        for glyph, spelt in zip(piece.glyphs, piece.spelling, strict=True):
            letters[glyph.number] = letters.get(glyph.number) or spelt
        marked = "/Span BMC" if piece.leftward else f"/Span <</ActualText <{('\ufeff' + piece.text).encode('utf-16-be').hex()}>>> BDC"
        line._code += [marked, f"/{_internal(font)} {style.size:.4f} Tf 1 0 0 1 {x:.4f} {y:.4f} Tm"]  # noqa: SLF001  reportlab draws no glyphs
        line._code += [*_operators(font, piece.glyphs, style.size), "0 Ts EMC"]  # noqa: SLF001

    def finish(self, canvas: Canvas) -> None:
        """Every font that was drawn with, in the order of their names."""
        document = canvas._doc  # noqa: SLF001  where reportlab keeps what a page refers to
        for _, (font, letters) in sorted(self._used.items()):
            document.idToObject["BasicFonts"].dict[_internal(font)] = _font_object(document, font, letters)


def _internal(font: ScriptFont) -> str:
    return f"F-{font.name}"


def _operators(font: ScriptFont, glyphs: tuple[LetterForm, ...], size: float) -> Iterator[str]:
    """Forms of one height in one operator, each moved to where it stands."""
    reached = 0.0
    for above, together in groupby(glyphs, key=lambda glyph: glyph.above):
        shown = list[str]()
        for glyph in together:
            shown.append(f"{reached - glyph.x:.1f} <{glyph.number:04x}>")
            reached = glyph.x + font.width(glyph.number)
        yield f"{above * size / 1000:.4f} Ts [{' '.join(shown)}] TJ"


def _font_object(document: pdfdoc.PDFDocument, font: ScriptFont, letters: dict[int, str]) -> pdfdoc.PDFDictionary:
    name, refer = pdfdoc.PDFName(f"AAAAAA+{font.name}"), document.Reference
    program = _stream(whole := font.program(letters))
    program.dictionary["Length1"] = len(whole)
    above, below = font.height
    descriptor = {
        "Type": "/FontDescriptor",
        "FontName": name,
        "Flags": _SYMBOLIC,
        "FontBBox": pdfdoc.PDFArray([-1000, round(below), 3000, round(above)]),
        "ItalicAngle": 0,
        "Ascent": round(above),
        "Descent": round(below),
        "CapHeight": round(above),
        "StemV": 80,
        "FontFile2": refer(program, f"file:{font.name}"),
    }
    widths = [each for glyph in sorted(letters) for each in (glyph, pdfdoc.PDFArray([round(font.width(glyph), 1)]))]
    forms = {
        "Type": "/Font",
        "Subtype": "/CIDFontType2",
        "BaseFont": name,
        "CIDSystemInfo": pdfdoc.PDFDictionary({"Registry": "(Adobe)", "Ordering": "(Identity)", "Supplement": 0}),
        "FontDescriptor": refer(pdfdoc.PDFDictionary(descriptor), f"descriptor:{font.name}"),
        "W": pdfdoc.PDFArray(widths),
        "CIDToGIDMap": "/Identity",
    }
    return pdfdoc.PDFDictionary(
        {
            "Type": "/Font",
            "Subtype": "/Type0",
            "BaseFont": name,
            "Encoding": "/Identity-H",
            "DescendantFonts": pdfdoc.PDFArray([refer(pdfdoc.PDFDictionary(forms), f"forms:{font.name}")]),
            "ToUnicode": refer(_stream(_to_unicode(letters)), f"letters:{font.name}"),
        }
    )


def _to_unicode(letters: dict[int, str]) -> bytes:
    lines = [f"<{glyph:04x}> <{spelt.encode('utf-16-be').hex()}>" for glyph, spelt in sorted(letters.items()) if spelt]
    blocks = [lines[first : first + 100] for first in range(0, len(lines), 100)]
    mapped = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def /CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{mapped}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode("ascii")


def _stream(content: bytes) -> pdfdoc.PDFStream:
    stream = pdfdoc.PDFStream(content=zlib.compress(content), filters=[])
    stream.dictionary["Filter"] = pdfdoc.PDFName("FlateDecode")
    return stream
