"""The platform's key: made once, the same for all workers, replaced so that stations follow (decision 26)."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, StationRefused
from kiosk.platform.stations.signing_key_file import open_signing_key, rotate
from kiosk.platform.store.key_list import BOTH_KEYS, KeyList
from kiosk.shared.signing_keys import SigningKey
from kiosk.wire.published_keys import PublishedKey, believed_keys, read_published_key, succession_bytes
from tests.builders import NOON
from tests.platform.agent_counter import Counter

LATER = NOON + timedelta(days=3)


@pytest.fixture
def keys(counter: Counter) -> KeyList:
    return KeyList(counter.store)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "platform" / "signing-key.pem"


def test_the_first_start_makes_it_and_the_next_ones_use_it(keys: KeyList, file: Path) -> None:
    key, made = open_signing_key(file, keys, NOON)
    again, made_again = open_signing_key(file, keys, LATER)
    assert (made, made_again, again.public) == (True, False, key.public)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (listed,) = keys.of_platform()
    assert (listed.key, listed.valid_from, listed.valid_until, listed.signed_by) == (key.public, NOON, None, "")


def test_a_key_that_its_database_does_not_know_is_refused(keys: KeyList, file: Path) -> None:
    open_signing_key(file, keys, NOON)
    file.unlink()
    with pytest.raises(BadInput, match="is not there"):
        open_signing_key(file, keys, NOON)
    assert not file.exists()
    SigningKey.make().keep(file)
    with pytest.raises(StationRefused, match="is not the one"):
        open_signing_key(file, keys, NOON)


def test_a_key_that_others_can_read_is_refused(keys: KeyList, file: Path) -> None:
    open_signing_key(file, keys, NOON)
    file.chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600"):
        open_signing_key(file, keys, NOON)


def test_a_new_key_is_signed_by_the_former_one_and_both_count_for_30_days(keys: KeyList, file: Path) -> None:
    former, _made = open_signing_key(file, keys, NOON)
    new = rotate(file, keys, LATER, "the desk")
    assert open_signing_key(file, keys, LATER)[0].public == new.public
    old, current = keys.of_platform()
    assert (old.key, old.valid_until) == (former.public, LATER + BOTH_KEYS)
    assert (current.key, current.valid_until, current.signed_by) == (new.public, None, former.public.id)
    assert former.public.signed(succession_bytes(new.public, LATER), current.signature)
    assert [each.counts(LATER + timedelta(days=29)) for each in (old, current)] == [True, True]
    assert [each.counts(LATER + BOTH_KEYS) for each in (old, current)] == [False, True]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.with_name(f"{file.name}.new").exists()


def test_a_worker_with_the_former_key_serves_until_its_end(keys: KeyList, file: Path, tmp_path: Path) -> None:
    former, _made = open_signing_key(file, keys, NOON)
    kept = tmp_path / "former.pem"
    former.keep(kept)
    rotate(file, keys, LATER, "the desk")
    assert open_signing_key(kept, keys, LATER)[0].public == former.public
    with pytest.raises(StationRefused, match="has ended"):
        open_signing_key(kept, keys, LATER + BOTH_KEYS)


@pytest.mark.parametrize("known", [False, True])
def test_a_rotation_that_was_broken_off_is_finished_by_the_next(keys: KeyList, file: Path, *, known: bool) -> None:
    former, _made = open_signing_key(file, keys, NOON)
    beside = file.with_name(f"{file.name}.new")
    half = SigningKey.make()
    half.keep(beside)
    if known:
        keys.succeed(former, half.public, LATER, "the desk")
    assert rotate(file, keys, LATER, "the desk").public == half.public
    assert [each.key for each in keys.of_platform()] == [former.public, half.public]
    assert open_signing_key(file, keys, LATER)[0].public == half.public


def test_only_the_newest_key_is_followed_by_another(keys: KeyList, file: Path, tmp_path: Path) -> None:
    former, _made = open_signing_key(file, keys, NOON)
    rotate(file, keys, LATER, "the desk")
    rotate(file, keys, LATER, "the desk")
    stale = tmp_path / "stale.pem"
    former.keep(stale)
    with pytest.raises(StationRefused, match="newest"):
        rotate(stale, keys, LATER, "the desk")


def test_a_lost_key_is_replaced_and_nobody_follows(keys: KeyList, file: Path) -> None:
    former, _made = open_signing_key(file, keys, NOON)
    file.unlink()
    with pytest.raises(BadInput, match="--lost"):
        rotate(file, keys, LATER, "the desk")
    new = rotate(file, keys, LATER, "the desk", lost=True)
    assert [each.valid_until for each in keys.of_platform()] == [LATER, None]
    assert [each.key for each in believed_keys(keys.of_platform(), former.public)] == [former.public]
    assert open_signing_key(file, keys, LATER)[0].public == new.public


def test_who_knows_one_key_comes_to_know_its_successors_and_nobody_elses(keys: KeyList, file: Path) -> None:
    first, _made = open_signing_key(file, keys, NOON)
    second, third = (rotate(file, keys, NOON + timedelta(days=each), "the desk") for each in (1, 2))
    published = [read_published_key(each.as_json()) for each in keys.of_platform()]
    assert [each.key for each in believed_keys(published, first.public)] == [first.public, second.public, third.public]
    assert [each.key for each in believed_keys(published, second.public)] == [second.public, third.public]
    rogue = SigningKey.make()
    signed = rogue.sign(succession_bytes(rogue.public, NOON))
    forged = [
        PublishedKey(key=rogue.public, valid_from=NOON, signed_by=signer.id, signature=signed) for signer in (first.public, rogue.public)
    ]
    assert rogue.public not in {each.key for each in believed_keys([*published, *forged], first.public)}
    assert believed_keys(published, rogue.public) == ()
