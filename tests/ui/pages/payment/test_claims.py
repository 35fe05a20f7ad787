"""The code to pay by is shown once the platform knows whose swap it is, or cannot be asked (decision 27)."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import KioskError, LinkDown, TransactionOwned
from kiosk.domain.money.pay_code import DEFAULT, pay_template
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import LinkChanged
from tests.ui.page_counter import PATIENCE, Counter, World, open_counter
from ui.pages.payment.flow import PaymentViewKind
from ui.pages.payment.page import PaymentPage


class Claims:
    """A payment channel's claims: each waits for `let`, then ends as `failure` says."""

    def __init__(self) -> None:
        self.failure: KioskError | None = None
        self.asked = 0
        self.let = asyncio.Event()

    async def __call__(self, swap: Swap, timeout_seconds: float) -> None:
        self.asked += 1
        await self.let.wait()
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def claims(practised: World, monkeypatch: pytest.MonkeyPatch) -> Claims:
    made = Claims()
    monkeypatch.setattr(practised.kiosk.swaps._payments, "claims", True)
    monkeypatch.setattr(practised.kiosk.swaps._payments, "claim", made)
    return made


@pytest.fixture
def counter(practised: World, claims: Claims, qtbot: QtBot) -> Iterator[Counter]:
    made = open_counter(practised, qtbot, pay_code=pay_template(DEFAULT))
    yield made
    made.wizard.stop()


def at_payment(counter: Counter) -> PaymentPage:
    counter.wizard.show_swap(counter.world.with_batteries("exhausted"))
    assert isinstance(counter.page, PaymentPage)
    return counter.page


def let(counter: Counter, claims: Claims) -> None:
    """The platform answers."""

    async def answer() -> None:
        claims.let.set()

    counter.world.wait(answer())


def test_the_code_comes_with_the_platforms_word_and_not_before(counter: Counter, claims: Claims, qtbot: QtBot) -> None:
    page = at_payment(counter)
    qtbot.waitUntil(lambda: claims.asked == 1, timeout=PATIENCE)
    assert page.form.view.code.text == ""
    assert page.form.title == "The plan is 1.8 kWh short"  # cash is taken meanwhile
    let(counter, claims)
    qtbot.waitUntil(lambda: page.form.view.code.text != "", timeout=PATIENCE)
    assert page.running.correlation_id in page.form.view.code.text


def test_offline_the_code_is_shown_and_it_is_said_and_claimed_when_the_link_is_back(counter: Counter, claims: Claims, qtbot: QtBot) -> None:
    claims.failure = LinkDown("no network")
    said: list[str] = []
    page = at_payment(counter)
    page.noted.connect(lambda _tone, words: said.append(words))
    let(counter, claims)
    qtbot.waitUntil(lambda: page.form.view.code.text != "", timeout=PATIENCE)
    qtbot.waitUntil(lambda: "Offline: a payment by code is confirmed when the link is back." in said, timeout=PATIENCE)
    claims.failure = None
    page.handle_event(LinkChanged(connected=True, since=datetime.now(UTC)))
    qtbot.waitUntil(lambda: claims.asked == 2, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not counter.world.kiosk.swaps.needs_claim(page.running), timeout=PATIENCE)


def test_for_what_another_counter_began_no_money_is_taken(counter: Counter, claims: Claims, qtbot: QtBot) -> None:
    claims.failure = TransactionOwned("station-2 began it")
    page = at_payment(counter)
    let(counter, claims)
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.REFUSED, timeout=PATIENCE)
    assert page.form.view.code.text == ""
    assert page.form.due is None
    assert (counter.words("primary"), counter.words("other")) == ("Keep for later", "Stop this swap")
