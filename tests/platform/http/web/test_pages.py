"""What a person sees on the platform's page, and what never becomes of what others have written into it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from kiosk.domain.errors import StoreFailed
from kiosk.platform.http.payment_callback import PATH
from kiosk.platform.payment_proof import ConfirmedOnly
from kiosk.platform.store.open_items import UnsettledRequests, keep_unapplied
from kiosk.platform.store.store_values import ReceiptKey, Unapplied
from kiosk.wire.exact_json import dumps
from tests.builders import NOON, plan_of, remembering
from tests.platform.agent_counter import PLAN, SWAP, completion, paid, payment
from tests.platform.http.confirming import delivery, signature
from tests.platform.http.web.conftest import OpenPage, Site

SIZES = ((1024, 768), (1280, 800), (1920, 1080))
PAGES = ("/", "/swaps", "/open", "/plans", "/payments", "/events", f"/plans/{PLAN}", "/?q=bat")


def section(page: Page, heading: str) -> str:
    """The text of one part of the overview."""
    return page.locator("section", has=page.get_by_role("heading", name=heading)).inner_text()


def test_the_overview_shows_swaps_refusals_plans_and_events(site: Site, open_page: OpenPage) -> None:
    site.counter.store.insert_plan(plan_of(id="plan-refused"), NOON)
    site.counter.ask("complete_service", completion())
    site.counter.ask("complete_service", completion(correlation_id="TXN-2", incoming_battery_id="BAT-9"), "plan-refused")
    page = open_page("/")
    waits = section(page, "Waits for a person")
    assert "refused" in waits
    assert "This is not the battery BAT-12345." in waits
    assert "TXN-2" in waits
    today = section(page, "Swaps today")
    assert SWAP in today
    assert "25.6 kWh" in today
    assert "TXN-2" not in today
    assert "plan-refused" in section(page, "Plans")
    assert SWAP in section(page, "Events as they come")


def test_a_refused_completion_that_is_booked_later_waits_no_more(site: Site, open_page: OpenPage) -> None:
    site.counter.ask("complete_service", completion(incoming_battery_id="BAT-9"))
    assert SWAP in section(open_page("/"), "Waits for a person")
    site.counter.ask("complete_service", completion())
    assert "Nothing: every completion that came is recorded or settled." in section(open_page("/"), "Waits for a person")


def test_a_swap_that_was_paid_for_and_not_completed_is_unsettled(site: Site, open_page: OpenPage) -> None:
    site.counter.ask("process_payment", payment(correlation_id="att-payment-1", transaction_id=SWAP))
    waits = section(open_page("/"), "Waits for a person")
    assert "unsettled" in waits
    assert "Paid, and the swap is not completed yet." in waits
    site.counter.ask("complete_service", paid())
    assert "Nothing: every completion that came is recorded or settled." in section(open_page("/"), "Waits for a person")


def test_a_swap_whose_payment_is_not_confirmed_is_unsettled(site: Site, open_page: OpenPage) -> None:
    site.counter.verifier = ConfirmedOnly()
    assert site.counter.send("complete_service", paid()).answer is None
    waits = section(open_page("/"), "Waits for a person")
    assert "unsettled" in waits
    assert "The receipt PAY-1 is not confirmed yet." in waits
    assert SWAP in waits


def test_a_battery_that_came_back_with_more_is_booked_and_waits(site: Site, open_page: OpenPage) -> None:
    site.counter.store.put_plan(remembering(), NOON)
    site.counter.ask("complete_service", completion(incoming_kwh=Decimal("30.9")))
    waits = section(open_page("/"), "Waits for a person")
    assert "booked" in waits
    assert "BAT-12345 came back with 30.9 kWh. It went out with 29.1 kWh at STATION_XYZ" in waits


def foreign_money(site: Site) -> None:
    body = dumps(delivery(receipt_id="PAY-77", amount="500", currency="KES"))
    headers = {"Content-Type": "application/json", "X-Signature": signature(body)}
    assert httpx.post(site.url + PATH, content=body, headers=headers).status_code == 422


def test_money_that_counts_for_nothing_waits_for_a_person(site: Site, open_page: OpenPage) -> None:
    foreign_money(site)
    waits = section(open_page("/"), "Waits for a person")
    assert "money not counted" in waits
    assert "500\u00a0KES, receipt PAY-77 (MOBILE_MONEY)" in waits


def test_what_a_person_has_settled_is_gone_until_it_is_refused_again(site: Site, open_page: OpenPage) -> None:
    site.counter.ask("complete_service", completion(incoming_battery_id="BAT-9"))
    kept = UnsettledRequests(site.counter.store)
    number = kept.open()[0].number
    page = open_page("/open")
    expect(page.get_by_text(f"unsettled {number}")).to_be_visible()
    kept.settle(number, "resolved at the kiosk", NOON)
    page.reload()
    expect(page.get_by_text("Nothing: every completion that came is recorded or settled.")).to_be_visible()
    site.counter.ask("complete_service", completion(incoming_battery_id="BAT-9"))
    page.reload()
    expect(page.get_by_text("Settled before: resolved at the kiosk")).to_be_visible()


def test_all_that_waits_goes_on_page_by_page_money_first(site: Site, open_page: OpenPage) -> None:
    """Two pages of each."""
    keep_money(site, 100)
    for number in range(60):
        site.counter.ask("complete_service", completion(correlation_id=f"TXN-{number:03d}", incoming_battery_id="BAT-9"))
    seen = [list(map(str.strip, each)) for each in pages_of(open_page("/open"), "td.words")]
    assert [len(each) for each in seen] == [50, 50, 50, 10]
    assert len({each for page in seen[:2] for each in page}) == 100
    assert all("receipt" in each for page in seen[:2] for each in page)
    assert all("BAT-12345" in each for page in seen[2:] for each in page)


def keep_money(site: Site, many: int) -> None:
    """As many payments that count for no swap."""
    facts: dict[str, Any] = {"plan_id": PLAN, "amount": Decimal(1), "currency": "KES", "reference": "", "kind": "FOREIGN_CURRENCY"}
    with site.counter.store.writing() as connection:
        for number in range(many):
            key = ReceiptKey(method="CASH", receipt_id=f"PAY-{number:03d}")
            keep_unapplied(connection, Unapplied(key=key, reason="it is in KES", paid_at=NOON, **facts), NOON)


def test_events_come_to_the_open_page_by_themselves(site: Site, open_page: OpenPage) -> None:
    page = open_page("/events")
    expect(page.locator("#link")).to_have_text("live")
    site.counter.ask("process_payment", payment())
    expect(page.locator("ol.events li").first).to_contain_text("Payment received")
    site.counter.ask("complete_service", paid())
    expect(page.locator("ol.events li").first).to_contain_text("Swap completed")
    expect(page.locator("ol.events li")).to_have_count(2)
    expect(page.locator("#no-events")).to_have_count(0)


def test_yesterdays_swaps_are_not_todays(site: Site, open_page: OpenPage) -> None:
    site.counter.ask("complete_service", completion())
    site.counter.clock.at = NOON.replace(day=NOON.day + 1)
    page = open_page("/")
    assert "None yet." in section(page, "Swaps today")
    page.get_by_role("link", name="All swaps").click()
    expect(page.get_by_text(SWAP)).to_be_visible()


@pytest.mark.parametrize("text", [PLAN, PLAN[:8], "CUST-001", "cust-0", "BAT-67890", "bat-678", SWAP, SWAP[:12].lower(), "PAY-1", "pay-"])
def test_a_search_finds_what_begins_with_the_words(site: Site, open_page: OpenPage, text: str) -> None:
    site.counter.ask("complete_service", paid())
    page = open_page("/")
    page.get_by_role("searchbox").fill(text)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("main").get_by_role("link", name=PLAN).first).to_be_visible()


@pytest.mark.parametrize("text", ["nothing like it", "%", "_", "'; DROP TABLE platform_plans; --", "\U0001f50b"])
def test_a_search_for_nothing_known_says_so(open_page: OpenPage, text: str) -> None:
    page = open_page("/")
    page.get_by_role("searchbox").fill(text)
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_text("Nothing begins with this.")).to_be_visible()


def test_a_plans_page_shows_what_is_left_and_unlimited_is_no_number(site: Site, open_page: OpenPage) -> None:
    site.counter.ask("complete_service", completion())
    page = open_page("/")
    page.get_by_role("link", name=PLAN).first.click()
    quotas = section(page, "Quotas")
    assert "svc-electricity-fuel-kenya\t370.1\t400\t29.9" in quotas
    assert "svc-swap-network-kenya\t0\tunlimited\tunlimited" in quotas


def test_an_unknown_plan_is_said(open_page: OpenPage) -> None:
    expect(open_page("/plans/nobody").get_by_text("There is no plan with this id.")).to_be_visible()


def test_a_long_list_goes_on_page_by_page_with_each_plan_once(site: Site, open_page: OpenPage) -> None:
    wanted = {PLAN, *(f"plan-{number:03d}" for number in range(120))}
    for each in wanted - {PLAN}:
        site.counter.store.insert_plan(plan_of(id=each), NOON)
    seen = [each for page in pages_of(open_page("/plans")) for each in page]
    assert sorted(seen) == sorted(wanted)


def pages_of(page: Page, cells: str = "td.id a") -> Iterator[list[str]]:
    """The plans, or other cells, of each page, following More."""
    while True:
        yield page.locator(cells).all_inner_texts()
        more = page.get_by_role("link", name="More")
        if not more.count():
            return
        with page.expect_navigation():
            more.click()


def test_what_others_have_written_is_shown_and_never_run(site: Site, open_page: OpenPage) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    site.counter.store.insert_plan(plan_of(id="plan-hostile", customer_id=hostile), NOON)
    site.counter.ask("complete_service", completion(attendant_station=hostile, correlation_id="TXN-h"), "plan-hostile")
    page = open_page("/")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.reload()
    assert hostile in section(page, "Plans")
    assert hostile in section(page, "Swaps today")
    assert page.locator("img").count() == 0
    assert not dialogs


def test_the_page_is_whole_without_scripts(site: Site, open_page: OpenPage) -> None:
    site.counter.ask("complete_service", completion())
    page = open_page("/", java_script_enabled=False)
    assert SWAP in section(page, "Events as they come")
    page.get_by_role("link", name="Payments").click()
    expect(page.get_by_role("heading", name="Payments")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_page_and_no_table_is_wider_than_its_room(site: Site, open_page: OpenPage, width: int, height: int) -> None:
    site.counter.ask("complete_service", paid())
    site.counter.ask("complete_service", completion(correlation_id="TXN-" + "9" * 60))
    foreign_money(site)
    page = open_page("/", width, height)
    for path in PAGES:
        page.goto(site.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert page.evaluate("[...document.querySelectorAll('.scroll')].every(each => each.scrollWidth <= each.clientWidth)"), path


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic eDp3cm9uZw=="}, {"Authorization": "Basic %%%"}, {"Authorization": "Bearer no"}]
)
def test_nobody_looks_without_the_password(site: Site, headers: dict[str, str]) -> None:
    for path in (*PAGES, "/events/stream"):
        answer = httpx.get(site.url + path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert PLAN not in answer.text


def test_a_database_that_does_not_answer_is_said(site: Site, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage) -> None:
    page = open_page("/plans")
    break_down(site, monkeypatch)
    answer = page.reload()
    assert answer is not None
    assert answer.status == 503
    expect(page.get_by_role("heading", name="The database does not answer")).to_be_visible()


def break_down(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every look fails as with a disk that is gone."""

    def gone(*_arguments: object) -> None:
        raise StoreFailed("the disk is gone")

    monkeypatch.setattr(type(site.counter.store), "reading", gone)
