"""Licences of everything that is shipped: `THIRD-PARTY-LICENSES.md`, and the licences in a list of parts (`packaging/supply sbom`).

    licences.py --write           THIRD-PARTY-LICENSES.md anew (`make licences`)
    licences.py --into FILE       the licences of FILE's components, a CycloneDX document, filled in

A package says its licence in its metadata, where it is installed; what it says in words of its own, and what is not installed on this
system, stands in the tables here. A licence that nobody has looked at stops both.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LIST = ROOT / "THIRD-PARTY-LICENSES.md"
LOCKS = ("requirements.lock", "requirements-platform.lock")
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)

ALLOWED = {  # looked at: each may be shipped with a program of ours, which is under Apache-2.0
    "Apache-2.0",
    "AFL-2.1",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "EPL-2.0",
    "LGPL-3.0-only",  # used as they are, in files of their own that anybody may replace
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "OFL-1.1",
    "PSF-2.0",
}
_OFFERED_TOO = {"GPL-2.0-only", "GPL-3.0-only"}  # beside one that is allowed
_WORDS = {  # what metadata says in words of its own
    "Apache License 2.0": "Apache-2.0",
    "BSD license (see license.txt for details), Copyright (c) 2000-2025, ReportLab Inc.": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
}
_ELSEWHERE = {  # on macOS and Windows alone, read from what they ship there
    "pyobjc-core": "MIT",
    "pyobjc-framework-cocoa": "MIT",
    "pyobjc-framework-corebluetooth": "MIT",
    "pyobjc-framework-libdispatch": "MIT",
    "winrt-runtime": "MIT",
    "winrt-windows-devices-bluetooth": "MIT",
    "winrt-windows-devices-bluetooth-advertisement": "MIT",
    "winrt-windows-devices-bluetooth-genericattributeprofile": "MIT",
    "winrt-windows-devices-enumeration": "MIT",
    "winrt-windows-devices-radios": "MIT",
    "winrt-windows-foundation": "MIT",
    "winrt-windows-foundation-collections": "MIT",
    "winrt-windows-storage-streams": "MIT",
}
_INSIDE = (  # what lies in our own package, with its licence beside it
    ("Inter", "OFL-1.1", "resources/fonts/LICENSE-Inter.txt"),
    ("Noto Sans and its scripts", "OFL-1.1", "resources/fonts/LICENSE-NotoSans.txt"),
    ("GraphiQL", "MIT", "resources/graphiql/LICENSE-GraphiQL.txt"),
    ("React", "MIT", "resources/graphiql/LICENSE-React.txt"),
    ("Phosphor Icons", "MIT", "resources/icons/LICENSE-Phosphor.txt"),
)


class UnknownLicenceError(Exception):
    """Nobody has looked at the licence of a package."""


def pinned(lock: str) -> dict[str, str]:
    """Names and versions of a lock file."""
    return {normalised(name): version for name, version in _PIN.findall((ROOT / lock).read_text(encoding="utf-8"))}


def normalised(name: str) -> str:
    """As the index compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(name: str) -> str:
    """An SPDX expression. Raises UnknownLicenceError."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        found = _ELSEWHERE.get(normalised(name), "")
    else:
        classifiers = [each for each in told.get_all("Classifier", []) if each.startswith("License ::")]
        words = [told.get("License-Expression"), (told.get("License") or "").strip(), *classifiers]
        found = next((known for each in words if each and is_allowed(known := _WORDS.get(each, each))), "")
    if not is_allowed(found):
        raise UnknownLicenceError(f"{name}: look at its licence, and name it in packaging/licences.py")
    return found


def is_allowed(expression: str) -> bool:
    """Whether one of its alternatives consists of licences that may be shipped, and none of the others is unheard of."""
    alternatives = [re.split(r" AND ", each.strip("() ")) for each in expression.split(" OR ")]
    known = all(each in ALLOWED | _OFFERED_TOO for parts in alternatives for each in parts)
    return known and any(all(each in ALLOWED for each in parts) for parts in alternatives)


def listed() -> str:
    """The text of the list. Raises UnknownLicenceError."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Licences of third parties"
    yield ""
    yield "Made by `make licences` from the lock files. What lies in this package, with its licence's text:"
    yield ""
    yield from ("| part | licence | text |", "|---|---|---|")
    yield from (f"| {name} | {licence} | `{file}` |" for name, licence, file in _INSIDE)
    yield ""
    yield "What is installed beside it, each with the text of its licence in its own package. `platform`: a server needs it too."
    yield ""
    yield from ("| package | version | licence | |", "|---|---|---|---|")
    counter, platform = (pinned(lock) for lock in LOCKS)
    for name, version in sorted((counter | platform).items()):
        yield f"| {name} | {version} | {licence_of(name)} | {'platform' if name in platform else ''} |"


def fill_in(document: dict[str, Any]) -> dict[str, Any]:
    """A CycloneDX document with the licence of each component. Raises UnknownLicenceError."""
    for each in document.get("components", []):
        each["licenses"] = [{"expression": licence_of(each["name"])}]
    return document


def main() -> int:
    """Exit 1 where a licence is unknown."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true")
    what.add_argument("--into", type=Path)
    options = parser.parse_args()
    try:
        if options.write:
            LIST.write_text(listed(), encoding="utf-8")
        else:
            document = fill_in(json.loads(options.into.read_text(encoding="utf-8")))
            options.into.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except UnknownLicenceError as error:
        print(f"licences: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
