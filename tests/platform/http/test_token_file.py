"""The file of tokens: what a line is, and a new file while the platform runs."""

import logging
import os
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.platform.http.access import Caller, TokenRole
from kiosk.platform.http.token_file import LOOK_SECONDS, TokenFile

A, B, C = "a-token-of-station-2", "b-token-of-the-desk!", "c-token-that-is-alone"
FILE = f"# who may do what\nkiosk STATION-2 {A}\n\n  desk   front.desk_1  {B}  \n{C}\n"


class Now:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    path.write_text(FILE)
    return path


@pytest.fixture
def now() -> Now:
    return Now()


def test_a_line_gives_a_role_and_a_name(file: Path) -> None:
    tokens = TokenFile(file)
    assert tokens.caller(A) == Caller(role=TokenRole.KIOSK, name="STATION-2")
    assert tokens.caller(B) == Caller(role=TokenRole.DESK, name="front.desk_1")
    assert [tokens.caller(each) for each in ("", "kiosk", "STATION-2", A[:-1], A + " ", f"kiosk STATION-2 {A}")] == [None] * 6


def test_a_token_alone_is_an_admins_and_is_said(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert TokenFile(file).caller(C) == Caller(role=TokenRole.ADMIN)
    assert "1 of its tokens have no role and may do everything" in caplog.text
    assert C not in caplog.text


WRONG = [
    (f"kiosk {A}", "must be ROLE NAME TOKEN"),
    (f"kiosk STATION 2 {A}", "must be ROLE NAME TOKEN"),
    (f"{A} kiosk STATION-2-and-longer", "begins with none of the roles kiosk, erp, desk, admin, metrics"),
    (f"KIOSK STATION-2 {A}", "begins with none of the roles"),
    (f"kiosk STATION/2 {A}", "has a name that is not"),
    (f"kiosk {'S' * 41} {A}", "has a name that is not"),
    ("kiosk STATION-2 too-short-token", "less than 16 characters"),
    (f"kiosk STATION-3 {C}", "holds the same token as line 1"),
]


@pytest.mark.parametrize(("line", "reason"), WRONG)
def test_a_wrong_line_is_refused_with_its_number_and_never_its_token(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(f"{C}\n# next\n{line}\n")
    with pytest.raises(BadInput) as refused:
        TokenFile(path)
    assert refused.value.where == f"{path}, line 3"
    assert reason in refused.value.reason
    for secret in (A, C, "too-short-token"):
        assert secret not in str(refused.value)


def test_a_new_file_counts_while_the_platform_runs(file: Path, now: Now) -> None:
    tokens = TokenFile(file, now)
    file.write_text(f"kiosk STATION-2 {B}\n")
    assert tokens.caller(A) is not None
    now.at += LOOK_SECONDS
    assert (tokens.caller(A), tokens.caller(B)) == (None, Caller(role=TokenRole.KIOSK, name="STATION-2"))


@pytest.mark.parametrize("kept", ["content", "time"])
def test_a_file_that_is_put_in_its_place_counts(file: Path, now: Now, kept: str) -> None:
    tokens, before = TokenFile(file, now), file.stat()
    new = file.with_name("new")
    new.write_text(FILE.replace(A, A[::-1]))
    if kept == "time":
        os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
    new.replace(file)
    now.at += LOOK_SECONDS
    assert (tokens.caller(A), tokens.caller(A[::-1])) == (None, Caller(role=TokenRole.KIOSK, name="STATION-2"))


def gone(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_text("")


def wrong(path: Path) -> None:
    path.write_text(f"{FILE}desk {B}{A}\n")


def binary(path: Path) -> None:
    path.write_bytes(b"\xff\xfe" + bytes(100))


def huge(path: Path) -> None:
    path.write_text(f"# {'x' * 5_000_000}\n{FILE}")


@pytest.mark.parametrize("broken", [gone, empty, wrong, binary, huge])
def test_a_broken_new_file_keeps_the_former_tokens_and_is_said(
    file: Path, now: Now, broken: object, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = TokenFile(file, now)
    assert callable(broken)
    broken(file)
    now.at += LOOK_SECONDS
    caplog.clear()
    for _ in range(5):
        assert tokens.caller(A) is not None
        assert tokens.fault.startswith("tokens")
        now.at += LOOK_SECONDS
    assert [each.levelname for each in caplog.records] == ["ERROR"]
    assert A not in caplog.text + tokens.fault
    file.write_text(f"kiosk STATION-2 {B}\n")
    now.at += LOOK_SECONDS
    assert (tokens.caller(A), tokens.caller(B) is None, tokens.fault) == (None, False, "")


def test_looking_for_a_new_file_costs_one_look_a_second(file: Path, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = TokenFile(file, now)
    looks: list[Path] = []
    real = os.stat

    def counted(path: Path) -> os.stat_result:
        looks.append(path)
        return real(path)

    monkeypatch.setattr(os, "stat", counted)
    for _ in range(1_000):
        tokens.caller(A)
    now.at += LOOK_SECONDS
    for _ in range(1_000):
        tokens.caller(A)
    assert len(looks) == 1


def test_two_tokens_of_one_station_replace_each_other(file: Path, now: Now) -> None:
    tokens = TokenFile(file, now)
    file.write_text(f"kiosk STATION-2 {A}\nkiosk STATION-2 {B}\n")
    now.at += LOOK_SECONDS
    assert tokens.caller(A) == tokens.caller(B) == Caller(role=TokenRole.KIOSK, name="STATION-2")


def test_the_tokens_are_in_no_text_of_the_object(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = TokenFile(file)
    assert not any(each in f"{tokens!r}{vars(tokens)}{caplog.text}" for each in (A, B, C))
