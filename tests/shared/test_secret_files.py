"""A secret that others can change is refused, one that they can read is said once; of a private key that is refused, too."""

import logging
import os
import stat
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.shared.secret_files import Exposure, check_secret, exposure_of, exposure_words, read_secret
from kiosk.shared.signing_keys import SigningKey, read_signing_key

WRITABLE, READABLE, NONE = Exposure.WRITABLE, Exposure.READABLE, Exposure.NONE


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    return file


@pytest.mark.parametrize("mode", [0o666, 0o606, 0o602, 0o660, 0o664, 0o620, 0o622, 0o777])
def test_one_that_others_can_change_is_refused_with_the_mend(secret: Path, mode: int) -> None:
    secret.chmod(mode)
    for take in (read_secret, check_secret):
        with pytest.raises(BadInput) as refused:
            take(secret)
        assert refused.value.where == str(secret)
        assert refused.value.reason == f"can be changed by others (mode {mode:04o}); mend it with: chmod 600 {secret}"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o444, 0o755])
def test_one_that_others_can_read_is_used_and_said_once(secret: Path, mode: int, caplog: pytest.LogCaptureFixture) -> None:
    secret.chmod(mode)
    with caplog.at_level(logging.WARNING):
        assert [read_secret(secret) for _ in range(3)] == ["s3cret\n"] * 3
        check_secret(secret)
    assert caplog.messages == [f"{secret} can be read by others (mode {mode:04o}); mend it with: chmod 600 {secret}"]


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o500])
def test_one_that_nobody_else_can_read_needs_no_words(secret: Path, mode: int, caplog: pytest.LogCaptureFixture) -> None:
    secret.chmod(mode)
    assert read_secret(secret) == "s3cret\n"
    assert (exposure_of(secret), exposure_words(secret, exposure_of(secret)), caplog.messages) == (NONE, "", [])


@pytest.mark.parametrize(("owner", "mode", "exposure"), [(0, 0o640, NONE), (0, 0o440, NONE), (1, 0o640, READABLE), (0, 0o660, WRITABLE)])
def test_a_group_that_root_lets_read_is_meant_to(
    secret: Path, owner: int, mode: int, exposure: Exposure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system says it of a file: only root could give one away."""
    found, folder = os.stat_result((stat.S_IFREG | mode, 1, 1, 1, owner, 5, 6, 0, 0, 0)), secret.parent.stat()
    monkeypatch.setattr(Path, "stat", lambda file: found if file == secret else folder)
    assert exposure_of(secret) is exposure


@pytest.mark.parametrize(("mode", "exposure"), [(0o777, WRITABLE), (0o707, WRITABLE), (0o1777, NONE), (0o755, NONE), (0o700, NONE)])
def test_in_a_folder_where_everybody_may_put_another_in_its_place_it_is_no_secret(secret: Path, mode: int, exposure: Exposure) -> None:
    secret.chmod(0o600)
    secret.parent.chmod(mode)
    assert exposure_of(secret) is exposure
    if exposure is WRITABLE:
        with pytest.raises(BadInput, match=f"chmod go-w {secret.parent}"):
            read_secret(secret)


def test_what_is_handed_over_by_a_pipe_is_read(tmp_path: Path) -> None:
    """As `--password-file <(pass show broker)` does."""
    reading, writing = os.pipe()
    os.write(writing, b"s3cret")
    os.close(writing)
    assert read_secret(Path(f"/dev/fd/{reading}")) == "s3cret"
    os.close(reading)


@pytest.mark.parametrize(("mode", "word"), [(0o644, "read"), (0o604, "read"), (0o666, "changed"), (0o660, "changed")])
def test_a_private_key_that_others_can_even_read_is_refused(tmp_path: Path, mode: int, word: str) -> None:
    file = tmp_path / "key.pem"
    SigningKey.make().keep(file)
    assert read_signing_key(file).public.id
    file.chmod(mode)
    with pytest.raises(BadInput, match=f"can be {word} by others"):
        read_signing_key(file)
