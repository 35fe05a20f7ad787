"""The page for people in another language: no English sentence is left in the templates or in the rows."""

from html.parser import HTMLParser

import pytest

from kiosk.domain.language import in_language
from kiosk.platform.http.web.pages import MENU
from kiosk.shared.translations import PSEUDO, translations_of
from tests.platform.agent_counter import PLAN, Counter, completion
from tests.platform.http.site import calling, context_on


class Words(HTMLParser):
    """The words of a page outside its rows, where ids and figures stand, and its attributes that people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_rows = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_rows += tag in ("td", "li", "dd")
        self.found += [value for name, value in attrs if value and name in ("placeholder", "aria-label", "data-live", "data-lost")]

    def handle_endtag(self, tag: str) -> None:
        self._in_rows -= tag in ("td", "li", "dd")

    def handle_data(self, data: str) -> None:
        if not self._in_rows and any(each.isalpha() for each in data):
            self.found.append(data.strip())


@pytest.mark.parametrize("address", [*(path for path, _name in MENU), "/?q=nothing"])
async def test_every_word_of_a_page_is_in_the_language_of_the_platform(counter: Counter, address: str) -> None:
    counter.ask("complete_service", completion())
    counter.ask("complete_service", completion(correlation_id="TXN-none"), "no-such-plan")
    with in_language(translations_of(PSEUDO)):
        async with calling(context_on(counter.store)) as client:
            page = (await client.get(address)).text
    words = Words()
    words.feed(page)
    assert [each for each in words.found if not each.startswith("[") and "nothing" not in each] == []
    assert len(words.found) > 10


async def test_a_row_is_in_the_language_of_the_platform(counter: Counter) -> None:
    counter.ask("complete_service", completion())
    with in_language(translations_of(PSEUDO)):
        async with calling(context_on(counter.store)) as client:
            page = (await client.get(f"/plans/{PLAN}")).text
    assert ">unlimited<" not in page
    assert ">[unlimited" in page


async def test_an_error_over_http_is_in_the_language_of_the_platform(counter: Counter) -> None:
    with in_language(translations_of(PSEUDO)):
        async with calling(context_on(counter.store)) as client:
            message = (await client.get("/nowhere")).json()["error"]["message"]
    assert message.startswith("[")
