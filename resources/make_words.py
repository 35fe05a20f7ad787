"""`make words`, python -m resources.make_words: every sentence that people read, out of the code into
`resources/translations/swap-kiosk.pot`, and into each language's `.po`.

Sentences are the arguments of `tr`, `tr_count` and `mark` (kiosk/domain/language.py), those of `{{ _() }}` and `{% trans %}` in the
platform's templates of pages, and those of the training scenarios, which are data that people read. `--check` writes nothing and ends with
1 where the file is stale.
"""

import json
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from resources import read_text

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "translations"
SCENARIOS = "training/scenarios.json"
TEMPLATE = FOLDER / "swap-kiosk.pot"
KEYWORDS = {"tr": None, "tr_count": (1, 2), "mark": None, "_": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]


def extracted() -> Catalog:
    """The sentences in the code as it stands, in the order of their files."""
    catalogue = Catalog(project="Swap Kiosk", charset="utf-8")
    for package in ("kiosk", "ui"):
        found = extract_from_dir(
            ROOT / package, method_map=METHODS, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        )
        for name, _line, message, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
            catalogue.add(message, locations=[(f"{package}/{name}", 0)], auto_comments=comments, context=context)
    for sentence in _scenario_sentences():
        catalogue.add(sentence, locations=[(f"resources/{SCENARIOS}", 0)])
    return catalogue


def _scenario_sentences() -> list[str]:
    """Title, description and steps of each training scenario, in their order."""
    scenarios = json.loads(read_text(SCENARIOS))
    return [sentence for each in scenarios for sentence in (each["title"], each["about"], *each["steps"])]


def is_stale() -> bool:
    """Whether the file of sentences differs from the code."""
    if not TEMPLATE.exists():
        return True
    with TEMPLATE.open("rb") as file:
        return _ids(read_po(file)) != _ids(extracted())


def _ids(catalogue: Catalog) -> set[object]:
    return {message.id for message in catalogue if message.id}


def main() -> int:
    """Write the files, or check them."""
    if sys.argv[1:] == ["--check"]:
        if is_stale():
            print("resources/translations is stale: run `make words`", file=sys.stderr)
            return 1
        return 0
    FOLDER.mkdir(exist_ok=True)
    found = extracted()
    with TEMPLATE.open("wb") as file:
        write_po(file, found, width=120, include_lineno=False, omit_header=True)
    for path in sorted(FOLDER.glob("*.po")):
        with path.open("rb") as file:
            kept = read_po(file, locale=path.stem)
        kept.update(found)
        with path.open("wb") as file:
            write_po(file, kept, width=120, include_lineno=False, ignore_obsolete=True)
    print(f"{len(found)} sentences", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
