"""Addresses of batteries in every spelling."""

import pytest

from kiosk.domain.battery.binding import address_of, normalise_address
from kiosk.domain.errors import BadInput

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
