"""Who works here decides what is seen (decision 29): where people are known, and nobody is signed in or the counter is locked, a page for
that lies over all others. It hides them from eyes and screen readers, gets every key, press and scan, and ends nothing: the pages below go
on with their work, and what they want to say is said when they are seen again.

The counter locks itself when nobody has touched anything for long (`[people] lock_minutes`). It never covers a page that is at work: a
reading, a payment, a commit end first. A badge is taken here and nowhere else, whatever page is shown.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from kiosk.domain.language import mark, tr
from kiosk.domain.people import Role, is_badge
from kiosk.domain.swap.swap import Swap
from ui.devices.key_readings import ScannedCode
from ui.pages.at_work import PeopleNow
from ui.pages.page_context import Page, PageContext
from ui.pages.people.locked_page import LockedPage
from ui.pages.people.rows import short_name
from ui.pages.people.sign_in_page import SignInPage
from ui.widgets.frame import Frame
from ui.widgets.status_line import PERSON, StatusItem

NOBODY_SIGNS_IN = mark("That is a badge. Nobody signs in here.")
BADGE_ELSEWHERE = mark("That is a badge. To hand over, touch the name above.")
SHUT = mark("Sign in first.")
MAY_NOT_LEAVE = mark("Only a technician closes this window. Sign in as one.")


class PeopleGate(QObject):
    """`page` is what lies over all others now, None where all is open. `changed` says that it is another one, or shows something else.
    `below` tells the swap and the pages that it lies over. Without people `page` is always None."""

    changed = Signal()
    looked = Signal()  # who works here was looked at; it may be another one

    def __init__(self, frame: Frame, context: PageContext, below: Callable[[], tuple[Swap | None, Sequence[Page]]]) -> None:
        super().__init__(frame)
        self._frame, self._context, self._below = frame, context, below
        self.page: SignInPage | LockedPage | None = None
        self._made: dict[type[Page], SignInPage | LockedPage] = {}
        self._takes_over, self._measured = False, False
        self._unsaid: tuple[str, str] | None = None

    # -- what is so

    @property
    def knows_people(self) -> bool:
        """Whether anybody signs in here."""
        return self._context.at_work.known

    @property
    def may_leave(self) -> bool:
        """Whether the window may be left now: where people are known a technician is at work."""
        now = self._context.at_work
        technician = now.signed_in is not None and now.signed_in.role is Role.TECHNICIAN and not now.locked
        return not now.known or technician

    @property
    def locks(self) -> bool:
        """Whether the counter is locked, or will be when nobody touches it: then nothing is put away for that."""
        return self.page is not None or self._context.kiosk.people.seconds_to_lock() is not None

    def _needed(self) -> type[SignInPage | LockedPage] | None:
        now = self._context.at_work
        if not now.known:
            return None
        if self._takes_over or now.signed_in is None:
            return SignInPage
        return LockedPage if now.locked else None

    # -- looking

    def tick(self, *, touched: bool) -> None:
        """Time goes on. `touched`: somebody was there since the last look. What is at work counts as somebody: the lock waits for it."""
        if touched or any(page.works for page in self._below()[1]):
            self._context.kiosk.people.touch()
        self.look()

    def look(self) -> None:
        """Show what has to be shown for who works here now. While a page below is at work nothing is put over it."""
        needed = self._needed()
        self._show_person()
        self.looked.emit()
        if isinstance(self.page, SignInPage):
            self.page.show_people()
        shown = type(self.page) if self.page is not None else None
        if needed is shown or (shown is None and any(page.works for page in self._below()[1])):
            return
        if shown is None:
            self._cover()
        elif self.page is not None:
            self.page.leave()
        self.page = self._page_of(needed) if needed is not None else None
        self._begin()
        if self.page is None:
            self._uncover()
        self.changed.emit()

    def _begin(self) -> None:
        if self.page is not None:
            self.page.enter(None)
        if isinstance(self.page, LockedPage):
            self.page.begin(self._below()[0], self._context.now())
        elif self.page is not None:
            self.page.begin(takes_over=self._takes_over)

    def _cover(self) -> None:
        """What is shown goes out of sight, with what it has just said; a page that measures the scanner's keys gets none."""
        scanner = self._context.barcode_scanner
        self._measured, scanner.measuring = scanner.measuring, False
        self._frame.show_notice("ok", "")
        for page in self._below()[1]:
            page.hold()

    def _uncover(self) -> None:
        self._context.barcode_scanner.measuring = self._measured
        self._frame.show_notice(*(self._unsaid or ("ok", "")))
        self._unsaid = None

    def _page_of(self, kind: type[SignInPage | LockedPage]) -> SignInPage | LockedPage:
        if kind not in self._made:
            page = self._made[kind] = kind(self._context)
            page.redrawn.connect(lambda: self._redraw(page))
            page.ended.connect(self._ended)
            if isinstance(page, LockedPage):
                page.taken_over.connect(self.take_over)
            else:
                page.went_back.connect(self._go_back)
            self._frame.add_page(page)
        return self._made[kind]

    def _redraw(self, page: Page) -> None:
        if page is self.page:
            self.changed.emit()

    def build_anew(self) -> None:
        """In another language: the same page, from its start."""
        old, self._made, shown = tuple(self._made.values()), {}, self.page
        for page in old:
            page.leave()
        self.page = self._page_of(type(shown)) if shown is not None else None
        self._begin()
        for page in old:
            self._frame.remove_page(page)
        self._show_person()

    # -- what comes of it

    def _ended(self) -> None:
        """Somebody has signed in, or unlocked."""
        self._takes_over = False
        self.look()

    def take_over(self, person_id: str = "") -> None:
        """Somebody else wants to go on with what is open: this person, or one who is still to be chosen."""
        self._takes_over = True
        self.look()
        if isinstance(self.page, SignInPage) and person_id:
            self.page.choose(person_id)

    def _go_back(self) -> None:
        self._takes_over = False
        self.look()

    def say(self, tone: str, words: str) -> None:
        """A notice of a page below, or about its work: now, or when it is seen again."""
        if self.page is None:
            self._frame.show_notice(tone, words)
        elif words:
            self._unsaid = (tone, words)

    def _show_person(self) -> None:
        """Who works here, in the status line."""
        self._frame.show_person(person_item(self._context.at_work) if self.knows_people else None)

    def say_who_may_leave(self) -> None:
        """Somebody tried to leave the window."""
        self._refuse(tr(MAY_NOT_LEAVE))

    # -- scans and touches

    def takes(self, code: ScannedCode, shown: Page | None) -> bool:
        """Whether a scan is the gate's: every one while it is shut, and a badge always. `shown` is the page that is seen."""
        badge = next((each for each in (code.by_place, code.typed) if is_badge(each)), "")
        if not badge and self.page is None:
            return False
        if not badge:
            self._refuse(self.page.handle_scan(code) if self.page is not None else "")
        elif shown is None or shown.acting or not shown.take_badge(badge):
            self._refuse(tr(BADGE_ELSEWHERE if self.knows_people else NOBODY_SIGNS_IN))
        else:
            self._frame.show_notice("ok", "")
        return True

    def refuses_others(self) -> bool:
        """Whether no page may be opened now; says why not."""
        if self.page is not None:
            self._refuse(tr(SHUT))
        return self.page is not None

    def _refuse(self, words: str) -> None:
        self._context.sounds.refused()
        self._frame.show_notice("stop", words)


def person_item(now: PeopleNow) -> StatusItem:
    """Who works here, for the status line."""
    if now.signed_in is None:
        return StatusItem(key=PERSON, icon="user-bold", words=tr("Nobody"), tone="unknown", name=tr("Nobody is signed in"))
    if now.locked:
        return StatusItem(key=PERSON, icon="lock-bold", words=tr("Locked"), tone="unknown", name=tr("The counter is locked"))
    name = short_name(now.signed_in)
    words = tr("{name} works here: hand over, lock or sign out", name=name)
    return StatusItem(key=PERSON, icon="user-bold", words=name, tone="unknown", name=words)
