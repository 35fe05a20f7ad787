"""The page of developers in a real browser. What it would ask of anybody else, and what its script complains about, fails the test."""

import json
import re

from playwright.sync_api import Page, expect

from tests.platform.agent_counter import PLAN
from tests.platform.http.site import TOKEN
from tests.platform.http.web.conftest import OpenPage

QUERY = f'{{ servicePlan(id: "{PLAN}") {{ serviceStates {{ used }} }} }}'


def write(page: Page, editor: str, text: str) -> None:
    """Replace what stands in one of the editors."""
    page.get_by_label(editor).locator(".graphiql-editor:not(.hidden) .CodeMirror").evaluate(
        "(element, text) => element.CodeMirror.setValue(text)", text
    )


def run(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Execute query")).click()


def answer_on(page: Page) -> str:
    """What the page shows, once it is there."""
    shown = page.locator(".result-window .CodeMirror")
    expect(shown).to_contain_text("{")
    return str(shown.evaluate("element => element.CodeMirror.getValue()"))


def test_a_query_is_asked_with_the_token_that_was_typed(open_page: OpenPage) -> None:
    page = open_page("/graphql", http_credentials=None)
    write(page, "Headers", json.dumps({"Authorization": f"Bearer {TOKEN}"}))
    write(page, "Query Editor", QUERY)
    run(page)
    states = json.loads(answer_on(page))["data"]["servicePlan"]["serviceStates"]
    assert [each["used"] for each in states] == [6, 344.5, 0]


def test_without_a_token_the_page_is_shown_and_nothing_is_told(open_page: OpenPage) -> None:
    page = open_page("/graphql", http_credentials=None)
    write(page, "Query Editor", QUERY)
    run(page)
    assert json.loads(answer_on(page))["error"]["code"] == "UNAUTHORIZED"


def test_the_token_stays_in_the_session(open_page: OpenPage) -> None:
    page = open_page("/graphql", http_credentials=None)
    write(page, "Headers", json.dumps({"Authorization": f"Bearer {TOKEN}"}))
    page.wait_for_function("token => JSON.stringify({...sessionStorage}).includes(token)", arg=TOKEN)
    assert page.evaluate("JSON.stringify({...localStorage})") == "{}"
    assert TOKEN not in page.url


def test_the_schema_is_documented_when_the_token_is_known(open_page: OpenPage) -> None:
    page = open_page("/graphql", http_credentials=None)
    write(page, "Headers", json.dumps({"Authorization": f"Bearer {TOKEN}"}))
    page.wait_for_function("token => JSON.stringify({...sessionStorage}).includes(token)", arg=TOKEN)
    page.reload()
    page.get_by_role("button", name=re.compile("Documentation Explorer")).click()
    page.get_by_role("link", name="Query", exact=True).click()
    expect(page.get_by_role("link", name="servicePlanChanges", exact=True)).to_be_visible()
