"""What is shipped: every licence was looked at and is listed, and what is known against a version is a failure, its absence said."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.set_up.parts import ROOT
from tests.set_up.scripts import script

LICENCES, AUDIT = script("licences"), script("audit")
LOCKS: tuple[str, ...] = LICENCES.LOCKS


def test_every_package_that_is_shipped_has_a_licence_that_was_looked_at() -> None:
    names = {name for lock in LOCKS for name in LICENCES.pinned(lock)}
    assert len(names) > 60
    assert [each for each in names if not LICENCES.is_allowed(LICENCES.licence_of(each))] == []


def test_the_list_is_that_of_the_lock_files() -> None:
    assert LICENCES.LIST.read_text(encoding="utf-8") == LICENCES.listed(), "make licences"


def test_the_licences_of_what_lies_inside_are_shipped_with_it() -> None:
    files = {file for _, _, file in LICENCES._INSIDE}
    assert all((ROOT / each).stat().st_size > 500 for each in files)
    found = {each.relative_to(ROOT).as_posix() for each in (ROOT / "resources").rglob("LICENSE*")}
    assert found == files


def test_the_package_ships_the_list() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["license-files"]) == {"LICENSE", "THIRD-PARTY-LICENSES.md"}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT OR SSPL-1.0", False),  # nobody has looked at the other
        ("AGPL-3.0-only", False),
        ("UNKNOWN", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_a_licence_may_be_shipped_or_not(expression: str, *, allowed: bool) -> None:
    assert LICENCES.is_allowed(expression) is allowed


def test_a_package_that_nobody_has_looked_at_stops_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LICENCES.UnknownLicenceError, match="no-such-package"):
        LICENCES.licence_of("no-such-package")
    monkeypatch.setattr(LICENCES, "ALLOWED", LICENCES.ALLOWED - {"MIT"})
    with pytest.raises(LICENCES.UnknownLicenceError):
        LICENCES.listed()


def test_each_component_of_a_list_of_parts_gets_its_licence() -> None:
    document = LICENCES.fill_in({"components": [{"name": "PyDantic"}, {"name": "winrt-runtime"}]})
    assert [each["licenses"] for each in document["components"]] == [[{"expression": "MIT"}]] * 2


def report(*packages: Mapping[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


SOUND = {"name": "httpx", "version": "0.28.1", "vulns": []}
SKIPPED = {"name": "httpx", "skip_reason": "Dependency not found"}
FAULTY = {"name": "jinja2", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["3"], "aliases": [], "description": "x"}]}


@pytest.mark.parametrize(
    ("told", "said", "code"),
    [
        (report(SOUND, SOUND), "2 packages looked at, 0 findings", 0),
        (report(SOUND, SKIPPED), "1 packages looked at, 1 not known there, 0 findings", 0),
        (report(SKIPPED, SKIPPED), "not looked at", 0),
        (report(SOUND, FAULTY), "jinja2 1: CVE-1, mended in 3", 1),
        (report(SKIPPED, FAULTY), "CVE-1", 1),
        ("", "not looked at", 0),
        ("Traceback: no network", "not looked at", 0),
        ("[]", "not looked at", 0),
    ],
)
def test_a_finding_is_a_failure_and_a_database_out_of_reach_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], told: str, said: str, code: int
) -> None:
    program = tmp_path / "pip-audit"
    (tmp_path / "report").write_text(told)
    program.write_text(f"#!/bin/sh\ncat {tmp_path / 'report'}\n")
    program.chmod(0o755)
    assert AUDIT.main(program) == code
    assert capsys.readouterr().out.count(said) == len(AUDIT.LOCKS)


def test_a_program_that_is_not_there_looked_at_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert AUDIT.main(tmp_path / "nowhere") == 0
    assert "not looked at" in capsys.readouterr().out
