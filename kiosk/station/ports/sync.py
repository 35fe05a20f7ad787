"""Ports of the sync of plans; the rules of `ports` apply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kiosk.domain.plan.service_plan import ServicePlan, ToldPlans
from kiosk.domain.swap.receipt import ReceiptText


class ReceiptMaker(Protocol):
    """The text of a receipt to PDF."""

    async def make(self, text: ReceiptText) -> bytes:
        """The PDF, one page exactly as long as its content."""


class ReceiptArchive(Protocol):
    """Receipts on disk."""

    def keep(self, name: str, pdf: bytes) -> Path:
        """Write a receipt under this name, whole or not at all. Raises StoreFailed."""


class Printer(Protocol):
    """PDF to paper."""

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        """Returns when the job is accepted. Raises PrinterUnavailable within its own deadline."""

    async def check(self) -> bool:
        """True when it could print now, False when that is not known. Raises PrinterUnavailable, PrinterMissing where none is set up."""


class PlanFeed(Protocol):
    """The station's plans at the platform: those last served there, and the new ones served nowhere yet."""

    async def changes(self, since: str) -> ToldPlans:
        """What changed since a cursor; everything since "".

        Raises LinkDown, NotFound where the platform gives no plans, BadInput where it does not understand the question; where that is the
        cursor, `where` is "cursor".
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlace:
    """How far a station's sync has come: `cursor` "" before the first page; `fresh_at` is when the last round over everything began."""

    cursor: str
    fresh_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far this kiosk had come when it asked: the number of the last completion stored here, and by plan those that the platform had not
    booked as far as is known here.
    """

    last: int
    not_booked: Mapping[str, frozenset[int]]


class SyncStore(Protocol):
    """The plan cache as the sync sees it. Each method is one transaction; each raises StoreFailed."""

    def sync_place(self, station_id: str) -> SyncPlace | None:
        """Where to go on; None when it was never begun."""

    def progress(self, plan_id: str | None = None) -> Progress:
        """How far this kiosk has come now; `not_booked` of that plan alone where one is named."""

    def put_told(
        self, plans: Sequence[ServicePlan], asked: Progress, asked_at: datetime, now: datetime, station_id: str, place: SyncPlace
    ) -> tuple[str, ...]:
        """A page and its cursor, all or nothing. The plans are as of `asked_at`: a plan that came since stays as it is. Ids of the
        plans that were stored."""

    def forget_plans(self, before: datetime) -> int:
        """Plans that last came before that time and with nothing pending are forgotten; how many."""
