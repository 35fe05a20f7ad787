"""`platform input`: what a person does to a plan's states: the contract is signed, the deposit paid, so that a new plan may swap."""

import argparse
import getpass

from kiosk.cli import DONE, Actions, add_database_option, print_json
from kiosk.domain.language import tr


def add_to(actions: Actions) -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser(
        "input",
        help=tr("give inputs to a plan's state machines"),
        description=tr(
            "Gives inputs to a plan's state machines: the contract is signed, the deposit is paid, so that a new plan may swap."
        ),
    )
    add_database_option(parser)
    parser.add_argument(
        "--payment",
        action="append",
        default=[],
        metavar="INPUT",
        help=tr("for the payment cycle, e.g. {examples}; in this order", examples="CONTRACT_SIGNED, DEPOSIT_PAID"),
    )
    parser.add_argument(
        "--service",
        action="append",
        default=[],
        metavar="INPUT",
        help=tr("for the service cycle, e.g. {examples}", examples="BATTERY_LOST"),
    )
    parser.add_argument("--by", metavar="NAME", help=tr("who does it, for the history (the user)"))
    parser.add_argument("plan", metavar="PLAN", help=tr("the plan's id"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """All inputs or none; prints the states after them. Exit 1 when one is not taken in the plan's state."""
    from ulid import ULID

    from kiosk.domain.errors import BadInput
    from kiosk.domain.plan.fsm import FsmInput
    from kiosk.platform.store.plan_changes import PlanInput, apply_inputs
    from kiosk.platform.store.repository import open_existing
    from kiosk.shared.system import SystemClock

    payment = [FsmInput(cycle="payment_cycle", input=each) for each in options.payment]
    service = [FsmInput(cycle="service_cycle", input=each) for each in options.service]
    if not payment and not service:
        raise BadInput("--payment, --service", tr("name no input"))
    store = open_existing(options.database)
    try:
        by = options.by or getpass.getuser()
        inputs = (*payment, *service)
        plan = apply_inputs(store, PlanInput(id=f"INPUT-{ULID()}", plan_id=options.plan, inputs=inputs, by=by, at=SystemClock().now()))
    finally:
        store.close()
    print_json({"plan_id": plan.id, "service_state": plan.service_state, "payment_state": plan.payment_state})
    return DONE
