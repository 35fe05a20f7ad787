"""Cut the fonts of the station's scripts out of Noto Sans.

    python resources/make_fonts.py FOLDER

FOLDER holds the whole fonts as Debian's package fonts-noto-core 20201225-1 has them below usr/share/fonts/truetype/noto
(`apt-get download fonts-noto-core`, then `dpkg-deb -x`); a font of another version stops it with ValueError before anything is written. It
needs fonttools; the running program does not. Each font keeps the letters of its blocks, a space, the joiners, and all
that shaping needs; hints for screens of low resolution go. The same fonts give the same files.
"""

import hashlib
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent / "fonts"
WEIGHTS = ("Regular", "Bold")
EVERYWHERE = [0x20, 0xA0, 0x200C, 0x200D, 0x25CC]  # a space, the joiners, and the circle under a mark without a letter
BLOCKS = {  # script -> the blocks of it that names are written in
    "Arabic": [*range(0x0600, 0x0700), *range(0x0750, 0x0780), *range(0x08A0, 0x0900)],
    "Hebrew": [*range(0x0590, 0x0600)],
    "Ethiopic": [*range(0x1200, 0x13A0)],
    "Devanagari": [*range(0x0900, 0x0980)],
    "Bengali": [*range(0x0964, 0x0966), *range(0x0980, 0x0A00)],
}
SHA256 = {  # of the whole fonts, the first 16 digits
    "NotoSansArabic-Regular.ttf": "504d7407d86875ac",
    "NotoSansArabic-Bold.ttf": "ded6fc7359ca36d1",
    "NotoSansHebrew-Regular.ttf": "436900d5ad77d33e",
    "NotoSansHebrew-Bold.ttf": "d3b01343f71e8a93",
    "NotoSansEthiopic-Regular.ttf": "58bc43b062961b38",
    "NotoSansEthiopic-Bold.ttf": "cc16f0c43be76a2e",
    "NotoSansDevanagari-Regular.ttf": "79a470365ccb210f",
    "NotoSansDevanagari-Bold.ttf": "77ad688cfe1dc551",
    "NotoSansBengali-Regular.ttf": "9bb35b3547829ecc",
    "NotoSansBengali-Bold.ttf": "22c9ff99baca4d31",
}


def sources(folder: Path) -> dict[str, Path]:
    """The whole fonts by the name of the file that is made of each. Raises ValueError for one that is not the expected version."""
    found = {f"NotoSans{script}-{weight}.ttf": folder / f"NotoSans{script}-{weight}.ttf" for script in BLOCKS for weight in WEIGHTS}
    for name, file in found.items():
        if hashlib.sha256(file.read_bytes()).hexdigest()[:16] != SHA256.get(name):
            raise ValueError(f"{file} is not the font of fonts-noto-core 20201225-1")
    return found


def cut(font_file: Path, letters: list[int], out: Path) -> None:
    """Write to `out` the font with these letters only."""
    tools = (import_module("fontTools.ttLib"), import_module("fontTools.subset"))  # tools of the maker, not of the program
    font = tools[0].TTFont(font_file, recalcTimestamp=False)
    options = tools[1].Options(hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], glyph_names=False)
    subsetter = tools[1].Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    font.save(out)


def main() -> None:
    whole = sources(Path(sys.argv[1]))
    for script, letters in BLOCKS.items():
        for weight in WEIGHTS:
            name = f"NotoSans{script}-{weight}.ttf"
            cut(whole[name], EVERYWHERE + letters, HERE / name)


if __name__ == "__main__":
    main()
