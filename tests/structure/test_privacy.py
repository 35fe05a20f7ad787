"""A customer's full name is read where a plan is told, kept, searched, masked, exported or erased: by no page, log or line."""

import re

from tests.structure.test_names import PRODUCT, files, place

MAY_READ = {
    "kiosk/domain/plan/service_plan.py",
    "kiosk/wire/plan_documents.py",
    "kiosk/platform/http/graphql/graphql_types.py",  # the plan document of the specification
    "kiosk/platform/store/customer_records.py",
    "kiosk/station/adapters/store/customer_records.py",
    "kiosk/station/services/plans.py",  # a customer without a card says it
    "ui/pages/formatting.py",  # masked_name
    "kiosk/training/scenarios.py",
}


def test_a_full_name_is_read_in_these_places_alone() -> None:
    reads = re.compile(r"customer_?name", re.IGNORECASE)
    found = {place(path) for path in files(*PRODUCT) if reads.search(path.read_text(encoding="utf-8"))}
    assert found - MAY_READ == set()


def test_the_one_place_of_the_window_that_reads_it_shows_it_masked() -> None:
    from dataclasses import replace

    from tests.builders import plan_of
    from ui.pages.formatting import masked_name

    def shown(name: str | None) -> str:
        return masked_name(replace(plan_of(customer_id="CUST-1"), customer_name=name))

    assert [shown(each) for each in ("Amina Wanjiku", "Amina Grace Wanjiku", " Amina  Wanjiku ", None, "", " ")] == [
        "Amina W.",
        "Amina W.",
        "Amina W.",
        "CUST-1",
        "CUST-1",
        "CUST-1",
    ]
