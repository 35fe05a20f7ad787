"""Addresses of batteries in every spelling, what a sticker says, and which bindings cannot stand beside each other."""

from dataclasses import replace

import pytest

from kiosk.domain.battery.binding import (
    Binding,
    Sticker,
    address_of,
    completed_by,
    is_private,
    normalise_address,
    read_sticker,
    says_nothing_new,
    standing_in_the_way,
)
from kiosk.domain.errors import BadInput
from tests.builders import NOON

ADDRESS = "C8:47:8C:00:10:01"


@pytest.mark.parametrize("text", ["C8:47:8C:00:10:01", "c8-47-8c-00-10-01", "C8478C001001", "c847.8c00.1001", " c8:47:8c:00:10:01\n"])
def test_an_address_is_read_in_any_spelling(text: str) -> None:
    assert normalise_address(text) == ADDRESS


def test_the_id_that_macos_tells_in_place_of_an_address_is_one() -> None:
    assert address_of("e5b3f0a2-0000-1111-2222-334455667788") == "E5B3F0A2-0000-1111-2222-334455667788"


@pytest.mark.parametrize("text", ["", "BAT-12345", "C8478C00100", "C8478C0010011", "C8:47:8C:00:10:0G", "C8::47:8C:00:10:01"])
def test_what_is_no_address_is_said(text: str) -> None:
    assert address_of(text) == ""
    with pytest.raises(BadInput, match="twelve digits"):
        normalise_address(text)


BOUND = Binding(battery_id="BAT-1", address=ADDRESS, family="jk", serial="S1", bound_at=NOON, has_secret=True)


@pytest.mark.parametrize(
    ("text", "sticker"),
    [
        ("bat-1", Sticker(battery_id="BAT-1")),
        ("<BAT 1>", Sticker(battery_id="BAT 1")),
        ("c8-47-8c-00-10-01", Sticker(address=ADDRESS)),
        ("BAT-1;C8478C001001", Sticker(battery_id="BAT-1", address=ADDRESS)),
        ("MAC=c847.8c00.1001, ID=bat-1", Sticker(battery_id="BAT-1", address=ADDRESS)),
        ('{"id": "BAT-1", "mac": "C8:47:8C:00:10:01"}', Sticker(battery_id="BAT-1", address=ADDRESS)),
        ("BAT 1 | C8:47:8C:00:10:01", Sticker(battery_id="BAT 1", address=ADDRESS)),
        ("123456789012", Sticker(battery_id="123456789012")),
        ("", Sticker()),
    ],
)
def test_a_sticker_tells_its_id_and_the_address_in_any_spelling(text: str, sticker: Sticker) -> None:
    assert read_sticker(text) == sticker


def test_a_binding_of_the_same_id_or_the_same_address_is_in_the_way() -> None:
    elsewhere, same_pack, other = (
        replace(BOUND, address="C8:47:8C:00:10:02"),
        replace(BOUND, battery_id="BAT-2"),
        replace(BOUND, battery_id="BAT-3", address="C8:47:8C:00:10:03"),
    )
    assert standing_in_the_way(BOUND, elsewhere, same_pack, other, BOUND, None) == (elsewhere, same_pack)


def test_the_same_address_with_another_serial_is_in_the_way() -> None:
    assert standing_in_the_way(BOUND, replace(BOUND, serial="S2")) == (replace(BOUND, serial="S2"),)
    assert standing_in_the_way(BOUND, replace(BOUND, serial="")) == ()
    assert standing_in_the_way(replace(BOUND, serial=""), BOUND) == ()


def test_what_is_known_of_a_pack_stays_known() -> None:
    imported = replace(BOUND, family="", serial="", has_secret=False)
    assert completed_by(imported, BOUND) == BOUND
    assert says_nothing_new(completed_by(imported, BOUND), BOUND)
    assert completed_by(replace(imported, address="C8:47:8C:00:10:02"), BOUND).serial == ""


def test_a_serial_that_was_not_known_is_news() -> None:
    assert not says_nothing_new(BOUND, replace(BOUND, serial=""))
    assert not says_nothing_new(BOUND, None)


@pytest.mark.parametrize(
    ("address", "is_random", "private"),
    [
        ("C8:47:8C:00:10:01", False, False),
        ("58:47:8C:00:10:01", False, False),
        ("58:47:8C:00:10:01", True, True),
        ("08:47:8C:00:10:01", True, True),
        ("C8:47:8C:00:10:01", True, False),
    ],
)
def test_only_a_random_address_that_changes_is_private(address: str, is_random: bool, private: bool) -> None:  # noqa: FBT001  a table
    assert is_private(address, is_random=is_random) is private
