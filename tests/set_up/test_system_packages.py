"""What is missing of the system is named line by line, and nothing else is."""

import subprocess
import sys
from pathlib import Path

PACKAGING = Path(__file__).parents[2] / "packaging"
LIST = """# need   looked for                 package
qt       libno-such-library.so.9    libno-such-library9
qt       bin:sh                     dash
test     bin:no-such-broker         no-such-broker
"""


def missing(listing: Path, *needs: str) -> list[str]:
    command = [sys.executable, str(PACKAGING / "missing_packages.py"), str(listing), *needs]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.splitlines()


def test_only_what_is_absent_and_needed_is_named(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text(LIST, encoding="utf-8")
    libraries = ["qt libno-such-library.so.9 libno-such-library9"] if sys.platform == "linux" else []
    assert missing(listing, "qt") == libraries
    assert missing(listing, "test") == ["test bin:no-such-broker no-such-broker"]
    assert missing(listing, "qt", "test") == [*libraries, "test bin:no-such-broker no-such-broker"]


def test_each_line_of_the_list_is_a_need_a_thing_and_a_package() -> None:
    lines = (PACKAGING / "system-packages.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    assert [row for row in rows if len(row) != 3 or row[0] not in {"qt", "x11", "wayland", "test"}] == []
