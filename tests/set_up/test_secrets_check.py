"""No secret is committed: each kind is found, what only looks like one is not, and the repository is clean."""

import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.shared.signing_keys import SigningKey
from tests.set_up.parts import ROOT
from tests.set_up.scripts import script

CHECK = script("secrets_check")
SCRIPT = ROOT / "packaging/secrets_check.py"
HEX, TEXT = "0123456789abcdef" * 2, "q8Zr2Lw0Kx7Vt5Nb3Hm9"  # no secret: both are written here
KINDS = {  # each in two parts, so that this file holds none
    "a private key": "-----BEGIN PRIVATE " + "KEY-----",
    "a private key of openssl": "-----BEGIN RSA PRIVATE " + "KEY-----",
    "a private key in one line": '"-----BEGIN EC PRIVATE ' + 'KEY-----\\nMHcCAQEEIIUkQ3mzX0aB8"',
    "a cloud's access key": "AKIA" + "Q3EGRZ7X2WPL5N4D",
    "a token of a code host": "ghp_" + TEXT + TEXT,
    "a token of a package index": "pypi-AgE" + TEXT * 3,
    "a token of a messenger": "xoxb-" + TEXT,
    "a token of a payment service": "sk_live_" + TEXT + TEXT,
    "a signed web token": f"eyJ{TEXT}." + f"eyJ{TEXT}.{TEXT}",
    "a badge": "SKB1." + TEXT + "ab",
    "a PIN's hash": "$argon2id" + "$v=19$m=65536,t=3,p=4$abc$def",
    "a line of the broker's passwords": "st-1:$7" + "$101$abcdefgh$ijk",
    "a password in an address": "postgresql://platform:" + "hunter22" + "@db/platform",
    "a password in a file": "password = " + f'"{TEXT}"',
    "a token in the environment": "export SWAP_KIOSK_TOKEN=" + TEXT + "zz",
    "a token file's line": "kiosk_token " + HEX,
    "an enrolment secret": '{"station": "ST-1", "secret": "' + HEX + '"}',
    "a pepper": "pepper: " + HEX,
}
HARMLESS = [
    'TOKEN = "a-token-for-the-tests"',
    "password_file: Path | None = None",
    'token = "…"  # any',
    "postgresql+psycopg://platform@host/name",
    "mqtt://user:password@host:1883",
    "https://example.org/secret/of/the/battery",
    "platform/secret-files/that-are-made-at-the-first-start",
    '"tokens": ["kiosk", "erp", "desk", "admin", "metrics"]',
    "--hash=sha256:" + HEX * 2,
    "-----BEGIN PUBLIC KEY-----",
    "SKB1.",
    "secret = _find_or_make_secret(connection, REQUEST_GROUP)",
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found(kind: str) -> None:
    ((number, _),) = CHECK.secrets_in(f"first line\n{KINDS[kind]}\nlast line")
    assert number == 2


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_none_is_not(line: str) -> None:
    assert list(CHECK.secrets_in(line)) == []


def test_what_the_program_makes_itself_is_found(tmp_path: Path) -> None:
    SigningKey.make().keep(tmp_path / "station-key.pem")
    assert len(list(CHECK.found_in([tmp_path / "station-key.pem"]))) == 1
    forms: tuple[Callable[[], str], ...] = (lambda: secrets.token_urlsafe(32), lambda: secrets.token_hex(16), lambda: secrets.token_hex(32))
    for form in forms:  # three of each: one by chance has only letters, or few different ones
        assert any(list(CHECK.secrets_in(f"secret: {form()}")) for _ in range(3))


def test_a_line_that_says_why_is_let_pass() -> None:
    assert list(CHECK.secrets_in(f"{KINDS['a badge']}  # no secret: the standard's example")) == []


def test_the_repository_holds_none() -> None:
    assert len(CHECK.tracked()) > 500
    assert list(CHECK.found_in(CHECK.tracked())) == []


def test_the_command_names_the_place_and_never_the_secret(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"a = 1\n{KINDS['a password in a file']}\n")
    done = subprocess.run([sys.executable, SCRIPT, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{file}:2:" in done.stderr
    assert TEXT not in done.stderr
    file.write_text("a = 1\n")
    assert subprocess.run([sys.executable, SCRIPT, file], capture_output=True, check=False).returncode == 0
