"""What the code cites can be read: `decision N`, `facts/NAME.md`, and headings of the contract, the interface and the design."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.markdown import DOCS, ROOT, headings, pages, prose

CITING = ("kiosk", "ui", "tests", "packaging", "resources", "docs")
TEXTS = frozenset({".py", ".md", ".sh", ".toml", ".html", ".js", ".css", ".yml", ".conf", ".service", ""})
NUMBERS = re.compile(r"\b[Dd]ecisions?\s(?:#\s*)?(\d+(?:(?:,\sand\s|,\s|\sand\s|\sor\s|\sto\s|-)\d+)*)")
RANGE = re.compile(r"(\d+)(?:\sto\s|-)(\d+)")
DOCUMENTS = {"contract": "integrator/contract.md", "interface": "contributing/interface.md", "design": "architecture.md"}
QUOTED = re.compile(r'\((contract|interface|design), "([^"]+)"')
DECISIONS = {int(path.name[:4]): path for path in sorted((DOCS / "decisions").glob("[0-9]*.md"))}


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that may cite, with lines joined, so that a citation may be wrapped."""
    for folder in CITING:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXTS and "__pycache__" not in path.parts:
                yield path, re.sub(r"\s+", " ", path.read_text(encoding="utf-8", errors="ignore"))


def numbers_in(text: str) -> set[int]:
    """The decisions that a text cites, ranges spelt out."""
    found: set[int] = set()
    for cited in NUMBERS.findall(text):
        for first, last in RANGE.findall(cited):
            found.update(range(int(first), int(last) + 1))
        found.update(int(number) for number in re.findall(r"\d+", cited))
    return found


def test_every_decision_that_is_cited_has_its_page() -> None:
    missing = {(str(path.relative_to(ROOT)), number) for path, text in texts() for number in numbers_in(text) - DECISIONS.keys()}
    assert missing == set(), "write docs/decisions/NNNN-what-it-is.md"


def test_citations_are_read_in_every_form() -> None:
    assert numbers_in('"""Priced (decision 5)."""') == {5}
    assert numbers_in("(decisions 9, 10 and 22)") == {9, 10, 22}
    assert numbers_in("Decisions 21-23, decisions 26 to 28") == {21, 22, 23, 26, 27, 28}
    assert numbers_in("a decision of 3 people") == set()


def test_decisions_are_numbered_without_a_gap() -> None:
    assert list(DECISIONS) == list(range(1, len(DECISIONS) + 1))


def test_a_decision_says_its_number_its_status_and_why() -> None:
    for number, path in DECISIONS.items():
        title, *sections = headings(path)
        assert title.startswith(f"{number}. "), path.name
        assert sections == ["Context", "Decision", "Consequences"], path.name
        assert "\nStatus: " in prose(path), path.name


def test_the_list_of_decisions_is_whole_and_has_their_titles() -> None:
    listed = (DOCS / "decisions" / "index.md").read_text(encoding="utf-8")
    assert [path.name for path in DECISIONS.values() if f"- [{headings(path)[0]}]({path.name})" not in listed] == []


def test_every_page_of_facts_that_is_cited_is_there() -> None:
    cited = {name for _path, text in texts() for name in re.findall(r"\bfacts/([a-z]\w*)\.md", text)}
    assert [name for name in sorted(cited) if not (DOCS / "facts" / f"{name}.md").exists()] == []


def test_every_heading_that_is_cited_is_there() -> None:
    titles = {document: " | ".join(headings(DOCS / page)).lower() for document, page in DOCUMENTS.items()}
    cited = {(document, title) for _path, text in texts() for document, title in QUOTED.findall(text)}
    assert [each for each in sorted(cited) if each[1].lower() not in titles[each[0]]] == []


def test_the_readme_is_read_in_a_minute() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    assert [line for line in lines if len(line) > 140 and not line.startswith("|")] == []


def test_no_page_speaks_of_a_folder_that_is_not_here() -> None:
    abroad = re.compile(r"\.\./shared|spec/decisions\.md|spec/contract\.md")
    assert [str(page.relative_to(ROOT)) for page in pages() if abroad.search(page.read_text(encoding="utf-8"))] == []
