"""`platform privacy export CUSTOMER`, `platform privacy erase CUSTOMER`: what the platform keeps of a customer."""

import argparse
from contextlib import closing

from kiosk.cli import DONE, Actions, add_group, database_option, print_json, print_message
from kiosk.cli.privacy import add_actions, write
from kiosk.domain.language import tr


def add_to(actions: Actions) -> None:
    """The commands' arguments, below `platform`."""
    about = tr("What the platform keeps of a customer: told, or erased. The money's record stays, under a pseudonym.")
    add_actions(add_group(actions, "privacy", tr("what is kept of a customer"), about), export, erase, database_option())


def export(options: argparse.Namespace) -> int:
    """One JSON document. Raises BadInput, NotFound, StoreFailed."""
    from kiosk.platform.store.customer_records import PlatformCustomers
    from kiosk.platform.store.repository import open_existing

    with closing(open_existing(options.database)) as store:
        write(PlatformCustomers(store).export(options.customer), options.out)
    return DONE


def erase(options: argparse.Namespace) -> int:
    """Refused while something of the customer waits. Raises BadInput, NotFound, StepImpossible, StoreFailed."""
    from secrets import token_hex

    from kiosk.platform.store.customer_records import PlatformCustomers
    from kiosk.platform.store.repository import open_existing
    from kiosk.shared.system import SystemClock

    with closing(open_existing(options.database)) as store:
        erased = PlatformCustomers(store).erase(options.customer, token_hex(6), SystemClock().now())
        store.scrub()
    for each in erased.named_by:
        print_message(
            tr(
                "The id of the plan {plan_id} holds the customer's. It stays: a station may have a swap for it that was not sent yet.",
                plan_id=each,
            )
        )
    print_json({"customer_id": options.customer, "plans": len(erased.plan_ids), "rows": erased.rows})
    return DONE
