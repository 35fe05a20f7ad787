"""Plan documents from a folder into the platform (`platform serve --import DIR`).

New plans are added; a plan that is known already stays as it is, because the platform has booked on it since. A file that cannot be read
is named with its key and reason, and stops no other.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.adapters.wire.exact_json import MOST_BYTES
from kiosk.adapters.wire.plans import read_plan
from kiosk.domain.errors import BadInput, PlanInvalid
from kiosk.domain.plan import ServicePlan
from kiosk.platform.store.memory import PlatformStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Plan ids added and known before, and a BadInput for each file refused (`where` is file and key)."""

    added: tuple[str, ...]
    known: tuple[str, ...]
    refused: tuple[BadInput, ...]


def import_plans(store: PlatformStore, folder: Path, at: datetime) -> Imported:
    """Every `*.json` of the folder, by name. Raises BadInput when it is no folder, StoreFailed."""
    if not folder.is_dir():
        raise BadInput(str(folder), "is not a folder")
    added: list[str] = []
    known: list[str] = []
    refused: list[BadInput] = []
    for path in sorted(folder.glob("*.json")):
        try:
            plan = read_plan_file(path)
        except BadInput as error:
            refused.append(error)
            continue
        (added if store.insert_plan(plan, at) else known).append(plan.id)
    return Imported(added=tuple(added), known=tuple(known), refused=tuple(refused))


def read_plan_file(path: Path) -> ServicePlan:
    """One plan. Raises BadInput with file, key and reason."""
    try:
        with path.open("rb") as file:
            return read_plan(file.read(MOST_BYTES + 1))
    except OSError as error:
        raise BadInput(str(path), f"cannot be read ({error.strerror})") from error
    except PlanInvalid as error:
        raise BadInput(f"{path}: {error.where}", error.reason) from error
