"""A station's key: made once, kept over every cut, never replaced by another while it is on its way (decision 26)."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.shared.signing_keys import PublicKey, SigningKey, read_signing_key
from kiosk.station.adapters.station_identity import KEY, NEW_KEY, STATE, StationIdentity, open_identity
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.platform_keys import keys_that_follow
from kiosk.wire.published_keys import PublishedKey, succession_bytes
from tests.signing_platform import STATION, enrolment_file

PLATFORM = SigningKey.from_seed(bytes(32))
ANOTHER = "another-one-of-this-station"
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def opened(folder: Path, file: Path | None = None, station: str = STATION) -> StationIdentity:
    return open_identity(folder / "data", station, file)


def enrolled(folder: Path) -> StationIdentity:
    """A station whose key the platform has registered."""
    identity = opened(folder, enrolment_file(folder, PLATFORM.public))
    identity.finish_enrolment()
    return opened(folder)


def test_without_an_enrolment_file_there_is_no_key_and_nothing_is_signed(tmp_path: Path) -> None:
    identity = opened(tmp_path)
    assert not identity.signs
    assert identity.trouble == ""
    assert not (tmp_path / "data").exists()


def test_the_key_is_on_the_disk_for_its_owner_alone_before_it_is_sent(tmp_path: Path) -> None:
    identity = opened(tmp_path, enrolment_file(tmp_path, PLATFORM.public))
    file = tmp_path / "data" / KEY
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert identity.pending is not None
    assert read_signing_key(file).public == identity.pending.public
    assert identity.key is None
    assert identity.believed(PLATFORM.public.id, NOW) == PLATFORM.public


def test_a_start_after_a_cut_goes_on_with_the_same_key(tmp_path: Path) -> None:
    file = enrolment_file(tmp_path, PLATFORM.public)
    first, second = opened(tmp_path, file), opened(tmp_path, file)
    assert first.pending is not None
    assert second.pending is not None
    assert first.pending.public == second.pending.public


def test_once_registered_the_file_is_needed_no_more_and_may_lie_about(tmp_path: Path) -> None:
    identity = enrolled(tmp_path)
    assert identity.key is not None
    assert identity.trouble == ""
    assert identity.believed(PLATFORM.public.id, NOW) == PLATFORM.public
    again = opened(tmp_path, enrolment_file(tmp_path, PLATFORM.public, mode=0o644))
    assert again.pending is None
    assert again.trouble == ""
    assert again.key is not None
    assert again.key.public == identity.key.public
    assert stat.S_IMODE((tmp_path / "data" / STATE).stat().st_mode) == 0o600


def test_a_lost_record_registers_the_same_key_again(tmp_path: Path) -> None:
    before = enrolled(tmp_path).key
    (tmp_path / "data" / STATE).unlink()
    identity = opened(tmp_path, enrolment_file(tmp_path, PLATFORM.public))
    assert before is not None
    assert identity.pending is not None
    assert identity.pending.public == before.public


FILES = {
    "readable by others": ({"mode": 0o644}, "can be read by others"),
    "for another station": ({"station": "station-2"}, "is for station-2, and this counter is station-1"),
    "with another key than it names": ({"platform_key": {"id": "0" * 16, "key": PLATFORM.public.text}}, "is not that of the key beside it"),
    "without a secret": ({"secret": ""}, "secret"),
    "with a time that is none": ({"expires": "tomorrow"}, "expires"),
}


@pytest.mark.parametrize(("changes", "words"), FILES.values(), ids=FILES.keys())
def test_a_file_that_cannot_be_used_is_said_and_nothing_is_sent_unsigned(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    file = enrolment_file(tmp_path, PLATFORM.public, **changes)  # type: ignore[arg-type]  # each case changes something else
    identity = opened(tmp_path, file)
    assert words in identity.trouble
    assert identity.signs
    assert identity.key is None
    assert identity.pending is None


def test_an_expired_file_is_said(tmp_path: Path) -> None:
    identity = opened(tmp_path, enrolment_file(tmp_path, PLATFORM.public, expires="2026-01-31T08:00:00Z"))
    assert identity.expired(NOW) == "the enrolment file expired on 31 Jan; ask for a new one"
    assert identity.expired(datetime(2026, 1, 30, tzinfo=UTC)) == ""


def test_a_file_that_is_missing_or_none_is_said(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.json"
    assert opened(tmp_path, missing).trouble == f"{missing} is missing"
    missing.write_text("[]")
    missing.chmod(0o600)
    assert "is no enrolment file" in opened(tmp_path, missing).trouble


def another_key(folder: Path) -> None:
    """In the place of the registered one."""
    (folder / KEY).unlink()
    SigningKey.make().keep(folder / KEY)


DAMAGE = {
    "the key is gone": (lambda folder: (folder / KEY).unlink(), KEY),
    "the key is none": (lambda folder: (folder / KEY).write_text("x"), "holds no private key"),
    "the key is open": (lambda folder: (folder / KEY).chmod(0o644), "can be read by others"),
    "another key": (another_key, "is not the key that was registered"),
    "the record is none": (lambda folder: (folder / STATE).write_text("{}"), "is damaged"),
    "the record is open": (lambda folder: (folder / STATE).chmod(0o666), "can be changed by others"),
    "the record is gone": (lambda folder: (folder / STATE).unlink(), "is not registered"),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_station_says_so_and_never_goes_back_to_unsigned(tmp_path: Path, damage: object, words: str) -> None:
    enrolled(tmp_path)
    damage(tmp_path / "data")  # type: ignore[operator]  # a lambda of the table above
    identity = opened(tmp_path)
    assert identity.signs
    assert identity.key is None
    assert words in identity.trouble


def test_another_station_id_over_the_key_of_this_one_is_said(tmp_path: Path) -> None:
    enrolled(tmp_path)
    identity = opened(tmp_path, station="station-9")
    assert identity.trouble == "[station] id is station-9, and the key here is of station-1"
    assert identity.key is None


def test_a_new_enrolment_makes_a_new_key_and_the_old_one_signs_until_it_is_registered(tmp_path: Path) -> None:
    old = enrolled(tmp_path).key
    again = enrolment_file(tmp_path, PLATFORM.public, secret=ANOTHER)
    identity = opened(tmp_path, again)
    assert old is not None
    assert identity.key is not None
    assert identity.pending is not None
    assert identity.key.public == old.public
    assert identity.pending.public != old.public
    new = identity.pending.public
    identity.finish_enrolment()
    after = opened(tmp_path, again)
    assert after.key is not None
    assert after.key.public == new
    assert after.pending is None
    assert not (tmp_path / "data" / NEW_KEY).exists()


def test_a_cut_between_the_record_and_the_new_keys_place_loses_no_key(tmp_path: Path) -> None:
    enrolled(tmp_path)
    again = enrolment_file(tmp_path, PLATFORM.public, secret=ANOTHER)
    identity = opened(tmp_path, again)
    assert identity.pending is not None
    assert identity.enrolment is not None
    identity._write(identity.pending, identity.enrolment.digest)  # as the first half of finish_enrolment
    after = opened(tmp_path, again)
    assert after.key is not None
    assert after.key.public == identity.pending.public
    assert after.trouble == ""


def test_a_new_enrolment_repairs_a_damaged_key(tmp_path: Path) -> None:
    enrolled(tmp_path)
    (tmp_path / "data" / KEY).write_text("x")
    again = enrolment_file(tmp_path, PLATFORM.public, secret=ANOTHER)
    opened(tmp_path, again).finish_enrolment()
    after = opened(tmp_path)
    assert after.key is not None
    assert after.trouble == ""


def test_what_one_program_keeps_does_not_undo_what_another_has_registered(tmp_path: Path) -> None:
    stale = enrolled(tmp_path)
    again = enrolment_file(tmp_path, PLATFORM.public, secret=ANOTHER)
    opened(tmp_path, again).finish_enrolment()
    stale.keep_offset(timedelta(hours=1))
    after = opened(tmp_path)
    assert after.trouble == ""
    assert after.offset == timedelta(0)


def test_the_platforms_clock_is_kept_over_a_restart(tmp_path: Path) -> None:
    enrolled(tmp_path).keep_offset(timedelta(hours=-2))
    assert opened(tmp_path).offset == timedelta(hours=-2)


FOLLOWED = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)


def entry(key: PublicKey, by: SigningKey, **changes: object) -> dict[str, object]:
    """One line of the platform's published keys."""
    signature = by.sign(succession_bytes(key, FOLLOWED))
    return PublishedKey(key=key, valid_from=FOLLOWED, signed_by=by.public.id, signature=signature).as_json() | changes


