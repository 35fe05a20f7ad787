"""The parts of docs/ that are made from the code are fresh."""

import json
from typing import Any

import pytest

from docs import generate
from kiosk.settings import Settings


@pytest.mark.parametrize("name", generate.PARTS)
def test_a_made_part_says_what_the_code_says(name: str) -> None:
    path, make = generate.PARTS[name]
    page = (generate.DOCS / path).read_text(encoding="utf-8")
    assert generate.written(name, page, make()) == page, "stale: python -m docs.generate"


def test_a_page_without_a_place_for_its_part_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for topics"):
        generate.written("topics", "# MQTT\n", "| key |")


def test_making_a_part_again_leaves_what_is_written_by_hand() -> None:
    page = "before\n\n<!-- made by docs/generate.py: topics -->\n\nold\n\n<!-- end: topics -->\n\nafter\n"
    assert generate.written("topics", page, "new") == page.replace("old", "new")


def test_every_key_of_the_file_and_its_variable_are_listed() -> None:
    made = generate.settings()
    for name, section in Settings.model_fields.items():
        for key in getattr(section.annotation, "model_fields", {}):
            assert f"`SWAP_KIOSK_{name.upper()}__{key.upper()}`" in made


def test_the_benchmarks_table_has_a_row_for_each_figure_kept() -> None:
    kept: list[dict[str, Any]] = json.loads(generate.FIGURES.read_text(encoding="utf-8"))
    assert len(generate.benchmark().splitlines()) == len(kept) + 2
    assert all(each["met"] in {True, False, None} for each in kept)


def test_every_command_is_there_with_its_usage() -> None:
    made = generate.commands()
    for usage in (
        "swap-kiosk run",
        "swap-kiosk battery read ID [--timeout S] [--json]",
        "swap-kiosk outbox resolve ID --note TEXT [--as ID] [--pin-file FILE]",
    ):
        assert f"```text\n{usage}\n```" in made
