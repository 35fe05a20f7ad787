"""The simulation of a swap's wait for Bluetooth: its model of the older way, and that it says the same twice."""

import pytest

from tests.bench.wait import before, simulate


def test_the_older_way_is_the_measured_one_at_the_means_of_the_draws() -> None:
    returned, new = (before(0.5, 2.5, 2.0, new=each) for each in (False, True))
    assert [returned, new, returned + new] == pytest.approx([6.7, 7.7, 14.4])


def test_the_same_seed_gives_the_same_swaps_and_another_one_others() -> None:
    assert simulate(2, 0.5, seed=3) == simulate(2, 0.5, seed=3) != simulate(2, 0.5, seed=4)


def test_no_swap_waits_longer_than_in_the_older_way_by_more_than_one_operation() -> None:
    assert all(each.now <= each.before + 8 for each in simulate(5, 0.0))
