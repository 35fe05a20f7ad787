"""Who approves is strict, why is text of a person: odd characters in a reason refuse nothing."""

import pytest

from kiosk.domain.approval import MAX_REASON_LENGTH
from kiosk.domain.errors import NotApproved
from kiosk.station.services.approvals import approvals


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("charged\u00a0at\r\nhome", "charged at home"),
        ("\u202echarged\ud800", "charged?"),
        ("در خانه شارژ می\u200cشود", "در خانه شارژ می\u200cشود"),
        ("x" * MAX_REASON_LENGTH, "x" * MAX_REASON_LENGTH),
    ],
    ids=ascii,
)
def test_a_reason_is_kept_as_it_can_be_shown(reason: str, kept: str) -> None:
    assert approvals(("SUP-007",), "sup-007", reason).reason == kept


@pytest.mark.parametrize("reason", ["", " \u200b\r\n", "x" * (MAX_REASON_LENGTH + 1)], ids=["empty", "not to be seen", "too long"])
def test_no_reason_and_one_that_is_too_long_approve_nothing(reason: str) -> None:
    with pytest.raises(NotApproved):
        approvals(("SUP-007",), "SUP-007", reason)


def test_a_supervisor_who_is_only_like_one_approves_nothing() -> None:
    with pytest.raises(NotApproved):
        approvals(("SUP-007",), "SUP-\u200b007", "charged at home")