def test_a_key_that_the_known_one_signed_is_followed_however_many_there_were(tmp_path: Path) -> None:
    second, third, stranger = SigningKey.make(), SigningKey.make(), SigningKey.make()
    document = {
        "keys": [
            entry(third.public, second),
            {"id": PLATFORM.public.id, "key": PLATFORM.public.text},
            entry(second.public, PLATFORM),
            entry(stranger.public, stranger),
            entry(stranger.public, stranger, signed_by=PLATFORM.public.id),
            "nonsense",
            {"key": 5},
        ]
    }
    found = keys_that_follow(document, [PLATFORM.public])
    assert found == ((second.public, PLATFORM.public), (third.public, second.public))
    identity = enrolled(tmp_path)
    for new, by in found:
        identity.follow_key(new, by, NOW)
    after = opened(tmp_path)
    assert after.believed(third.public.id, NOW + timedelta(days=300)) == third.public
    assert after.believed(PLATFORM.public.id, NOW + timedelta(days=29)) == PLATFORM.public
    assert after.believed(PLATFORM.public.id, NOW + timedelta(days=31)) is None
    assert after.believed(stranger.public.id, NOW) is None


@pytest.mark.parametrize("document", [None, [], {}, {"keys": 5}, {"keys": [None, []]}])
def test_a_document_of_keys_that_is_none_leads_nowhere(document: object) -> None:
    assert keys_that_follow(document, [PLATFORM.public]) == ()


def test_the_secret_stands_in_no_repr_and_not_in_the_record(tmp_path: Path) -> None:
    identity = opened(tmp_path, enrolment_file(tmp_path, PLATFORM.public))
    assert "a-secret-of-one" not in repr(identity)
    assert "a-secret-of-one" not in repr(identity.enrolment)
    identity.finish_enrolment()
    kept = (tmp_path / "data" / STATE).read_bytes()
    assert b"a-secret-of-one" not in kept
    assert dumps(loads(kept)) == kept
