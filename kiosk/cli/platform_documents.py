"""`platform documents`: terms, state machines and agent configurations that templates name by their ids."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any

from kiosk.cli import DONE, Actions, add_command, argument, database_option
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr

_KINDS = ("contract_terms", "service_cycle_fsm", "payment_cycle_fsm", "agent_config")


def add_to(actions: Actions) -> None:
    """The command's arguments, below `platform`."""
    add_command(
        actions,
        "documents",
        run,
        tr("add documents that templates name by their ids"),
        database_option(),
        argument("--kind", required=True, choices=_KINDS, help=tr("what they are: {kinds}", kinds=", ".join(_KINDS)), metavar="KIND"),
        argument("files", nargs="+", type=Path, metavar="FILE", help=tr("a JSON object with its id under the key id")),
        about=tr("Adds contract terms, state machines and agent configurations, which templates name by their ids."),
    )


def run(options: argparse.Namespace) -> int:
    """Every file is read before the first is added; prints the ids. A document that is there already stays as it is."""
    from kiosk.platform.store.repository import open_existing
    from kiosk.platform.store.store_values import DocumentKind, NamedDocument
    from kiosk.platform.templates.template_service import open_templates
    from kiosk.shared.system import SystemClock

    contents = {path: _read(path) for path in options.files}
    with closing(open_existing(options.database)) as store:
        templates = open_templates(store, SystemClock())
        for path, content in contents.items():
            try:
                templates.add_document(NamedDocument(kind=DocumentKind(options.kind), id=content["id"], content=content))
            except BadInput as error:
                raise BadInput(tr("{file}, key {key}", file=path, key=error.where), error.reason) from error
            print(content["id"])
    return DONE


def _read(path: Path) -> dict[str, Any]:
    from kiosk.wire.exact_json import loads

    try:
        content = loads(path.read_bytes())
    except OSError as error:
        raise BadInput(str(path), error.strerror or tr("it cannot be read")) from error
    except BadInput as error:
        raise BadInput(str(path), error.reason) from error
    if not isinstance(content, dict) or not isinstance(content.get("id"), str):
        raise BadInput(str(path), tr("is no object with an id"))
    return content
