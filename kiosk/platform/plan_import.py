"""Plan documents from a folder into the platform (`platform serve --import DIR`).

New plans are added; a plan that is known already stays as it is, because the platform has booked on it since. The version of the template
that a plan has pinned is listed in the catalogue. A file that cannot be read, or that pins another content under a version that is known,
is named with its key and reason, and stops no other.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.domain.errors import BadInput, PlanInvalid
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.template_store import TemplateStore
from kiosk.platform.templates.shipped_templates import IMPORTED_BY, register
from kiosk.shared.system import Clock
from kiosk.wire.exact_json import MAX_BYTES
from kiosk.wire.plan_documents import read_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """Plan ids added and known before, and a BadInput for each file refused (`where` is file and key)."""

    added: tuple[str, ...]
    known: tuple[str, ...]
    refused: tuple[BadInput, ...]


def import_plans(store: PlatformStore, folder: Path, clock: Clock) -> ImportResult:
    """Every `*.json` of the folder, by name; each plan is stamped when it is stored, because the kiosks' sync goes by that.

    Raises BadInput when it is no folder, StoreFailed.
    """
    if not folder.is_dir():
        raise BadInput(str(folder), tr("is not a folder"))
    added: list[str] = []
    known: list[str] = []
    refused: list[BadInput] = []
    for path in sorted(folder.glob("*.json")):
        try:
            plan = read_plan_file(path)
            _list_template(store, plan, path, clock.now())
        except BadInput as error:
            refused.append(error)
            continue
        (added if store.insert_plan(plan, clock.now()) else known).append(plan.id)
    return ImportResult(added=tuple(added), known=tuple(known), refused=tuple(refused))


def _list_template(store: PlatformStore, plan: ServicePlan, path: Path, at: datetime) -> None:
    """A plan that is known already needs no listing: its pin is kept with it. Raises BadInput."""
    if store.plan(plan.id) is None and not register(TemplateStore(store), plan.template, at, IMPORTED_BY):
        pinned = f"{plan.template.version} of {plan.template.id}"
        raise BadInput(
            f"{path}: service_plan_template", tr("is not the {pinned} that is known here; a version never changes", pinned=pinned)
        )


def read_plan_file(path: Path) -> ServicePlan:
    """One plan. Raises BadInput with file, key and reason."""
    try:
        with path.open("rb") as file:
            return read_plan(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise BadInput(str(path), tr("cannot be read ({why})", why=error.strerror)) from error
    except PlanInvalid as error:
        raise BadInput(f"{path}: {error.where}", error.reason) from error
