"""Stops by templates, the store, the printer, the link, or by what was asked for."""

from dataclasses import dataclass

from kiosk.domain.errors.kiosk_error import KioskError


class TemplateError(KioskError):
    """A template stops what is asked of it."""


@dataclass(eq=False)
class TemplateInactive(TemplateError):
    """It starts no new plan and gets no new version (decision 23)."""

    template_id: str
    status: str


@dataclass(eq=False)
class RefinementRefused(TemplateError):
    """The new version would break running contracts; `reasons` are phrases, all of them (decision 23)."""

    template_id: str
    version: str
    reasons: tuple[str, ...]


class StoreError(KioskError):
    """The disk or the database."""


@dataclass(eq=False)
class StoreFailed(StoreError):
    """This write did not happen: disk full, read-only, damaged. Nothing is recorded. `repair` is a sentence, where the cause is known."""

    reason: str
    repair: str = ""


@dataclass(eq=False)
class DataUnusable(StoreFailed):
    """The kiosk cannot open its data, so it does not start. No swap is concerned."""


@dataclass(eq=False)
class PanelTooSmall(KioskError):
    """The pages have no room on the panel, so the kiosk does not start. `panel` says what it is, in words."""

    panel: str


@dataclass(eq=False)
class StoreInUse(StoreError):
    """Another kiosk runs on the data in `folder`."""

    folder: str


@dataclass(eq=False)
class PrinterUnavailable(KioskError):
    """The receipt waits; the swap stands. `reason` is a phrase such as "paper out"; where more is known, `repair` is a sentence and `short`
    the words for the status line."""

    reason: str
    repair: str = ""
    short: str = ""


@dataclass(eq=False)
class PrinterMissing(PrinterUnavailable):
    """No printer is set up here, so none can fail."""


@dataclass(eq=False)
class LinkDown(KioskError):
    """The platform cannot be reached now; `reason` is the broker's or the network's."""

    reason: str


@dataclass(eq=False)
class Forbidden(LinkDown):
    """The link is up, and the broker's access list forbids what the kiosk needs of it; `topic` is what it would `publish` to or read."""

    topic: str
    publish: bool


@dataclass(eq=False)
class PartNeedsLink(LinkDown):
    """A receipt over less than is due counts with the platform's word only, and the platform cannot be reached now."""


@dataclass(eq=False)
class NotApproved(KioskError):
    """Nothing was approved; `reason` is a phrase."""

    reason: str


@dataclass(eq=False)
class StepImpossible(KioskError):
    """The swap is not at the step that was asked for; `reason` is a phrase."""

    reason: str


@dataclass(eq=False)
class StationRefused(KioskError):
    """What a station, or a person about one, asked for is not done: its key is not known, ended or wrong, or it cannot be enrolled
    (decision 26). `reason` is a phrase that says why and what to do."""

    reason: str


@dataclass(eq=False)
class NotFound(KioskError):
    """`what` (a swap, a plan, a completion) with id `key` is not known here."""

    what: str
    key: str


@dataclass(eq=False)
class BadInput(KioskError):
    """A file, request or setting that cannot be read: `where` (file and key) and `reason`."""

    where: str
    reason: str
