"""Refuses secrets in what is committed: `secrets_check.py [FILE...]`, without files everything that git tracks (`make check`, pre-commit).

A secret is found by its form: private keys, tokens of known services, badges and enrolment secrets of our own, passwords in addresses, and
long random text that is given to a name such as `password` or `token`. What is none and looks like one (a test's own key) says so in its
line: `no secret` with the reason. Exit 1 where one is found; the line's place is printed, the secret is not.
"""

import math
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAX_BYTES = 2_000_000
ALLOWED = "no secret"
_MADE = frozenset({".venv", "build", "dist", "demo", ".hypothesis", ".mypy_cache", ".ruff_cache", "__pycache__"})  # not in any commit
_MIN_BITS, _MIN_HEX_BITS = 3.7, 3.0  # a character: words and names have less, random text has more
_HEX = re.compile(r"[0-9a-fA-F-]{32,}")
_TEST_KEYS = {  # of a broker that runs for a test, signed by nobody that anybody trusts
    "tests/station/adapters/mqtt/certificates/broker.key",
    "tests/station/adapters/mqtt/certificates/kiosk.key",
}
_KINDS = (
    (
        "a private key",
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\\?\s*(?:\\n)?[A-Za-z0-9+/=\\]{16,}|-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s*$"
        ),
    ),
    ("a cloud's access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b")),
    ("a token of a code host", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,}|glpat-[A-Za-z0-9_-]{20,})\b")),
    ("a token of a package index", re.compile(r"\b(?:pypi-AgE[A-Za-z0-9_-]{50,}|npm_[A-Za-z0-9]{36})\b")),
    ("a token of a messenger or payment service", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}|\b[sr]k_live_[A-Za-z0-9]{20,}\b")),
    ("a signed web token", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}")),
    ("a badge", re.compile(r"\bSKB1\.[A-Za-z0-9_-]{20,}")),
    ("a line of a password file", re.compile(r"\$argon2id?\$v=\d+\$|:\$[67]\$(?:\d+\$)?[A-Za-z0-9+/]{8,}")),
)
_IN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"{}<>$]+:(?P<value>[^\s/@'\"{}<>$]{4,})@")
_NAMED = re.compile(
    r"""(?ix) (?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|pepper)\w* ["']? \s* (?::|=|\s) \s* (?:[bfr]?["'])?
    (?P<value>[A-Za-z0-9+/_.=-]{20,}) ["']?"""
)
_PLAIN = ("password", "secret", "example", "guest")


def secrets_in(text: str) -> Iterator[tuple[int, str]]:
    """The numbers of lines that hold a secret, from 1, each with what it is."""
    for number, line in enumerate(text.splitlines(), 1):
        if ALLOWED not in line.lower() and (kind := _kind_of(line)):
            yield number, kind


def _kind_of(line: str) -> str:
    found = next((kind for kind, form in _KINDS if form.search(line)), "")
    if found:
        return found
    if any(each["value"].lower() not in _PLAIN and not each["value"].isupper() for each in _IN_ADDRESS.finditer(line)):
        return "a password in an address"
    return "a secret that is given to a name" if any(_is_random(each["value"]) for each in _NAMED.finditer(line)) else ""


def _is_random(value: str) -> bool:
    """Letters and digits in no order that words have."""
    counts = Counter(value)
    bits = -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
    has_both = re.search(r"[0-9]", value) and re.search(r"[A-Za-z]", value)
    return bool(has_both) and bits >= (_MIN_HEX_BITS if _HEX.fullmatch(value) else _MIN_BITS)


def found_in(files: Iterable[Path]) -> Iterator[str]:
    """`file:line: what`, without the secret."""
    for file in files:
        if not file.is_file() or file.is_symlink() or file.stat().st_size > MAX_BYTES or _is_test_key(file):
            continue
        content = file.read_bytes()
        if b"\0" not in content:
            yield from (f"{file}:{number}: {kind}" for number, kind in secrets_in(content.decode("utf-8", "replace")))


def _is_test_key(file: Path) -> bool:
    return file.resolve().is_relative_to(ROOT) and file.resolve().relative_to(ROOT).as_posix() in _TEST_KEYS


def tracked() -> list[Path]:
    """Everything that git would have in a commit; each file of a checkout that came without git's own folder."""
    if not (ROOT / ".git").exists():
        return [each for each in ROOT.rglob("*") if not _MADE & {*each.relative_to(ROOT).parts}]
    git = shutil.which("git") or "git"
    trusted = ("-c", f"safe.directory={ROOT}")  # the checkout of another user, as in a container
    done = subprocess.run([git, *trusted, "ls-files", "-z", "--cached"], cwd=ROOT, capture_output=True, check=True)  # noqa: S603  our own words
    return [ROOT / each for each in done.stdout.decode().split("\0") if each]


def main(arguments: list[str]) -> int:
    """Exit 1 where a secret is found."""
    found = list(found_in([Path(each) for each in arguments] if arguments else tracked()))
    for each in found:
        print(f"secrets: {each}", file=sys.stderr)
    if found:
        print("secrets: keep it in a file outside the repository; a line that holds none says `no secret` and why", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
