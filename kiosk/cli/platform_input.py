"""`platform input`: what a person does to a plan's states: the contract is signed, the deposit paid, so that a new plan may swap."""

import argparse
import getpass
from contextlib import closing

from kiosk.cli import DONE, Actions, add_command, argument, database_option, print_json
from kiosk.cli.platform_store import existing_store
from kiosk.domain.language import tr


def add_to(actions: Actions) -> None:
    """The command's arguments, below `platform`."""
    add_command(
        actions,
        "input",
        run,
        tr("give inputs to a plan's state machines"),
        database_option(),
        argument(
            "--payment",
            action="append",
            default=[],
            metavar="INPUT",
            help=tr("for the payment cycle, e.g. {examples}; in this order", examples="CONTRACT_SIGNED, DEPOSIT_PAID"),
        ),
        argument(
            "--service",
            action="append",
            default=[],
            metavar="INPUT",
            help=tr("for the service cycle, e.g. {examples}", examples="BATTERY_LOST"),
        ),
        argument("--by", metavar="NAME", help=tr("who does it, for the history (the user)")),
        argument("plan", metavar="PLAN", help=tr("the plan's id")),
        about=tr("Gives inputs to a plan's state machines: the contract is signed, the deposit is paid, so that a new plan may swap."),
    )


def run(options: argparse.Namespace) -> int:
    """All inputs or none; prints the states after them. Exit 1 when one is not taken in the plan's state."""
    from ulid import ULID

    from kiosk.domain.errors import BadInput
    from kiosk.domain.plan.fsm import FsmInput
    from kiosk.platform.store.plan_changes import PlanInput, apply_inputs
    from kiosk.shared.system import SystemClock

    given = (("payment_cycle", options.payment), ("service_cycle", options.service))
    inputs = tuple(FsmInput(cycle=cycle, input=each) for cycle, names in given for each in names)
    if not inputs:
        raise BadInput("--payment, --service", tr("name no input"))
    by = options.by or getpass.getuser()
    with closing(existing_store(options.database)) as store:
        plan = apply_inputs(store, PlanInput(id=f"INPUT-{ULID()}", plan_id=options.plan, inputs=inputs, by=by, at=SystemClock().now()))
    print_json({"plan_id": plan.id, "service_state": plan.service_state, "payment_state": plan.payment_state})
    return DONE
