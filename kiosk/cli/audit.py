"""`audit verify`, `audit export`, `audit acknowledge`: the record of this counter (decision 37)."""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, FAILED, Actions, add_command, add_group, argument, json_option, opened_store, print_json, print_message
from kiosk.domain.errors import BadInput
from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc

if TYPE_CHECKING:
    from kiosk.station.services.record import Record, RecordVerdict


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    actions = add_group(
        commands,
        "audit",
        tr("the record of what was done at this counter"),
        tr("The record: a chain of rows, one for each act of a person or a machine. No row can be changed or taken out unseen."),
    )
    about = tr("Looks at each row and each message; ends with 1 where one was changed, is missing or is cut off.")
    add_command(actions, "verify", verify, tr("whether the record is whole"), json_option(), about=about)
    add_command(
        actions,
        "export",
        export,
        tr("the rows as JSON lines, which other programs can check"),
        argument("--out", type=Path, metavar="FILE", help=tr("write there instead of to the terminal")),
    )
    add_command(
        actions,
        "acknowledge",
        acknowledge,
        tr("a person knows of what was found, and why it is so"),
        argument("--by", required=True, metavar="ID", help=tr("who acknowledges it")),
        argument(
            "--reason", required=True, metavar="TEXT", help=tr("why, e.g. {example}", example=tr("the backup of Monday was restored"))
        ),
        json_option(),
        about=tr("Records that a person knows of what `audit verify` finds now, as after a restore. What was found stays listed."),
    )


@contextmanager
def _record() -> "Iterator[Record]":
    """Raises BadInput for a key that cannot be used: a person who asks learns the mend, where a counter works on without a seal."""
    from kiosk.bootstrap import record_of, station_key_of
    from kiosk.settings import load_settings
    from kiosk.shared.system import SystemClock

    settings = load_settings()
    with opened_store() as store:
        station_key_of(settings)
        yield record_of(settings, store, SystemClock())


def verify(options: argparse.Namespace) -> int:
    """Exit 1 where anything is found, acknowledged or not."""
    with _record() as record:
        verdict = asyncio.run(record.verify())
    return _say(verdict, as_json=options.json)


def acknowledge(options: argparse.Namespace) -> int:
    """Exit 0 when it is recorded."""
    with _record() as record:
        verdict = asyncio.run(record.accept(options.by, options.reason))
    _say(verdict, as_json=options.json)
    return DONE


def _say(verdict: "RecordVerdict", *, as_json: bool) -> int:
    if as_json:
        print_json(_facts(verdict))
    else:
        for each in verdict.findings:
            print(each.sentence)
        if verdict.acknowledged:
            by = verdict.acknowledged
            print(tr("Acknowledged by {who} on {day}.", who=by.who, day=f"{by.at:%Y-%m-%d}"))
        print(verdict.anchor_words if verdict.findings else verdict.words)
    return DONE if verdict.whole else FAILED


def _facts(verdict: "RecordVerdict") -> dict[str, Any]:
    checked, by = verdict.checked, verdict.acknowledged
    return {
        "ok": verdict.whole,
        "rows": checked.rows,
        "head": checked.head.text or None,
        "anchored": checked.anchored,
        "anchor": "anchored" if checked.anchored else "not anchored",
        "platform_has": verdict.told.text if verdict.told else None,
        "texts_erased": checked.erased,
        "findings": [
            {
                "fault": each.fault.value,
                "first": each.first or None,
                "last": each.last or None,
                "about": each.about or None,
                "sentence": each.sentence,
            }
            for each in verdict.findings
        ],
        "acknowledged": None if by is None else {"row": by.number, "who": by.who, "at": iso_utc(by.at)},
    }


def export(options: argparse.Namespace) -> int:
    """One line a row; nothing of what was said, so nothing about a customer."""
    from kiosk.shared.record_chain import exported

    count = 0
    with _record() as record, target(options.out) as write:
        for row in record.rows():
            write(exported(row))
            count += 1
    if options.out:
        print_message(tr("{count} rows were written to {file}.", count=count, file=options.out))
    return DONE


@contextmanager
def target(file: Path | None) -> "Iterator[Any]":
    """What writes into the file, or to standard output. Raises BadInput for a file that cannot be written."""
    if file is None:
        yield sys.stdout.write
        return
    try:
        with closing(file.open("w", encoding="utf-8", newline="\n")) as out:
            yield out.write
    except OSError as error:
        raise BadInput(str(file), tr("cannot be written ({reason})", reason=fault_phrase(error))) from error
