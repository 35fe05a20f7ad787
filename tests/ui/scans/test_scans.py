"""Keys and touches at a real window on a real X server: `cases_counter.py`, and 100 seeded scans. The long form: `make scans`."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.ui.scans.run import CASES, at_a_counter, run


@pytest.mark.timeout(600)  # it takes half a minute; on a machine that does much else, longer
def test_no_scan_finds_another_customer_is_cut_or_presses_a_button_and_keys_and_touches_do_as_they_should() -> None:
    with ThreadPoolExecutor() as pool:  # all of them wait for keys nearly all the time
        cases = pool.submit(at_a_counter, [CASES, "--deselect", f"{CASES}::test_seeded_scans"])
        report = run(100, counters=6)
    assert (report.scans, report.faults) == (100, {})
    assert report.left < 50  # a machine that delivers no key in time has tested nothing
    done = cases.result()
    assert done.returncode == 0, done.stdout + done.stderr
