"""The states of the page of a battery that came back with more than it went out with (decision 28)."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from kiosk.domain.errors import ReturnedMore
from tests.builders import plan_with, reading, remembering, swap_with_batteries
from tests.ui.pages.page_states import FULL, State, returned, reviewed
from tests.ui.pages.shown_swaps import named
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.review import ReviewPage

OUT = datetime(2025, 1, 14, 17, 20, tzinfo=UTC)
MORE = ReturnedMore("BAT-12345", Decimal("30.9"), Decimal("29.1"), OUT, "STATION_XYZ")


def returned_more(page: ReturnedPage, error: ReturnedMore = MORE) -> None:
    """The decision's numbers."""
    returned(page)
    page.reading = reading("BAT-12345", "30.9", **FULL | {"soc_percent": Decimal(97)})
    page.refuse(error)


def returned_more_estimated(page: ReturnedPage) -> None:
    """With all that can be said, of another station and another day, and a battery that tells no full charge."""
    returned(page)
    page.reading = reading("BAT-12345", "30.905", estimated=True, soc_percent=Decimal(97))
    page.refuse(replace(MORE, kwh=Decimal("30.905"), issued_kwh=Decimal("29.125"), station="NAIROBI-WEST", estimated=True))


def returned_more_alone(page: ReturnedPage) -> None:
    """At a station without supervisors, of a battery of which little is known."""
    page.context.kiosk.people.configured_supervisors = ()
    returned_more(page, replace(MORE, issued_at=None, station=""))


def approving(page: ReturnedPage) -> None:
    returned_more(page)
    page.primary()
    page.type_character("S")


STATES: dict[str, State] = {
    "more": (ReturnedPage, returned_more),
    "more, estimated": (ReturnedPage, returned_more_estimated),
    "more, no supervisor": (ReturnedPage, returned_more_alone),
    "more, approving": (ReturnedPage, approving),
    "review, more": (ReviewPage, reviewed(named(swap_with_batteries(remembering(plan_with()), incoming="29.2")))),
}
