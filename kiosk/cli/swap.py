"""`swap`: one swap from the terminal, through the same services as the window (kiosk.cli.swap_run).

For a counter whose screen broke, and for scripted acceptance. Prints the agent's result as `calculate` does, with `"settled"`. What is
not answered in time is the outbox's, in a later run of the kiosk or by `outbox retry`.
"""

import argparse

from kiosk.cli import Actions, add_command, argument, json_option, seconds
from kiosk.cli.acting import as_options, supervisor_pin_option
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.money.amounts import is_amount


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    wait = tr("how long to wait for the platform's answer ({default})", default=20)
    supervisor = tr("who lets a battery come back with more than it went out with, or lets readings in doubt stand; needs --reason")
    add_command(
        commands,
        "swap",
        run,
        tr("one swap from the terminal"),
        argument("--customer", required=True, metavar="CODE", help=tr("the customer's code")),
        argument("--returned", metavar="ID", help=tr("the battery that comes back; not on a first visit")),
        argument("--supervisor", metavar="ID", help=supervisor),
        argument("--reason", metavar="TEXT", help=tr("why the supervisor lets it")),
        argument("--outgoing", required=True, metavar="ID", help=tr("the battery to issue")),
        argument("--payment-amount", type=_amount, metavar="A", help=tr("what was paid, in the plan's currency")),
        argument("--payment-receipt-id", metavar="R", help=tr("the id on the payment's receipt; for cash a note")),
        argument("--payment-method", metavar="M", help=tr("how it was paid, e.g. {example}", example="MOBILE_MONEY")),
        argument("--wait", type=seconds, default=20.0, metavar="SECONDS", help=wait),
        *as_options(),
        supervisor_pin_option(),
        json_option(),
        about=tr(
            "Does one swap without the window and prints the agent's result. A swap that the platform does not answer in time is sent "
            "again by the kiosk, or by {command}.",
            command="outbox retry",
        ),
    )


def _amount(text: str) -> str:
    """What can be an amount; which one is known with the plan's currency."""
    if not is_amount(text):
        raise argparse.ArgumentTypeError(tr("{text} is not an amount", text=text))
    return text


def _in_cash(options: argparse.Namespace) -> bool:
    """Cash needs no receipt id: the kiosk numbers it."""
    from kiosk.domain.money.cash import is_cash

    return options.payment_method is not None and is_cash(options.payment_method)


def run(options: argparse.Namespace) -> int:
    """Exit 0 when the swap is stored and not refused, settled or not; 1 when it was refused, here or by the platform."""
    import asyncio

    needed = (options.payment_amount, options.payment_method, *(() if _in_cash(options) else (options.payment_receipt_id,)))
    if len({each is None for each in needed}) > 1:
        raise BadInput("--payment-amount, --payment-receipt-id, --payment-method", tr("go together"))
    if (options.supervisor is None) != (options.reason is None):
        raise BadInput("--supervisor, --reason", tr("go together"))
    from kiosk.cli.swap_run import SwapRun

    return asyncio.run(SwapRun(options).swap())
