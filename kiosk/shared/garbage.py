"""Objects that refer to each other and that nobody else refers to: found in one thread only.

Python looks for them in whatever thread makes an object just then. An object of Qt that goes in another thread than the GUI's can stop the
whole program: Qt waits for Python's lock, and the GUI thread, which has it, waits for a lock of Qt. So where there is a window Python's own
search is off (`gc.disable`), and the GUI thread looks.
"""

import gc


def collect_due() -> None:
    """What Python's own search would have looked through by now: the oldest generation that is full, and all younger ones."""
    full = [age for age, (count, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if 0 < limit < count]
    if full:
        gc.collect(full[-1])
