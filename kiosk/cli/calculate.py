"""`calculate --plan PLAN.json < REQUEST.json`: one action in, the agent's response out. No network, no database."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from kiosk.cli import DONE, Actions, add_command, argument, print_json
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput, PlanInvalid
from kiosk.domain.language import ENGLISH, in_language, tr
from kiosk.domain.plan.service_plan import ServicePlan


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    add_command(
        commands,
        "calculate",
        run,
        tr("one action request in, the agent's response out"),
        argument("--plan", type=Path, required=True, metavar="PLAN.json", help=tr("the service plan with its template")),
        argument(
            "--last-reading",
            type=Path,
            metavar="READING.json",
            help=tr("the battery's last reading, as {address} answers it", address="GET .../telemetry/latest"),
        ),
        about=tr("Reads one action request from standard input and prints the agent's response. No network, no database."),
    )


def run(options: argparse.Namespace) -> int:
    """A business refusal is exit 0 with its signal."""
    from kiosk.domain.agent.agent_result import AgentContext
    from kiosk.domain.agent.service_agent import service_agent
    from kiosk.settings import load_settings
    from kiosk.wire.request_documents import read_request

    rules = load_settings().rules
    plan = read_plan_file(options.plan)
    request = read_request(sys.stdin.buffer.read())
    context = AgentContext(
        now=datetime.now(UTC),
        limits=rules.limits,
        collectable=rules.collectable,
        last_reading=read_reading_file(options.last_reading) if options.last_reading else None,
    )
    with in_language(ENGLISH):  # the response is what the platform would send
        print_json(service_agent(request, plan, context).response())
    return DONE


def read_reading_file(path: Path) -> KnownReading:
    """The platform's `latest`. Raises BadInput with file, key and reason."""
    from kiosk.wire.exact_json import loads
    from kiosk.wire.telemetry_documents import latest_of

    try:
        return latest_of(loads(path.read_bytes()))
    except OSError as error:
        raise BadInput(str(path), error.strerror or tr("it cannot be read")) from error
    except BadInput as error:
        raise BadInput(f"{path}, {error.where}", error.reason) from error


def read_plan_file(path: Path) -> ServicePlan:
    """A plan document. Raises BadInput with file, key and reason."""
    from kiosk.wire.plan_documents import read_plan

    try:
        return read_plan(path.read_bytes())
    except OSError as error:
        raise BadInput(str(path), error.strerror or tr("it cannot be read")) from error
    except PlanInvalid as error:
        raise BadInput(tr("{file}, key {key}", file=path, key=error.where) if error.where else str(path), error.reason) from error
