"""The files of tokens and of the payment secret."""

import contextlib
import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.errors import BadInput
from kiosk.platform.http.access import Caller, TokenRole
from kiosk.platform.http.auth import Secrets
from kiosk.platform.http.secret_files import read_secrets
from kiosk.platform.http.token_file import TokenFile

ADMIN = Caller(role=TokenRole.ADMIN)
OLD, NEW = "an-old-token-for-kiosks", "a-new-token-for-kiosks"


def known(secrets: Secrets) -> frozenset[bytes]:
    """The tokens in force."""
    assert isinstance(secrets.tokens, TokenFile)
    return secrets.tokens.known


def test_secrets_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    first, made = read_secrets(tmp_path / "platform")
    assert [each.stat().st_mode & 0o777 for each in made] == [0o600, 0o600]
    again, made_again = read_secrets(tmp_path / "platform")
    assert (known(again), again.payment, made_again) == (known(first), first.payment, ())
    assert (len(known(first)), len(list((tmp_path / "platform").iterdir()))) == (1, 2)


def test_workers_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: read_secrets(tmp_path)[0], range(8)))
    assert {(known(each), each.payment) for each in found} == {(known(found[0]), found[0].payment)}


@pytest.mark.parametrize("left", [b"", b"\n", b"\0" * 44])
def test_a_secret_of_its_own_that_a_power_cut_emptied_is_made_anew(tmp_path: Path, left: bytes) -> None:
    first, files = read_secrets(tmp_path)
    for each in files:
        each.write_bytes(left)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: read_secrets(tmp_path), range(8)))
    assert {(known(each), each.payment) for each, _ in found} == {(known(found[0][0]), found[0][0].payment)}
    assert known(found[0][0]).isdisjoint(known(first))
    assert sorted(each.name for _, made in found for each in made) == ["http-tokens", "payment-secret"]
    assert [each.stat().st_mode & 0o777 for each in files] == [0o600, 0o600]


@pytest.mark.parametrize("names_stay", [True, False])
def test_no_power_cut_leaves_a_platform_that_does_not_start(
    tmp_path: Path,
    names_stay: bool,  # noqa: FBT001  a table's column
) -> None:
    """The power fails before each step, and after the last; what was not forced to the disk is gone, or its name alone stays."""
    ended = False
    for step in itertools.count(1):
        folder = tmp_path / str(step)
        told: list[Secrets] = []
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, step)
            with contextlib.suppress(PowerCutError):
                told.append(read_secrets(folder)[0])
                ended = True
        disk.lose(folder, names_stay=names_stay)
        again, _ = read_secrets(folder)
        assert [(known(each), each.payment) for each in told] in ([], [(known(again), again.payment)])
        if ended:
            assert step > 8
            return


class PowerCutError(BaseException):
    """Nothing runs after it."""


class Disk:
    """What is on the disk for certain: contents and names that were forced there. The power fails before the step with this number."""

    def __init__(self, patch: pytest.MonkeyPatch, cut_before: int) -> None:
        self._left = cut_before
        self._contents: set[int] = set()
        self._names: set[Path] = set()
        self._fsync = os.fsync
        for name in ("open", "link", "unlink", "mkdir"):
            patch.setattr(os, name, self._counted(getattr(os, name)))
        patch.setattr(os, "fsync", self._counted(self._force))

    def _counted(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def acts(*args: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left <= 0:
                raise PowerCutError
            return act(*args, **named)

        return acts

    def _force(self, number: int) -> None:
        self._fsync(number)
        self._contents.add(os.fstat(number).st_ino)
        where = Path(f"/proc/self/fd/{number}").resolve()
        if where.is_dir():
            self._names.update(where.iterdir())

    def lose(self, folder: Path, *, names_stay: bool) -> None:
        """After the cut: what was not forced to the disk is empty, or gone with its name."""
        for each in list(folder.iterdir()) if folder.is_dir() else ():
            if not names_stay and each not in self._names:
                each.unlink()
            elif each.stat().st_ino not in self._contents:
                each.write_bytes(b"")


def test_a_token_file_holds_several_tokens(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# kiosks\n{OLD}\n\n  {NEW}  \n")
    secrets, made = read_secrets(tmp_path / "own", token_file=file)
    assert [each.name for each in made] == ["payment-secret"]
    assert [secrets.tokens.caller(each) for each in (OLD, NEW, "")] == [ADMIN, ADMIN, None]
    assert OLD not in repr(secrets)


@pytest.mark.parametrize("text", [b"", b"\n# nothing\n", b"short\n", b"\xff\xfe secret that is no text"])
def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "tokens"
    file.write_bytes(text)
    with pytest.raises(BadInput, match="tokens"):
        read_secrets(tmp_path / "own", token_file=file)


@pytest.mark.parametrize("option", ["token_file", "payment_secret_file"])
def test_a_file_that_others_can_change_is_refused(tmp_path: Path, option: str) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{OLD}\n")
    file.chmod(0o666)
    with pytest.raises(BadInput, match=f"chmod 600 {file}"):
        read_secrets(tmp_path / "own", **{option: file})


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        read_secrets(tmp_path / "own", payment_secret_file=tmp_path / "nowhere")


def test_a_payment_secret_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{OLD}\n{NEW}\n")
    with pytest.raises(BadInput, match="one line"):
        read_secrets(tmp_path / "own", payment_secret_file=file)
