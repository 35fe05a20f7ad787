"""The states where nobody can tell which pack it is, and those of the page of a binding; beside those of `page_states`."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kiosk.domain.battery.binding import Binding, Sticker
from kiosk.domain.errors import AnotherPack, BadInput, BatteriesAlike, BatteryUnbound, BatteryUnreachable, KioskError
from kiosk.station.ports import Sighting
from kiosk.station.services.bindings import Bindable
from kiosk.station.services.pack_on_counter import PackRead, PacksHeard
from tests.builders import NOON, reading
from tests.ui.pages.page_states import FULL, State, listing, returned, returned_refused, stop_looking
from tests.ui.pages.shown_swaps import begun
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.reading import ReadingPage
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.bind.page import BindPage
from ui.pages.bind.text import BindFacts, Stage
from ui.pages.overlays.status_pages import ScannerPage, Status
from ui.pages.page_context import PageContext

# nobody can tell which pack it is

PACKS = (
    Sighting(address="C8:47:8C:00:4C:1A", name="BAT-20417", rssi=-48, protocol="jbd"),
    Sighting(address="C8:47:8C:00:09:E7", name="BAT-20417", rssi=-66, protocol="jbd"),
    Sighting(address="C8:47:8C:11:88:42", name="xiaoxiang BMS", rssi=-38, protocol="jbd"),
)
ALIKE = BatteriesAlike.of("BAT-20417", 2)
UNBOUND = BatteryUnbound("BAT-20450", 10, packs=3)


def unsure(error: KioskError, *, packs: int = 3) -> Callable[[ReadingPage], None]:
    def prepare(page: ReadingPage) -> None:
        returned(page) if isinstance(page, ReturnedPage) else listing(page)  # type: ignore[arg-type]  # there are two such pages
        page.context.memory.note_reading(reading("BAT-20417", "30.4", address=PACKS[0].address))
        page.context.memory.note_reading(reading("...88:42", "31.0", address=PACKS[2].address))
        page.refuse(error)
        stop_looking(page)
        page._note_seen(PACKS[:packs])

    return prepare


# a sticker that is bound to its pack

STICKER = Sticker(battery_id="BAT-20450")
BOUND = Binding(battery_id="BAT-20450", address="C8:47:8C:00:10:01", family="jbd", bound_at=NOON, bound_by="ATT-001")
OTHER_BOUND = replace(BOUND, battery_id="BAT-30001", address=PACKS[2].address)
REMARK = "[BAT-1 has the serial 118842 too.]"


def pack_read(*standing: Binding, remarks: tuple[str, ...] = (), **facts: Any) -> PackRead:
    told = {"protocol": "jk", "serial": "118842", "cycles": 212, "voltage": Decimal("75.4"), **FULL, **facts}
    bindable = Bindable(binding=replace(BOUND, address=PACKS[2].address), standing=standing, remarks=remarks)
    return PackRead(pack=PACKS[2], reading=reading("BAT-20450", "31.0", **told), bindable=bindable)


def binding(**changes: Any) -> Callable[[BindPage], None]:
    """The page with these facts."""

    def prepare(page: BindPage) -> None:
        page.enter(begun())
        stop_looking(page)
        page._change(BindFacts(**{"sticker": STICKER, **changes}))

    return prepare


def binding_refused(page: BindPage) -> None:
    binding(stage=Stage.READING)(page)
    page._refuse(BatteryUnreachable("C8:47:8C:11:88:42", 10))


def binding_private(page: BindPage) -> None:
    binding(stage=Stage.READING)(page)
    page._refuse(BadInput("address", "[5C:47:8C:11:88:42 changes by itself: the battery tells no lasting address to bind]"))


def binding_typed(page: BindPage) -> None:
    binding(stage=Stage.TYPING)(page)
    page.typing.set_value("BAT-20450")


def binding_approved(page: BindPage) -> None:
    binding(stage=Stage.TAKEN, read=pack_read(BOUND), heard=CLEAR)(page)
    page.primary()
    page.approval.typing.set_value("SUP-007")


def bind_page(context: PageContext) -> BindPage:
    return BindPage(context, Status)


CLEAR = PacksHeard(packs=PACKS, meant=PACKS[2])


def reader_page(context: PageContext) -> ScannerPage:
    return ScannerPage(context, Status)


BINDING_STATES: dict[str, State] = {
    "battery reader": (reader_page, lambda page: page.enter(None)),
    "two alike": (ReturnedPage, unsure(ALIKE)),
    "unbound": (ReturnedPage, unsure(UNBOUND)),
    "another pack": (ReturnedPage, returned_refused(AnotherPack.of("BAT-12345", found="118842", bound="5051410001"))),
    "new, two alike": (NewPage, unsure(ALIKE)),
    "new, three alike, one near": (NewPage, unsure(BatteriesAlike.of("BAT-20417", 3), packs=1)),
    "new, unbound": (NewPage, unsure(UNBOUND)),
    "new, unbound, nothing near": (NewPage, unsure(UNBOUND, packs=0)),
    "bind": (bind_page, binding(sticker=Sticker())),
    "bind, typing": (bind_page, binding_typed),
    "bind, nothing heard": (bind_page, binding(stage=Stage.PACK)),
    "bind, not clear": (bind_page, binding(stage=Stage.PACK, known=BOUND, heard=PacksHeard(packs=PACKS))),
    "bind, wrong pack": (bind_page, binding(stage=Stage.PACK, rejected=PACKS[0].address, heard=PacksHeard(packs=PACKS))),
    "bind, by address": (
        bind_page,
        binding(stage=Stage.PACK, sticker=Sticker(battery_id="BAT-1", address=PACKS[2].address), heard=PacksHeard(packs=PACKS)),
    ),
    "bind, clear": (bind_page, binding(stage=Stage.PACK, heard=CLEAR)),
    "bind, reading": (bind_page, binding(stage=Stage.READING, heard=CLEAR, seconds=3)),
    "bind, read": (bind_page, binding(stage=Stage.READ, heard=CLEAR, read=pack_read())),
    "bind, remark": (bind_page, binding(stage=Stage.READ, heard=CLEAR, read=pack_read(remarks=(REMARK,)))),
    "bind, no serial": (bind_page, binding(stage=Stage.READ, heard=CLEAR, read=pack_read(serial="", cycles=None, full_kwh=None))),
    "bind, taken": (bind_page, binding(stage=Stage.TAKEN, known=BOUND, heard=CLEAR, read=pack_read(BOUND, OTHER_BOUND))),
    "bind, approval": (bind_page, binding_approved),
    "bind, refused": (bind_page, binding_refused),
    "bind, private": (bind_page, binding_private),
    "bind, bound": (bind_page, binding(stage=Stage.BOUND, heard=CLEAR, read=pack_read())),
}
