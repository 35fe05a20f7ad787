"""The page behind "Connected" and "Offline": since when, why, how long until the next try; and "Try now", which does not wait for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from kiosk.domain.language import mark, tr
from kiosk.domain.swap.swap import Swap
from ui.pages.formatting import StationTime, age_words, moment_words
from ui.pages.overlays.status_pages import DevicePage, DeviceView, Status, reason_words
from ui.pages.page_context import PageContext
from ui.widgets.frame import Action, FrameState

TICK_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class NextTry:
    """When the kiosk tries to connect again; `seconds` None while it tries."""

    seconds: float | None

    @property
    def words(self) -> str:
        """As a sentence."""
        return tr("Trying now.") if self.seconds is None else tr("Next try in {seconds} s.", seconds=ceil(self.seconds))


def link_view(status: Status, here: StationTime, next_try: NextTry | None = None) -> DeviceView:
    """The link to the platform; `next_try` where it is down and that is known."""
    offline = tr("Swaps go on with the plans kept here. They are sent by themselves when the link is back.")
    if status.link is not None and not status.link.connected:
        return DeviceView(
            tone="attention",
            icon="cloud-slash-bold",
            head=tr("Offline for {age}", age=age_words(status.link.since, here.now)),
            sentences=(*reason_words(status.link.reason), *((next_try.words,) if next_try is not None else ()), offline),
            heading=tr("What to do"),
            steps=(
                tr("Serve customers as usual."),
                tr("Check network cable and modem."),
                tr("Still offline after an hour? Call the supervisor."),
            ),
        )
    if status.link is not None and status.link.forbidden:
        return DeviceView(
            tone="attention",
            icon="warning-bold",
            head=tr("The platform refuses access"),
            sentences=(
                tr("The link is up, and something is not let through."),
                *reason_words(status.link.forbidden),
                tr("Completed swaps wait here. Nothing is lost."),
            ),
            heading=tr("What to do"),
            steps=(tr("Serve customers as usual."), tr("Tell the technician the reason.")),
        )
    if status.practice and status.link is not None:
        head, sentences = tr("Practice platform"), (tr("It runs inside this kiosk."), tr("Nothing leaves it."))
    elif status.link is None:
        head, sentences = tr("Connecting"), (tr("The kiosk is looking for the platform."), offline)
    else:
        since = tr("Since {moment}.", moment=moment_words(status.link.since, here.now, here.zone))
        is_open = (tr("Anybody may speak on this broker."), tr("Tell the technician.")) if status.open_to_all else ()
        head, sentences = tr("Connected"), (since, *is_open, tr("Plans are checked with the platform at every swap."))
    return DeviceView(
        tone="muted",
        icon="cloud-check-bold",
        head=head,
        sentences=sentences,
        heading=tr("If it is lost"),
        steps=(
            tr("Go on serving customers."),
            tr("Completed swaps wait here and are sent by themselves."),
            tr("The line above says for how long."),
        ),
    )


class LinkPage(DevicePage):
    """Asks every second, as long as the link is down, when it is tried again."""

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        self.next_try: NextTry | None = None
        super().__init__(context, status, mark("Link to the platform"), lambda status, here: link_view(status, here, self.next_try))
        self._seconds = self.timer(TICK_MILLISECONDS, self._ask)

    def enter(self, swap: Swap | None) -> None:
        self.next_try = None
        super().enter(swap)
        self._ask()
        self._seconds.start()

    def leave(self) -> None:
        self._seconds.stop()
        super().leave()

    def draw(self) -> None:
        super().draw()
        self.redrawn.emit()

    @property
    def _is_down(self) -> bool:
        link = self.status().link
        return link is not None and not link.connected

    def _ask(self) -> None:
        if self._is_down:
            self.run(self.context.kiosk.link.seconds_to_try(), self._show_next)
        else:
            self.next_try = None
            self.draw()

    def _show_next(self, seconds: float | None) -> None:
        self.next_try = NextTry(seconds)
        self.draw()

    def frame_state(self) -> FrameState:
        if not self._is_down:
            return super().frame_state()
        trying = self.next_try is not None and self.next_try.seconds is None
        now = Action(words=tr("Trying now") if trying else tr("Try now"), icon="arrow-clockwise-bold", enabled=not trying)
        return replace(super().frame_state(), other=now)

    def other(self) -> None:
        """Connect at once."""
        if self._is_down:
            self.run(self.context.kiosk.link.try_now(), lambda _none: self._ask())
