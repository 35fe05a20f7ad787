"""Keys and touches at a real window on a real X server: `cases_counter.py`, and 200 seeded scans. The long form: `make scans`."""

import pytest

from tests.ui.scans.run import CASES, at_a_counter, run


@pytest.mark.timeout(600)  # it takes half a minute; on a machine that does much else, longer
def test_no_scan_finds_another_customer_is_cut_or_presses_a_button() -> None:
    report = run(200, counters=6)
    assert (report.scans, report.faults) == (200, {})
    assert report.left < 100  # a machine that delivers no key in time has tested nothing


@pytest.mark.timeout(600)
def test_keys_touches_and_keyboards_at_a_real_counter() -> None:
    done = at_a_counter([CASES, "--deselect", f"{CASES}::test_seeded_scans"])
    assert done.returncode == 0, done.stdout + done.stderr
