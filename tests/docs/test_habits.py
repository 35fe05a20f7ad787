"""What contributors are told agrees with what is run."""

import re
from types import SimpleNamespace

from docs.hooks import on_page_markdown
from tests.docs.markdown import DOCS, ROOT


def commands_of(target: str) -> set[str]:
    """The programs of .venv that a target of the Makefile runs, with their first word."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.split(f"\n{target}:", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r"^\t@?\$\(BIN\)/(\S+(?: [a-z]\S*)?)", recipe, re.MULTILINE))


def test_pre_commit_runs_what_make_check_runs() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"entry: \.venv/bin/(\S+(?: [a-z]\S*)?)", hooks)) == commands_of("check")


def test_pre_commit_fetches_nothing() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (\S+)", hooks) == ["local"]


def test_every_recipe_that_contributing_promises_is_written() -> None:
    recipes = (ROOT / "docs" / "contributing" / "recipes.md").read_text(encoding="utf-8")
    wanted = ("a battery protocol", "a page", "a setting", "a migration", "a language", "a receipt field")
    assert [each for each in wanted if f"\n## {each.capitalize()}\n" not in recipes] == []


def test_every_target_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named - there == set()


def test_every_folder_of_tests_is_in_their_readme() -> None:
    described = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    folders = [path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert [name for name in sorted(folders) if f"`{name}`" not in described] == []


def test_a_link_that_leaves_the_site_becomes_its_words() -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="operator/install.md"))
    text = "[set-up](../../packaging/README.md#lock-files), [key](configuration.md#every-key), [above](#here), ![shot](../../shot.png)"
    kept = "set-up, [key](configuration.md#every-key), [above](#here), ![shot](../../shot.png)"
    assert on_page_markdown(text, page=page, config={"docs_dir": str(DOCS)}) == kept


def test_nothing_is_fetched_where_the_site_is_built_or_read() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert "font: false" in site
    assert "://" not in site
