"""`privacy export CUSTOMER`, `privacy erase CUSTOMER`: what this counter keeps of a customer."""

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, Actions, Argument, add_command, add_group, argument, opened_store, print_json, print_message
from kiosk.domain.errors import BadInput
from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import tr

if TYPE_CHECKING:
    from kiosk.settings import Settings

LOGS = "kiosk.log*"


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    about = tr("What this counter keeps of a customer: told, or erased. The money's record stays, under a pseudonym.")
    add_actions(add_group(commands, "privacy", tr("what is kept of a customer"), about), export, erase)


def add_actions(actions: Actions, run_export: Any, run_erase: Any, *more: Argument) -> None:  # noqa: ANN401  functions that run a command
    """`export` and `erase`, the same at both ends."""
    customer = argument("customer", metavar="CUSTOMER", help=tr("the customer's id"))
    out = argument("--out", type=Path, metavar="FILE", help=tr("where to write it, for its owner alone (standard output)"))
    add_command(actions, "export", run_export, tr("all that is kept of a customer, as one JSON document"), customer, out, *more)
    add_command(
        actions,
        "erase",
        run_erase,
        tr("put a pseudonym in the customer's place; erase at the platform first, it sends plans anew"),
        customer,
        *more,
    )


def export(options: argparse.Namespace) -> int:
    """One JSON document. Raises NotFound."""
    from kiosk.bootstrap import archive_of
    from kiosk.settings import load_settings
    from kiosk.shared.system import SystemClock
    from kiosk.station.services.privacy import Customers

    with opened_store() as store:
        write(Customers(store, archive_of(load_settings()), SystemClock()).export(options.customer), options.out)
    return DONE


def erase(options: argparse.Namespace) -> int:
    """Refused while the kiosk is open, which knows its customers, and while a swap waits. Raises NotFound, StoreInUse, StepImpossible."""
    from kiosk.bootstrap import archive_of
    from kiosk.settings import load_settings
    from kiosk.shared.system import SystemClock
    from kiosk.station.adapters.store.instance_lock import InstanceLock
    from kiosk.station.services.privacy import Customers

    settings = load_settings()
    with ExitStack() as stack:
        stack.enter_context(InstanceLock(settings.data))
        store = stack.enter_context(opened_store())
        found = Customers(store, archive_of(settings), SystemClock()).erase(options.customer)
        _clean_logs(settings, options.customer, found.names)
    print_json({"customer_id": options.customer, "plans": len(found.plan_ids), "swaps": len(found.swaps)})
    return DONE


def write(document: dict[str, Any], out: Path | None) -> None:
    """To standard output, or into a file that only its owner reads. Raises BadInput."""
    from kiosk.shared.durable_files import replace_whole
    from kiosk.wire.exact_json import dumps

    if out is None:
        print_json(document)
        return
    try:
        replace_whole(out, dumps(document))
    except OSError as error:
        raise BadInput(str(out), fault_phrase(error)) from error
    print_message(str(out))


def _clean_logs(settings: "Settings", customer_id: str, names: tuple[str, ...]) -> None:
    """Older releases wrote what was typed at the counter. Raises BadInput."""
    from kiosk.shared.durable_files import replace_whole
    from kiosk.wire.pseudonyms import pseudonym_of

    pseudonym = pseudonym_of(customer_id, names, "customer")
    for file in sorted((settings.data / "logs").glob(LOGS)):
        try:
            before = file.read_text(encoding="utf-8", errors="replace")
            after = pseudonym.in_words(before)
            if after != before:
                replace_whole(file, after.encode())
        except OSError as error:
            raise BadInput(str(file), fault_phrase(error)) from error
