"""The page behind the clock, on a real kiosk in a training environment."""

from pytestqt.qtbot import QtBot

from kiosk.station.events import HealthChanged
from kiosk.station.health import Health, HealthPart, HealthState
from tests.ui.page_counter import PATIENCE, Counter
from ui.pages.overlays.health_page import HealthPage, PartRow, part_view


def rows(counter: Counter) -> list[str]:
    assert isinstance(counter.wizard.overlay, HealthPage)
    return [row.accessibleName() for row in counter.wizard.overlay.findChildren(PartRow)]


def test_every_part_stands_there_with_its_reason_and_what_to_do(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.open_overlay("health")
    full = Health(state=HealthState.WRONG, what="the disk is full", repair="Free some space.")
    counter.wizard.handle_event(HealthChanged(part=HealthPart.DISK, health=full))
    assert "Disk: The disk is full. Free some space." in rows(counter)
    assert len(rows(counter)) == len(HealthPart)
    assert counter.frame.heading.title == "1 of 8 needs you"
    assert counter.frame.status_line.items()  # the line stays


def test_look_again_asks_every_part_anew(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.open_overlay("health")
    gone = Health(state=HealthState.WRONG, what="the disk is full")
    counter.wizard.handle_event(HealthChanged(part=HealthPart.DISK, health=gone))
    health = counter.world.kiosk.health
    assert health is not None
    health._announced.pop(HealthPart.DISK, None)  # as if the disk had been full until now
    counter.press("other")
    qtbot.waitUntil(lambda: any("MB are free" in each for each in rows(counter)), timeout=PATIENCE)
    counter.press("primary")
    assert counter.wizard.overlay is None


def test_only_what_works_is_green() -> None:
    tones = {state: part_view(HealthPart.DISK, Health(state=state)).tone for state in HealthState}
    assert tones == {
        HealthState.NOT_KNOWN: "muted",
        HealthState.OK: "ok",
        HealthState.WARNING: "attention",
        HealthState.WRONG: "stop",
        HealthState.NOT_SET_UP: "muted",
    }
