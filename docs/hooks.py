"""What mkdocs does with our pages beyond its own: a link that leaves docs/ (to code, to another README) is followed in the repository only,
so the site shows its words without the link.
"""

import re
from pathlib import Path
from typing import Any

_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_rest: Any) -> str:  # noqa: ANN401  mkdocs has no place in .venv
    """The page as the site is made of it."""
    root = Path(config["docs_dir"])
    folder = (root / page.file.src_uri).parent
    return _LINK.sub(lambda link: link[0] if _stays(root, folder, link[2]) else link[1], markdown)


def _stays(root: Path, folder: Path, target: str) -> bool:
    return "://" in target or target.startswith("mailto:") or (folder / target).resolve().is_relative_to(root.resolve())
