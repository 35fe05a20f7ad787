"""`money list`, `money paid`, `money back ID`: the numbered acts with money of this station (decisions 31, 38)."""

import argparse
import asyncio
from typing import Any

from kiosk.cli import DONE, Actions, add_command, add_group, argument, json_option, opened_store, print_json, print_rows
from kiosk.cli.acting import as_options, sign_in, supervisor_pin, supervisor_pin_option
from kiosk.domain.errors import NotFound
from kiosk.domain.language import tr
from kiosk.domain.money.cash import WAYS_BACK, MoneyAct, MoneyEntry
from kiosk.domain.times import iso_utc
from kiosk.domain.written import format_money

_LIMIT = 1000
_WAYS = {"cash": MoneyAct.REFUNDED, "credit": MoneyAct.CREDITED, "desk": MoneyAct.AT_DESK}


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    actions = add_group(
        commands,
        "money",
        tr("cash received, and money that goes back"),
        tr("The acts with money at this station, each with its number, and payments of swaps that nobody completed."),
    )
    add_command(actions, "list", list_acts, tr("the acts with money, newest first"), json_option())
    add_command(actions, "paid", list_paid, tr("swaps that were paid for and not completed"), json_option())
    add_command(
        actions,
        "back",
        back,
        tr("money goes back, approved by a supervisor"),
        argument("id", metavar="ID", help=tr("the correlation id of a swap that was paid for and not completed")),
        argument("--way", required=True, choices=sorted(_WAYS), help=tr("the drawer, the plan's credit, or the platform's desk")),
        argument("--supervisor", required=True, metavar="ID", help=tr("who approves it")),
        argument("--reason", required=True, metavar="TEXT", help=tr("why")),
        *as_options(),
        supervisor_pin_option(),
        json_option(),
    )


def list_acts(options: argparse.Namespace) -> int:
    """Newest first."""
    with opened_store() as store:
        print_rows([_facts(each) for each in store.money_book(_LIMIT)], as_json=options.json, line=_line)
    return DONE


def list_paid(options: argparse.Namespace) -> int:
    """Newest first."""
    with opened_store() as store:
        paid = [each.swap for each in store.kept_swaps() if each.swap.payments]
    rows = [
        {
            "correlation_id": swap.correlation_id,
            "plan_id": swap.plan.id,
            "amount": swap.amount_paid,
            "currency": swap.payments[-1].currency,
            "receipts": [each.receipt_id for each in swap.payments],
        }
        for swap in paid
    ]
    print_rows(rows, as_json=options.json)
    return DONE


def back(options: argparse.Namespace) -> int:
    """Exit 0 when it is recorded."""
    entry = asyncio.run(_give_back(options))
    facts = _facts(entry)
    if options.json:
        print_json(facts)
    else:
        print(_line(facts))
    return DONE


async def _give_back(options: argparse.Namespace) -> MoneyEntry:
    from kiosk.bootstrap import build_kiosk
    from kiosk.settings import load_settings

    kiosk = build_kiosk(load_settings(), lambda _event: None)
    try:
        await kiosk.start()
        await kiosk.link.wait_until_tried()
        await sign_in(kiosk.people, options)
        for kept in await kiosk.money_back.paid():
            if kept.swap.correlation_id == options.id:
                pin = supervisor_pin(kiosk.people, options)
                entry = await kiosk.money_back.give_back(kept.swap, _WAYS[options.way], options.supervisor, options.reason, pin)
                await kiosk.money_back.tell_desk()
                return entry
        raise NotFound("paid swap", options.id)
    finally:
        await kiosk.stop()


def _facts(entry: MoneyEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "act": entry.act.value,
        "at": iso_utc(entry.at),
        "amount": entry.amount,
        "currency": entry.currency,
        "given": entry.given,
        "correlation_id": entry.correlation_id,
        "about": entry.about,
        "approved_by": entry.approved_by,
        "note": entry.note,
    }


def _line(facts: dict[str, Any]) -> str:
    act = MoneyAct(facts["act"])
    words = {MoneyAct.RECEIVED: tr("cash received"), MoneyAct.CANCELLED: tr("cash receipt cancelled")}.get(act) or tr(WAYS_BACK[act])
    amount = format_money(facts["amount"], facts["currency"]).replace("\N{NO-BREAK SPACE}", " ")
    parts = (facts["number"], facts["at"], words, amount, facts["about"], facts["approved_by"], facts["note"])
    return "  ".join(each for each in parts if each)
