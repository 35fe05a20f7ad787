"""Cut the icons that the program uses out of QtAwesome's Phosphor font.

    python resources/make_icons.py

Run it after a line was added to icons/names.txt. It needs fonttools and qtawesome; the running program needs neither
(importing qtawesome and loading its fonts costs half a second, more than the whole window). Writes phosphor-kiosk.ttf
and phosphor-kiosk.json (name to code point). A name that Phosphor does not have stops it with KeyError before anything
is written.
"""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent / "icons"
FAMILY = "Kiosk Icons"  # a name of its own: it must not be mistaken for the whole Phosphor, should that be installed


def source() -> Path:
    """The fonts folder of the installed qtawesome. Raises ModuleNotFoundError when it is not installed."""
    spec = find_spec("qtawesome")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("qtawesome is needed to cut the icons")
    return Path(spec.origin).parent / "fonts"


def wanted() -> list[str]:
    lines = (HERE / "names.txt").read_text(encoding="utf-8").split()
    return sorted(set(lines))


def cut(font_file: Path, points: dict[str, int], out: Path) -> None:
    """Write to `out` the glyphs of `points` only, under a family name of their own."""
    tools = (import_module("fontTools.ttLib"), import_module("fontTools.subset"))  # tools of the maker, not of the program
    font = tools[0].TTFont(font_file, recalcTimestamp=False)
    options = tools[1].Options(layout_features=[], name_IDs=[1, 2, 3, 4, 6, 13], hinting=False, notdef_outline=True)
    subsetter = tools[1].Subsetter(options)
    subsetter.populate(unicodes=list(points.values()))
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in {1, 3, 4}:
            record.string = FAMILY
        elif record.nameID == 6:
            record.string = FAMILY.replace(" ", "")
    font.save(out)


def main() -> None:
    fonts = source()
    charmap = json.loads(next(fonts.glob("phosphor-charmap*.json")).read_text(encoding="utf-8"))
    points = {name: int(charmap[name], 16) for name in wanted()}
    cut(next(fonts.glob("phosphor-[0-9]*.ttf")), points, HERE / "phosphor-kiosk.ttf")
    text = json.dumps(points, indent=0) + "\n"
    (HERE / "phosphor-kiosk.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
