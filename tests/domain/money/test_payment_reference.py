"""Which swap a payment's reference names: one rule for the kiosk and the platform."""

import pytest

from kiosk.domain.money.payments import swap_named

SWAP = "TXN-01JHMN5Z000000000000000001"


@pytest.mark.parametrize("written", [SWAP, f" {SWAP} \n", SWAP.lower(), f"\u00a0{SWAP.title()}"])
def test_a_kiosks_id_is_known_however_it_is_written(written: str) -> None:
    assert swap_named(written) == SWAP


@pytest.mark.parametrize("written", ["TXN-12345", "TXN-7f3c"])
def test_the_specifications_shorter_id_is_one_as_it_stands(written: str) -> None:
    assert swap_named(written) == written


@pytest.mark.parametrize(
    "reference",
    [
        "",
        " ",
        "SO/2026/00017",
        "0012-334455-01",
        "TXN-",
        "TXN-2026/17",
        "TXN-2026-00017",
        "txn-12345",
        "att-payment-001",
        "ASK-" + SWAP[4:],
        f"for {SWAP}",
        f"{SWAP} thanks",
        f"{SWAP}-2",
        f"{SWAP},{SWAP}",
        "TXN\u20101",
        "TXN-\u0661\u0662",
        "TXN-" + "9" * 125,
    ],
)
def test_any_other_reference_names_no_swap(reference: str) -> None:
    assert swap_named(reference) == ""
