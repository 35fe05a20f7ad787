"""`packaging/release`: version, changelog and tag in one commit, or nothing at all."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.set_up.parts import ROOT

CHANGELOG = "# Changelog\n\n## [Unreleased]\n### Added\n- A swap.\n\n## [0.9.0] - 2025-01-15\n### Added\n- The beginning.\n"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\n")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with what a release touches."""
    (tmp_path / "packaging").mkdir()
    shutil.copy(ROOT / "packaging" / "release", tmp_path / "packaging" / "release")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "0.9.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    git(tmp_path, "init", "-q")
    for name, value in (("user.name", "T"), ("user.email", "t@example.org"), ("commit.gpgsign", "false"), ("tag.gpgsign", "false")):
        git(tmp_path, "config", name, value)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all")
    return tmp_path


def release(checkout: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run([str(checkout / "packaging" / "release"), *words], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def test_a_release_is_one_commit_and_its_tag_with_the_notes(checkout: Path) -> None:
    assert release(checkout, "0.10.0")[0] == 0
    assert 'version = "0.10.0"' in (checkout / "pyproject.toml").read_text()
    changelog = (checkout / "CHANGELOG.md").read_text()
    assert changelog.index("## [Unreleased]\n\n## [0.10.0] - 20") < changelog.index("- A swap.") < changelog.index("## [0.9.0]")
    assert git(checkout, "log", "--format=%s") == "release: 0.10.0\nall"
    assert git(checkout, "describe") == "v0.10.0"
    notes = git(checkout, "tag", "-l", "--format=%(contents)", "v0.10.0")
    assert "### Added\n- A swap." in notes
    assert "The beginning" not in notes
    assert git(checkout, "status", "--porcelain") == ""


@pytest.mark.parametrize("version", ["", "1.0", "v1.0.0", "1.0.0-rc1", "0.9.0", "0.8.9", "1.0.0; true"])
def test_what_is_no_newer_version_changes_nothing(checkout: Path, version: str) -> None:
    code, said = release(checkout, version)
    assert (code, said.startswith("release: ")) == (1, True)
    assert git(checkout, "status", "--porcelain") == ""
    assert git(checkout, "log", "--format=%s") == "all"


def test_a_checkout_with_changes_is_not_released(checkout: Path) -> None:
    (checkout / "more").write_text("more")
    code, said = release(checkout, "1.0.0")
    assert (code, "has changes" in said) == (1, True)
    assert git(checkout, "tag") == ""


def test_a_release_without_a_word_in_the_changelog_is_none(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [0.9.0]\n- The beginning.\n")
    git(checkout, "commit", "-qam", "nothing new")
    code, said = release(checkout, "1.0.0")
    assert (code, "says nothing" in said) == (1, True)
    assert git(checkout, "tag") == ""


def test_a_tag_that_is_there_is_not_made_again(checkout: Path) -> None:
    git(checkout, "tag", "v1.0.0")
    code, said = release(checkout, "1.0.0")
    assert (code, "is there already" in said) == (1, True)
