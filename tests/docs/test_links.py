"""Every link of every Markdown file leads to a file and to a heading of it; every file that is named is there."""

import re
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, anchors, code_spans, links, pages

NAMED = re.compile(r"^(?:kiosk|ui|tests|packaging|resources|docs|\.github|\.ci)/[\w./-]+$")
PLACEHOLDER = re.compile(r"NNNN|NAME|LANGUAGE")


def leads_nowhere(page: Path, target: str, root: Path = ROOT) -> str:
    """Why a link fails, or nothing."""
    file, _, anchor = target.partition("#")
    path = (page.parent / file).resolve() if file else page
    if not path.exists():
        return f"{target}: no such file"
    if not path.is_relative_to(root):
        return f"{target}: leaves the repository"
    return f"{target}: no such heading" if anchor and path.suffix == ".md" and anchor not in anchors(path) else ""


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert [fault for target in links(page) if (fault := leads_nowhere(page, target))] == []


def test_every_file_that_a_page_names_is_there() -> None:
    named = {(page, span) for page in pages() for span in code_spans(page) if NAMED.match(span) and not PLACEHOLDER.search(span)}
    assert [f"{page.relative_to(ROOT)}: {span}" for page, span in sorted(named) if not (ROOT / span).exists()] == []


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A heading\n\n[here](#a-heading), [gone](#another), [lost](lost.md)\n\n```\n[code](not.md)\n```\n", encoding="utf-8")
    faults = [leads_nowhere(page, target, tmp_path) for target in links(page)]
    assert faults == ["", "#another: no such heading", "lost.md: no such file"]
