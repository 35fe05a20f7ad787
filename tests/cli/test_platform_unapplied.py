"""`platform unapplied`: what a person sees of money that counts for no swap, and how it goes from the list."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli import main
from kiosk.platform.store.open_items import keep_unapplied
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.store_values import ReceiptKey, Unapplied
from tests.builders import NOON


@pytest.fixture
def database(tmp_path: Path) -> str:
    """One payment of an unknown plan, told twice, and one in another currency."""
    url = f"sqlite:///{tmp_path / 'platform.sqlite'}"
    store = PlatformStore(url)
    facts: dict[str, Any] = {"plan_id": "plan-1", "amount": Decimal("12.48"), "reference": "", "reason": "it is in KES", "paid_at": NOON}
    foreign = Unapplied(key=ReceiptKey(method="CASH", receipt_id="PAY-1"), currency="KES", kind="FOREIGN_CURRENCY", **facts)
    unknown = Unapplied(key=ReceiptKey(method="CASH", receipt_id="PAY-2"), currency="USD", kind="PLAN_UNKNOWN", **facts)
    with store.writing() as connection:
        for each in (foreign, unknown, unknown):
            keep_unapplied(connection, each, NOON)
    store.close()
    return url


def listed(database: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert main(["platform", "unapplied", "--database", database, "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out, parse_float=Decimal)
    return found


def test_they_are_listed_newest_first(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    newest, oldest = listed(database, capsys)
    assert (newest["receipt_id"], newest["kind"], newest["times"]) == ("PAY-2", "PLAN_UNKNOWN", 2)
    assert (oldest["amount"], oldest["currency"], oldest["reason"]) == (Decimal("12.48"), "KES", "it is in KES")


def test_what_was_settled_is_listed_no_more(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    number = listed(database, capsys)[0]["number"]
    assert main(["platform", "unapplied", "--database", database, "--settle", str(number), "--note", "paid back"]) == 0
    assert [each["receipt_id"] for each in listed(database, capsys)] == ["PAY-1"]


def test_what_is_not_there_cannot_be_settled(database: str) -> None:
    assert main(["platform", "unapplied", "--database", database, "--settle", "99", "--note", "paid back"]) == 1
    assert main(["platform", "unapplied", "--database", database, "--settle", "1"]) == 2
