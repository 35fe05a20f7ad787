"""A page switch, from asking for it to its picture, beside a bare QStackedWidget.

Ours brings another page of the wizard to the front and redraws the frame around it (title, steps, buttons). The floor has as many pages
of eight plain labels and two buttons, no stylesheet and no frame. Beside it, in the note, the same with as many widgets as our pages have.
"""

from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from kiosk.domain.swap.swap import Step, Swap
from tests.bench import samples
from tests.bench.counter import RunningCounter, running_counter, settle, wait_until
from tests.bench.figures import Figure, compared
from tests.bench.floors.stack import BareStack
from tests.bench.timing import Sampler, interleaved
from tests.stores import store_of

_ROUNDS = 60
_STEPS = (Step.CUSTOMER, Step.PAYMENT, Step.REVIEW, Step.DONE)
_PLAIN_WIDGETS = 8
_NO_BROKER = 9


class _Pictures(QObject):
    """Counts what a window has painted."""

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self.count = 0
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """An update request is all painting that is due, at once."""
        if event.type() != QEvent.Type.UpdateRequest:
            return False
        watched.event(event)
        self.count += 1
        return True


def switch() -> Iterator[Figure]:
    """One figure."""
    with (
        TemporaryDirectory(prefix="swap-kiosk-bench-") as name,
        running_counter(Path(name), _NO_BROKER, lambda kiosk, *_: kiosk) as counter,
    ):
        next_page, widgets = _ours(counter)
        plain, equal = BareStack(len(_STEPS), _PLAIN_WIDGETS), BareStack(len(_STEPS), widgets)
        for window in (plain, equal):
            window.show()
        settle(200)
        timed = interleaved(
            _switched(counter.window.frame, next_page), _switched(plain, plain.show_next), _switched(equal, equal.show_next), rounds=_ROUNDS
        )
        plain.close()
        equal.close()
    beside = f"with {widgets} labels a page, as many widgets as ours show: {timed.others[0] * 1000:.2f} ms"
    yield compared("page switch", timed, "ms", 2, f"floor: {_PLAIN_WIDGETS} plain labels and two buttons a page; {beside}")


def _ours(counter: RunningCounter) -> tuple[Callable[[], None], int]:
    """How the next page is brought to the front, and how many widgets a page shows in the middle."""
    swap = samples.sample_swap()
    counter.on_loop(_journalled(counter, swap))
    pages = [counter.wizard.page_of(step) for step in _STEPS]
    counter.wizard.show_swap(swap)
    settle(100)
    for page in pages:
        page.swap = swap  # shown without being entered: what a page begins then is no part of a switch
    frame = counter.window.frame
    turn = cycle(pages)

    def next_page() -> None:
        page = next(turn)
        frame.show_page(page)
        frame.show_state(page.frame_state())

    counts = []
    for page in pages:
        frame.show_page(page)
        settle(20)
        counts.append(sum(each.isVisible() for each in page.findChildren(QWidget)))
    return next_page, sum(counts) // len(counts)


async def _journalled(counter: RunningCounter, swap: Swap) -> None:
    store_of(counter.kiosk).save_swap(swap, samples.NOON, "new battery")


def _switched(window: QWidget, show_next: Callable[[], None]) -> Sampler:
    pictures = _Pictures(window)

    def sample() -> float:
        settle(5)
        before, began = pictures.count, perf_counter()
        show_next()
        wait_until(lambda: pictures.count > before, "the page")
        return perf_counter() - began

    return sample
