"""PINs, badges and locks by their rules alone (decision 29)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.approval import stated_reason
from kiosk.domain.battery.binding import read_sticker
from kiosk.domain.errors import BadCustomerCode, BadgeUnknown, BadInput, NotApproved, PaymentInvalid
from kiosk.domain.money.payments import check_form
from kiosk.domain.people import (
    BADGE_BYTES,
    FIRST_LOCK_SECONDS,
    MAX_LOCK_SECONDS,
    MAX_TRIES,
    PinLock,
    Role,
    Steady,
    badge_digest,
    badge_of,
    check_new_pin,
    is_badge,
    lock_seconds,
)
from kiosk.station.services.customer_lookup import EnteredCode, customer_code
from kiosk.wire.customer_codes import parse_customer_code

BADGE = badge_of(bytes(range(BADGE_BYTES)))


def allowed(pin: str, role: Role, person_id: str = "X") -> bool:
    try:
        check_new_pin(pin, role, person_id)
    except BadInput:
        return False
    return True


@pytest.mark.parametrize("pin", ["0000", "1234", "4321", "7890", "0987", "1212", "1122", "2580", "1985", "2026"])
def test_four_digits_that_are_guessed_first(pin: str) -> None:
    assert not allowed(pin, Role.ATTENDANT)


@pytest.mark.parametrize("pin", ["111111", "123456", "654321", "121212", "123123", "112211", "010190", "199012", "251299", "901231"])
def test_six_digits_that_are_guessed_first(pin: str) -> None:
    assert not allowed(pin, Role.SUPERVISOR)


def test_no_pin_that_stands_in_the_persons_id() -> None:
    assert not allowed("4071", Role.ATTENDANT, "ATT-4071")
    assert allowed("4071", Role.ATTENDANT, "ATT-4072")


def test_most_pins_are_allowed() -> None:
    """So that nobody is driven to the few that are left."""
    every = ["".join(each) for each in itertools.product("0123456789", repeat=4)]
    assert sum(allowed(each, Role.ATTENDANT) for each in every) > 9_600


def test_of_six_digits_enough_are_allowed() -> None:
    every = [f"{each:06d}" for each in range(0, 1_000_000, 37)]
    assert sum(allowed(each, Role.TECHNICIAN) for each in every) > 0.85 * len(every)


@given(st.text(max_size=8))
def test_a_pin_is_digits_of_the_roles_length_or_none(pin: str) -> None:
    for role in Role:
        if allowed(pin, role):
            assert pin.isascii()
            assert pin.isdecimal()
            assert len(pin) == role.pin_digits


# ---------------------------------------------------------------- badges


@given(st.binary(min_size=BADGE_BYTES, max_size=BADGE_BYTES))
def test_a_badge_is_known_in_any_case_and_with_what_a_scanner_adds(secret: bytes) -> None:
    code = badge_of(secret)
    assert len(code) == len("SKB1.") + 26
    for read in (code, code.lower(), f"]Q1{code}", f" {code}\r\n", f'"{code}"'):
        assert badge_digest(read) == badge_digest(code)
        assert is_badge(read)


@pytest.mark.parametrize("text", ["", "SKB1.", "SKB1.ABC", "SKB2." + "A" * 26, "SKB1." + "1" * 26, "ATT-001"])
def test_what_is_no_badge_is_nobodys(text: str) -> None:
    with pytest.raises(BadgeUnknown):
        badge_digest(text)


HOLDING = [
    BADGE,
    BADGE.lower(),
    f"]Q1{BADGE}",
    f'"{BADGE}"',
    f'{{"plan_id": "{BADGE}"}}',
    f"QR_CUSTOMER_{BADGE}",
    f"https://swap.example/{BADGE}",
    BADGE[:12],
    BADGE.replace(".", ">"),
    f"MP{BADGE}",
]


@pytest.mark.parametrize("text", HOLDING)
def test_a_badge_is_no_customer_no_receipt_no_battery_and_no_reason(text: str) -> None:
    with pytest.raises(BadCustomerCode) as customer:
        parse_customer_code(text)
    with pytest.raises(PaymentInvalid) as receipt:
        check_form(text)
    with pytest.raises(NotApproved) as reason:
        stated_reason(text)
    assert read_sticker(text).battery_id == ""
    for error in (customer, receipt, reason):
        assert BADGE[5:12] not in str(error.value).upper()


def test_a_badge_read_through_another_keyboard_is_no_customer_either() -> None:
    typed = BADGE.translate(str.maketrans(".AY", ":QZ")).swapcase()
    with pytest.raises(BadCustomerCode):
        customer_code(EnteredCode(text=typed, other=BADGE))


@pytest.mark.parametrize("text", ["bss-plan-weekly-freedom-nairobi-v2-plan1", "SKB-1", "QGH7SKB1X2", "BAT-SKB1", "CASH-STATION-1-000001"])
def test_other_codes_are_no_badges(text: str) -> None:
    assert not is_badge(text)


# ---------------------------------------------------------------- roles


def test_each_role_covers_those_before_it_and_the_platforms_cover_none() -> None:
    order = (Role.ATTENDANT, Role.SUPERVISOR, Role.TECHNICIAN)
    for has, needs in itertools.product(Role, Role):
        expected = has in order and needs in order and order.index(has) >= order.index(needs)
        assert has.covers(needs) == expected


# ---------------------------------------------------------------- locks


def test_locks_double_up_to_the_longest() -> None:
    assert [lock_seconds(each) / 60 for each in range(1, 9)] == [2, 4, 8, 16, 32, 60, 60, 60]
    assert lock_seconds(10_000) == MAX_LOCK_SECONDS


steps = st.lists(st.tuples(st.sampled_from(("try", "restart", "wait", "look")), st.floats(0, 2 * MAX_LOCK_SECONDS)), max_size=60)


@given(steps)
def test_whatever_happens_no_lock_is_skipped_and_none_is_for_ever(what: list[tuple[str, float]]) -> None:
    """`real` is how long the machine has run since the lock began: a lock of that number never ends before its length, however often
    the machine is restarted; and one that is left alone ends within the longest."""
    lock, run, seconds, since_lock = PinLock(), 1, 0.0, 0.0
    for step, length in what:
        now = Steady(str(run), seconds)
        left = lock.seconds_left(now)
        assert 0 <= left <= MAX_LOCK_SECONDS
        if lock.locks and left == 0 and lock.wrong == 0:
            assert since_lock >= lock_seconds(lock.locks) - 0.01
        if step == "try" and not left:
            lock = lock.after_try(now)
            since_lock = 0.0 if lock.wrong == 0 else since_lock
        elif step in {"look", "try"}:
            lock = lock.looked_at(now)
        elif step == "restart":
            run, seconds = run + 1, 0.0
        else:
            seconds += length
            since_lock += length
    assert lock.looked_at(Steady("last", 5.0)).seconds_left(Steady("last", 5.0 + MAX_LOCK_SECONDS)) == 0


@given(st.integers(1, 12))
def test_five_wrong_tries_each_lock_for_longer(locks: int) -> None:
    lock, now = PinLock(), 0.0
    for number in range(1, locks + 1):
        for tries in range(1, MAX_TRIES + 1):
            assert lock.tries_left == MAX_TRIES - tries + 1
            lock = lock.after_try(Steady("r", now))
        assert lock.seconds_left(Steady("r", now)) == lock_seconds(number)
        now += lock_seconds(number)
        assert lock.seconds_left(Steady("r", now)) == 0
    assert lock_seconds(1) == FIRST_LOCK_SECONDS


def test_a_day_of_guessing_tries_few_pins() -> None:
    """What a thief at the counter gets of 10,000 PINs in a day without a pause."""
    lock, now, guesses = PinLock(), 0.0, 0
    while now < 86_400:
        left = lock.seconds_left(Steady("r", now))
        now += left
        lock, guesses = lock.after_try(Steady("r", now)), guesses + 1
    assert guesses < 160
