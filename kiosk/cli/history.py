"""`history`: swaps completed here, newest first."""

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, Actions, add_command, argument, at_least_one, json_option, opened_store, print_rows
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc
from kiosk.domain.written import write_kwh
from kiosk.station.services.open_completions import History

if TYPE_CHECKING:
    from kiosk.station.ports import CompletedSwap

_STATES = {"resolved": "refused"}


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    add_command(
        commands,
        "history",
        run,
        tr("swaps completed here"),
        json_option(),
        argument("--limit", type=at_least_one, default=1000, metavar="N", help=tr("at most this many ({default})", default=1000)),
        about=tr("Lists the swaps completed on this kiosk, newest first."),
    )


def run(options: argparse.Namespace) -> int:
    """Print the history."""
    with opened_store() as store:
        swaps = asyncio.run(History(store).completed(options.limit))
    print_rows([_facts(each) for each in swaps], as_json=options.json, line=_line)
    return DONE


def _facts(completed: "CompletedSwap") -> dict[str, Any]:
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


def _line(facts: dict[str, Any]) -> str:
    net = "" if facts["net_kwh"] is None else f"{write_kwh(facts['net_kwh'])} kWh"
    return (
        f"{facts['transaction_timestamp']}  {facts['correlation_id']}  {facts['plan_id']}  "
        f"{facts['incoming_battery_id'] or tr('first visit')} → {facts['outgoing_battery_id']}  {net}  {facts['state']}"
    )
