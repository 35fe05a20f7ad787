"""Reads our Markdown: links, headings with their anchors, code spans. Fenced code holds none of them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_NOT_OURS = frozenset({".venv", ".git", "build", "demo", "dist", "node_modules", ".pytest_cache", ".hypothesis", ".fuzz"})
_FENCE = re.compile(r"^ *(```+).*?^ *\1 *$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


def pages() -> list[Path]:
    """Every Markdown file of the repository."""
    return sorted(path for path in ROOT.rglob("*.md") if not _NOT_OURS.intersection(path.relative_to(ROOT).parts))


def prose(path: Path) -> str:
    """The text without fenced code and comments."""
    return _COMMENT.sub("", _FENCE.sub("", path.read_text(encoding="utf-8")))


def links(path: Path) -> Iterator[str]:
    """The targets of links and pictures, without those that lead to other sites."""
    for target in _LINK.findall(_CODE.sub("", prose(path))):
        if not re.match(r"[a-z]+:", target):
            yield target


def code_spans(path: Path) -> Iterator[str]:
    """What stands between backticks."""
    yield from _CODE.findall(prose(path))


def headings(path: Path) -> list[str]:
    """In their order, as written."""
    return _HEADING.findall(prose(path))


def anchors(path: Path) -> set[str]:
    """The anchors of the headings, made as GitHub and the site make them; a heading that stands twice has one for the first only."""
    return {_slug(heading) for heading in headings(path)}


def _slug(heading: str) -> str:
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-")
