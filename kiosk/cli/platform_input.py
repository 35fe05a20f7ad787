"""`platform input`: what a person does to a plan's states: the contract is signed, the deposit paid, so that a new plan may swap."""

import argparse
import getpass

from kiosk.cli import DONE, print_json

_EXAMPLES = "e.g. CONTRACT_SIGNED, DEPOSIT_PAID"


def add_to(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser("input", help="give inputs to a plan's state machines", description=__doc__)
    parser.add_argument("--database", required=True, metavar="URL", help="an SQLAlchemy URL, e.g. sqlite:///platform.sqlite")
    parser.add_argument(
        "--payment", action="append", default=[], metavar="INPUT", help=f"for the payment cycle, {_EXAMPLES}; in this order"
    )
    parser.add_argument("--service", action="append", default=[], metavar="INPUT", help="for the service cycle, e.g. BATTERY_LOST")
    parser.add_argument("--by", metavar="NAME", help="who does it, for the history (the user)")
    parser.add_argument("plan", metavar="PLAN", help="the plan's id")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """All inputs or none; prints the states after them. Exit 1 when one is not taken in the plan's state."""
    from ulid import ULID

    from kiosk.domain.errors import BadInput
    from kiosk.domain.plan.fsm import FsmInput
    from kiosk.platform.store.plan_inputs import Given, give_inputs
    from kiosk.platform.store.repository import open_existing
    from kiosk.shared.system import SystemClock

    payment = [FsmInput(cycle="payment_cycle", input=each) for each in options.payment]
    service = [FsmInput(cycle="service_cycle", input=each) for each in options.service]
    if not payment and not service:
        raise BadInput("--payment, --service", "name no input")
    store = open_existing(options.database)
    try:
        by = options.by or getpass.getuser()
        inputs = (*payment, *service)
        plan = give_inputs(store, Given(id=f"INPUT-{ULID()}", plan_id=options.plan, inputs=inputs, by=by, at=SystemClock().now()))
    finally:
        store.close()
    print_json({"plan_id": plan.id, "service_state": plan.service_state, "payment_state": plan.payment_state})
    return DONE
