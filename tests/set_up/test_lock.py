"""The lock files hold what pyproject.toml asks for, by hash, and nothing about the machine they were made on."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; [^\\]+)?(?: \\)?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-docs.lock")


def pins(lock: str) -> dict[str, str]:
    """Canonical name to version, as pinned in a lock file."""
    matches = [PIN.match(line) for line in (ROOT / lock).read_text(encoding="utf-8").splitlines()]
    return {canonicalize_name(m["name"]): m["version"] for m in matches if m}


def asked_for(*extras: str) -> list[Requirement]:
    """The requirements of the project itself, of its build and of these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    optional = project["project"]["optional-dependencies"]
    lines = project["project"]["dependencies"] + project["dependency-groups"]["build"]
    return [Requirement(line) for line in (*lines, *(line for extra in extras for line in optional[extra]))]


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", ()), ("requirements-dev.lock", ("dev",))])
def test_every_dependency_is_locked_at_a_version_that_is_asked_for(lock: str, extras: tuple[str, ...]) -> None:
    pinned = pins(lock)
    wrong = [str(r) for r in asked_for(*extras) if not r.specifier.contains(pinned.get(canonicalize_name(r.name), "0"))]
    assert wrong == [], "make lock"


def test_what_builds_the_documents_is_locked_at_a_version_that_is_asked_for() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    pinned = pins("requirements-docs.lock")
    wanted = [Requirement(line) for line in groups["docs"]]
    assert [str(each) for each in wanted if not each.specifier.contains(pinned.get(canonicalize_name(each.name), "0"))] == [], "make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_no_address(lock: str) -> None:
    strange = [line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if not PIN.match(line) and not HASH.match(line)]
    assert strange == []


def test_tests_run_on_the_versions_that_the_counter_runs_on() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_windows_gets_the_projections_that_the_radio_library_was_tried_with() -> None:
    projections = {name: version for name, version in pins("requirements.lock").items() if name.startswith("winrt-")}
    assert len(projections) == 9
    assert set(projections.values()) == {"3.2.1"}
