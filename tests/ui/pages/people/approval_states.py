"""A supervisor approves in place, where people are known: the states of each page that asks for it, as in `page_states`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.domain.battery.plausibility import DoubtKind
from tests.ui.pages.battery.more_states import returned_more
from tests.ui.pages.page_states import PLAIN, waiting
from tests.ui.pages.people.crew import JOSEPH, SUP, sign_in
from tests.ui.pages.review.test_doubts import doubted
from tests.ui.window_counter import World
from ui.pages.approval import ApproveView
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.page_context import Page
from ui.pages.payment.page import PaymentPage
from ui.pages.review import ReviewPage

Prepare = Callable[[World], Callable[[Any], object]]


def more(page: ReturnedPage) -> ApproveView:
    returned_more(page)
    page.primary()
    return page.approval


def doubt(page: ReviewPage) -> ApproveView:
    doubted(replace(PLAIN), DoubtKind.CHARGED)(page)
    page.other()
    return page.doubt.approval


def payment(page: PaymentPage) -> ApproveView:
    waiting(page)
    page.ask_supervisor()
    return page.flow.approval


PLACES: dict[str, tuple[type[Page], Callable[[Any], ApproveView]]] = {
    "more": (ReturnedPage, more),
    "doubt": (ReviewPage, doubt),
    "payment": (PaymentPage, payment),
}


def who(world: World, place: str) -> Callable[[Any], object]:
    """Somebody asks; who approves is still to be said."""

    def prepare(page: Page) -> None:
        sign_in(world, JOSEPH)
        PLACES[place][1](page)

    return prepare


def pin(world: World, place: str) -> Callable[[Any], object]:
    """The supervisor types the PIN."""

    def prepare(page: Page) -> None:
        sign_in(world, JOSEPH)
        view = PLACES[place][1](page)
        view._choose(SUP)
        page.type_character("9")

    return prepare
