"""The lock files hold what pyproject.toml asks for, by hash, and nothing about the machine they were made on."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.set_up.parts import PIN, ROOT, pins

HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
WHAT_EACH_IS_MADE_FOR = {
    "requirements-dev.lock": ("training", "dev", "build"),
    "requirements.lock": ("training",),
    "requirements-platform.lock": ("platform",),
    "requirements-build.lock": ("build",),
}
ALONE = ("docs", "supply")
LOCKS = (*WHAT_EACH_IS_MADE_FOR, *(f"requirements-{each}.lock" for each in ALONE))


def asked_for(*groups: str) -> list[Requirement]:
    """The requirements of these extras, of the extras that they name, and of the project itself; those of `build` alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    known = {**project["project"]["optional-dependencies"], "build": project["dependency-groups"]["build"]}
    found = [] if groups == ("build",) else [Requirement(line) for line in project["project"]["dependencies"]]
    for each in (Requirement(line) for group in groups for line in known[group]):
        found += asked_for(*each.extras) if each.name == "swap-kiosk" else [each]
    return found


@pytest.mark.parametrize("lock", WHAT_EACH_IS_MADE_FOR)
def test_every_dependency_is_locked_at_a_version_that_is_asked_for(lock: str) -> None:
    pinned = pins(lock)
    asked = asked_for(*WHAT_EACH_IS_MADE_FOR[lock])
    assert asked
    assert [str(r) for r in asked if not r.specifier.contains(pinned.get(canonicalize_name(r.name), "0"))] == [], "make lock"


@pytest.mark.parametrize("group", ALONE)
def test_what_has_an_environment_of_its_own_is_locked_at_a_version_that_is_asked_for(group: str) -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    pinned = pins(f"requirements-{group}.lock")
    wanted = [Requirement(line) for line in groups[group]]
    assert [str(each) for each in wanted if not each.specifier.contains(pinned.get(canonicalize_name(each.name), "0"))] == [], "make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_no_address(lock: str) -> None:
    strange = [line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if not PIN.match(line) and not HASH.match(line)]
    assert strange == []


def test_tests_run_on_the_versions_that_counter_and_platform_run_on() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()
    assert pins("requirements-platform.lock").items() <= pins("requirements.lock").items()
    assert pins("requirements-build.lock").items() <= pins("requirements-dev.lock").items()


def test_the_set_up_looks_for_the_pythons_that_the_project_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == ">=3.12,<3.15"
    for script in ("find-python", "set-up"):
        assert "(3, 12) <= sys.version_info < (3, 15)" in (ROOT / "packaging" / script).read_text(encoding="utf-8")


def test_windows_gets_the_projections_that_the_radio_library_was_tried_with() -> None:
    projections = {name: version for name, version in pins("requirements.lock").items() if name.startswith("winrt-")}
    assert len(projections) == 9
    assert set(projections.values()) == {"3.2.1"}
