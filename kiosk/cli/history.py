"""`history`: swaps completed here, newest first."""

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, Actions, add_json_option, at_least_one, print_json
from kiosk.cli.opened_store import opened_store
from kiosk.domain.decimals import plain
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc
from kiosk.station.services.open_completions import History

if TYPE_CHECKING:
    from kiosk.station.ports import CompletedSwap

_STATES = {"resolved": "refused"}


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    parser = commands.add_parser(
        "history", help=tr("swaps completed here"), description=tr("Lists the swaps completed on this kiosk, newest first.")
    )
    add_json_option(parser)
    parser.add_argument("--limit", type=at_least_one, default=1000, metavar="N", help=tr("at most this many ({default})", default=1000))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the history."""
    with opened_store() as store:
        swaps = asyncio.run(History(store).completed(options.limit))
    if options.json:
        print_json([as_json(each) for each in swaps])
    else:
        for each in swaps:
            print(_line(each))
    return DONE


def as_json(completed: "CompletedSwap") -> dict[str, Any]:
    """One swap, with the contract's keys."""
    swap = completed.swap
    return {
        "correlation_id": swap.correlation_id,
        "plan_id": swap.plan.id,
        "incoming_battery_id": swap.incoming.battery_id if swap.incoming else None,
        "outgoing_battery_id": swap.outgoing.battery_id if swap.outgoing else None,
        "net_kwh": swap.net_kwh,
        "state": _STATES.get(completed.state.value, completed.state.value),
        "transaction_timestamp": iso_utc(swap.completed_at) if swap.completed_at else None,
    }


def _line(completed: "CompletedSwap") -> str:
    facts = as_json(completed)
    net = "" if facts["net_kwh"] is None else f"{plain(facts['net_kwh'])} kWh"
    returned = facts["incoming_battery_id"] or tr("first visit")
    return (
        f"{facts['transaction_timestamp']}  {facts['correlation_id']}  {facts['plan_id']}  "
        f"{returned} → {facts['outgoing_battery_id']}  {net}  {facts['state']}"
    )
