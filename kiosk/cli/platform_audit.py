"""`platform audit verify`, `export`, `forks`: the record of people's acts at the platform, and stations whose record was changed."""

import argparse
import getpass
from contextlib import closing
from pathlib import Path

from kiosk.cli import (
    DONE,
    FAILED,
    Actions,
    add_command,
    add_group,
    argument,
    at_least_one,
    database_option,
    json_option,
    print_json,
    print_message,
    print_rows,
)
from kiosk.cli.audit import target
from kiosk.cli.open_items import note_of
from kiosk.cli.platform_store import existing_store
from kiosk.domain.language import tr, tr_count


def add_to(actions: Actions) -> None:
    """The commands' arguments, below `platform`."""
    group = add_group(
        actions,
        "audit",
        tr("the record of people's acts here, and of the stations' records"),
        tr(
            "The record of what people do at the platform: a chain of rows, as each counter has one; and counters whose record was changed."
        ),
    )
    about = tr("Looks at each row; ends with 1 where one was changed, is missing or is cut off.")
    add_command(group, "verify", verify, tr("whether the record is whole"), database_option(), json_option(), about=about)
    out = argument("--out", type=Path, metavar="FILE", help=tr("write there instead of to the terminal"))
    add_command(group, "export", export, tr("the rows as JSON lines, which other programs can check"), database_option(), out)
    add_command(
        group,
        "forks",
        forks,
        tr("counters whose record is not the one it was"),
        database_option(),
        argument("--settle", type=at_least_one, metavar="NUMBER", help=tr("acknowledge this one; needs --note")),
        argument("--note", metavar="TEXT", help=tr("why it is so, e.g. {example}", example=tr("the backup of Monday was restored"))),
        argument("--by", metavar="ID", help=tr("who acknowledges it (the user)")),
        json_option(),
        about=tr("Lists counters whose record ends before what was known of it, or goes on otherwise, newest first; or acknowledges one."),
    )


def verify(options: argparse.Namespace) -> int:
    """Exit 1 where anything is found."""
    from kiosk.platform.store.station_records import PlatformRecord

    with closing(existing_store(options.database)) as store:
        checked = PlatformRecord(store).check()
    if options.json:
        found = [
            {"fault": each.fault.value, "first": each.first, "last": each.last, "sentence": each.sentence} for each in checked.findings
        ]
        facts = {"ok": not found, "rows": checked.rows, "head": checked.last.text or None, "anchored": checked.anchored, "findings": found}
        print_json(facts)
    else:
        for each in checked.findings:
            print(each.sentence)
        if not checked.findings:
            print(tr_count("{count} row is as it was written.", "{count} rows are as they were written.", checked.rows))
    return FAILED if checked.findings else DONE


def export(options: argparse.Namespace) -> int:
    """One line a row; nothing of what was said."""
    from kiosk.platform.store.station_records import PlatformRecord
    from kiosk.shared.record_chain import exported

    with closing(existing_store(options.database)) as store, target(options.out) as write:
        for row in PlatformRecord(store).rows():
            write(exported(row))
    return DONE


def forks(options: argparse.Namespace) -> int:
    """The list, or one acknowledged. Raises BadInput, NotFound, StoreFailed."""
    from kiosk.platform.store.station_records import RecordForks
    from kiosk.shared.system import SystemClock

    note = note_of(options)
    with closing(existing_store(options.database)) as store:
        if options.settle is None:
            print_rows([each.as_json() for each in RecordForks(store).all_open()], as_json=options.json)
        else:
            RecordForks(store).settle(options.settle, note, SystemClock().now(), options.by or getpass.getuser())
            print_message(tr("Settled: {note}", note=note))
    return DONE
