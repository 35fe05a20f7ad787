"""The title over a refusal is the news, for each error that a page can show."""

from collections.abc import Iterator

import pytest

from kiosk.domain.errors import BatteriesAlike, KioskError, PlanBlocked, TemplateError
from ui.pages.refusal_titles import OTHER, PAY_FIRST, TITLES, title_of

GROUPS = {"CustomerError", "BatteryError", "PaymentError", "PeopleError", "StoreError"}  # nobody raises these themselves
SAME_NEWS = {"ReadingPrevented", "PartNeedsLink"}  # have the title of their parent


def kinds(parent: type[KioskError] = KioskError) -> Iterator[type[KioskError]]:
    for each in parent.__subclasses__():
        if each.__module__.startswith("kiosk.domain.errors") and not issubclass(each, TemplateError):
            yield each
            yield from kinds(each)


def test_every_error_of_the_counter_has_news_of_its_own() -> None:
    assert {each.__name__ for each in kinds() if each not in TITLES} == GROUPS | SAME_NEWS


def test_a_title_is_a_few_words() -> None:
    assert all(len(each.split()) <= 5 and not each.endswith(".") for each in (*TITLES.values(), PAY_FIRST, OTHER))


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (PlanBlocked("PLAN-1", "BATTERY_LOST"), "This plan is blocked"),
        (PlanBlocked("PLAN-1", "DEPOSIT_DUE", pay_first=True), "A payment comes first"),
        (BatteriesAlike.of("BAT-20417", 3), "Several batteries, one id"),
        (KioskError(), "This step did not work"),
        (None, "This step did not work"),
    ],
)
def test_what_an_error_tells_changes_its_title(error: KioskError | None, title: str) -> None:
    assert title_of(error) == title
