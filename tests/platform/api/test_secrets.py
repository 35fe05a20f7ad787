"""The files of tokens and of the payment secret."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.platform.api.secret_files import read_secrets

OLD, NEW = "an-old-token-for-kiosks", "a-new-token-for-kiosks"


def test_secrets_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    first, made = read_secrets(tmp_path / "platform")
    assert [each.stat().st_mode & 0o777 for each in made] == [0o600, 0o600]
    assert (read_secrets(tmp_path / "platform")) == (first, ())
    assert (len(first.tokens), len(list((tmp_path / "platform").iterdir()))) == (1, 2)


def test_workers_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: read_secrets(tmp_path)[0], range(8)))
    assert {(each.tokens, each.payment) for each in found} == {(found[0].tokens, found[0].payment)}


def test_a_token_file_holds_several_tokens(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# kiosks\n{OLD}\n\n  {NEW}  \n")
    secrets, made = read_secrets(tmp_path / "own", token_file=file)
    assert secrets.tokens == {OLD, NEW}
    assert [each.name for each in made] == ["payment-secret"]
    assert secrets.accept(OLD)
    assert secrets.accept(NEW)
    assert not secrets.accept("")
    assert OLD not in repr(secrets)


@pytest.mark.parametrize("text", [b"", b"\n# nothing\n", b"short\n", b"\xff\xfe secret that is no text"])
def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "tokens"
    file.write_bytes(text)
    with pytest.raises(BadInput, match="tokens"):
        read_secrets(tmp_path / "own", token_file=file)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        read_secrets(tmp_path / "own", payment_secret_file=tmp_path / "nowhere")


def test_a_payment_secret_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{OLD}\n{NEW}\n")
    with pytest.raises(BadInput, match="one line"):
        read_secrets(tmp_path / "own", payment_secret_file=file)
