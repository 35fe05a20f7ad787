"""Sample pages put together from the widgets, one for each picture of the design: what the layout tests look at.

Names, ids and times are invented; the numbers are the specification's.
"""

from collections.abc import Callable

from PySide6.QtWidgets import QLayout, QWidget

from kiosk.domain.swap.swap import Step
from ui.widgets import (
    LETTERS,
    Band,
    BatteryCard,
    BatteryView,
    BusyPanel,
    ChoiceList,
    Compared,
    ErrorPanel,
    ErrorView,
    Field,
    Keyboard,
    Notice,
    NumericPad,
    PaperView,
    PaperWidget,
    QuotaBar,
    QuotaChange,
    QuotaView,
    RowView,
    Segments,
    StatusHero,
    StatusItem,
    Wait,
    Widgets,
)
from ui.widgets.frame import Action, Frame, FrameState
from ui.widgets.widgets import Item

Sample = tuple[QWidget, FrameState]

CALM = (
    StatusItem(key="link", icon="cloud-check-bold", words="Connected"),
    StatusItem(key="outbox", icon="checks-bold", words="All confirmed"),
    StatusItem(key="scanner", icon="barcode-bold", words="Scanner"),
    StatusItem(key="printer", icon="printer-bold", words="Printer"),
)
OFFLINE = (
    StatusItem(key="link", icon="cloud-slash-bold", words="Offline 12 min", tone="attention"),
    StatusItem(key="outbox", icon="hourglass-medium-bold", words="3 waiting, 12 min", tone="attention"),
    *CALM[2:],
)
FAULTS = (
    CALM[0],
    StatusItem(key="outbox", icon="warning-bold", words="1 refused", tone="stop"),
    StatusItem(key="scanner", icon="barcode-bold", words="Scanner not found", tone="stop"),
    StatusItem(key="printer", icon="printer-bold", words="Paper out", tone="attention"),
)
PRACTICE = (
    StatusItem(key="link", icon="cloud-bold", words="Practice platform"),
    StatusItem(key="scanner", icon="bluetooth-bold", words="Practice batteries"),
    StatusItem(key="printer", icon="printer-bold", words="Prints TRAINING"),
)
AGAIN = Action(words="Read again", icon="arrow-clockwise-bold")
NO_PAYMENT = frozenset({Step.PAYMENT})


def aside(k: Widgets, name: str, who: str, state: Item, words: str, icon: str) -> QWidget:
    words_left = k.stack(..., k.text(name, "small", "muted"), k.text(who, "lead"), state, ..., gap="none")
    layout = k.row(words_left, k.button(words, icon, width="aside"), gap="m")
    layout.setStretch(0, 1)
    return k.frame(layout, "panel", "pad", "xs")


def idle(k: Widgets) -> Sample:
    live = StatusHero(k)
    live.show_hero("accent", "qr-code-bold", "Ready to scan", "Hold the card or phone in front of the scanner.")
    asides = (
        aside(k, "Code does not scan?", "Wipe the card", k.text("or use the camera.", "body", "muted"), "Camera", "camera-bold"),
        aside(k, "Kept for later, 12 min", "Moses O.", k.say("Not paid yet", "attention"), "Continue", "play-bold"),
        aside(k, "Last swap, 14:01", "Esther N.", k.say("Confirmed", "ok"), "Print again", "printer-bold"),
    )
    primary = Action(words="Type the code", icon="keyboard-bold", quiet=True)
    page = k.body(k.columns((live, 7), (k.body(k.stack(*asides, gap="m")), 5)))
    return page, FrameState(title="Next customer", step=0, primary=primary, back=None)


def no_scanner(k: Widgets) -> Sample:
    page, state = idle(k)
    live = page.findChildren(StatusHero)[0]
    words = ("Its cable is loose or it has no power. Plug it in again.", "Meanwhile use the camera or type the code.")
    live.show_hero("stop", "barcode-bold", "Scanner not found", *words)
    return page, state


def typing(k: Widgets) -> Sample:
    field = Field(k, "Code on the card", "number")
    field.set_value("CUST-00")
    field.set_active(active=True)
    keyboard = Keyboard(k)
    layout = k.stack(field, keyboard, gap="m")
    layout.setStretch(1, 1)
    return k.body(layout), FrameState(title="Type the code on the card", step=0, primary=Action(words="Find customer"))


def found(k: Widgets) -> Sample:
    who = k.panel(
        k.text("Amina W.", "number"),
        k.text("Weekly Freedom Nairobi", "lead"),
        k.say("Plan paid up", "ok", role="lead"),
        k.rule(),
        k.facts(("Customer", "CUST-001"), ("Has battery", "BAT-12345"), ("Since", "14 Nov, 17:20"), ids=frozenset({"Has battery"})),
        ...,
        k.say("BAT-12345 is near the counter", "ok", "bluetooth-bold"),
        k.say("Checked with the platform at 14:05", "muted", "clock-bold"),
    )
    swaps = QuotaView(name="Swaps", left="4", unit="left", used="6 of 10 used", level=0.6)
    energy = QuotaView(name="Electricity", left="29.9", unit="kWh left", used="370.1 of 400 kWh used", level=0.925)
    network = QuotaView(name="Network", unlimited=True)
    bars = [QuotaBar(k, view) for view in (swaps, energy, network)]
    quotas = k.panel(bars[0], ..., k.rule(), ..., bars[1], ..., k.rule(), ..., bars[2], gap="s")
    page = k.body(k.columns((who, 5), (quotas, 7)))
    return page, FrameState(title="Customer found", step=0, primary=Action(words="Read returned battery"))


def reading(k: Widgets, elapsed: float = 4.0) -> Sample:
    busy = BusyPanel(k)
    busy.start(
        Wait(
            phases=("Looking for the battery", "Connecting", "Reading charge and health"),
            usual_seconds=6,
            limit_seconds=10,
            usual_phase_seconds=(1, 4, 1),
            late_words="This takes longer than usual. Move the battery closer to the counter.",
        )
    )
    busy.tick(1.2, 1)
    busy.tick(elapsed, 1)
    expected = k.panel(
        k.text("Expected battery", "body", "muted"),
        k.id("BAT-12345", "number"),
        k.text("With Amina W. since 14 Nov, 17:20", "body", "muted"),
        k.rule(),
        k.say("Keep it within 1 m of the counter and switched on.", "text", "bluetooth-bold"),
        k.say("The id inside the battery decides, not the sticker.", "text", "identification-card-bold"),
        ...,
    )
    state = FrameState(
        title="Reading the returned battery",
        step=1,
        primary=Action(words="Reading, please wait", icon="hourglass-medium-bold", enabled=False),
        other=Action(words="Stop reading", icon="x-bold"),
        customer="Amina W.",
    )
    return k.body(k.columns((busy, 7), (expected, 5))), state


def reading_late(k: Widgets) -> Sample:
    return reading(k, 7.6)


def read(k: Widgets) -> Sample:
    view = BatteryView(
        name="Energy left",
        battery_id="BAT-12345",
        kwh="4.8",
        percent=15,
        estimated=True,
        measured=(("Voltage", "51.2 V"), ("Temperature", "25 °C"), ("Full charge", "32.0 kWh")),
    )
    checks = ("It is Amina W.'s battery", "Voltage in range", "Temperature in range", "No fault reported", "15 % agrees with 4.8 kWh")
    side = k.panel(
        k.say("Fit for use", "ok", role="title"),
        k.rule(),
        *(k.say(words, "ok", "check-bold", plain=True) for words in checks),
        ...,
        k.say("Read at 14:05:12, in 6 s", "muted", "clock-bold"),
    )
    page = k.body(k.columns((BatteryCard(k, view, large=True), 7), (side, 5)))
    primary = Action(words="Choose new battery")
    return page, FrameState(title="Returned battery", step=1, primary=primary, other=AGAIN, customer="Amina W.")


def refused(k: Widgets) -> Sample:
    view = ErrorView(
        sentence="This is not Amina W.'s battery",
        compared=(
            Compared(name="Expected", value="BAT-12345", icon="identification-card-bold"),
            Compared(name="Read", value="BAT-12346", icon="x-circle-fill", wrong=True),
        ),
        why="Batteries were mixed up, or another one nearby answered first.",
        recorded="Nothing is recorded. The customer owes nothing.",
        steps=(
            "Move other batteries away from the counter, then read again.",
            "The same result? Ask Amina W. for the battery BAT-12345.",
            "Is it lost? Stop this swap and call the supervisor.",
        ),
    )
    other = Action(words="Stop this swap", icon="prohibit-bold")
    panel = ErrorPanel(k)
    panel.show_error(view)
    return panel, FrameState(title="Wrong battery", step=1, primary=AGAIN, other=other, customer="Amina W.")


def choosing(k: Widgets, count: int = 5) -> Sample:
    rows = [
        RowView(key="BAT-20417", words="BAT-20417", note="30.4 kWh at 13:50", near="Very near", icon="wifi-high-bold"),
        RowView(key="BAT-20388", words="BAT-20388", note="29.8 kWh at 13:52", near="Near", icon="wifi-medium-bold"),
        RowView(key="BAT-20402", words="BAT-20402", note="not read yet", near="Near", icon="wifi-medium-bold"),
        RowView(key="BAT-19950", words="BAT-19950", note="30.1 kWh at 12:10", near="Far", icon="wifi-low-bold"),
        RowView(key="BAT-12345", words="BAT-12345", note="just returned", near="Very near", icon="wifi-high-bold", allowed=False),
    ]
    rows += [RowView(key=f"BAT-{n}", words=f"BAT-{n}", near="Far", icon="wifi-low-bold") for n in range(30000, 30000 + count - 5)]
    choices = ChoiceList(k)
    choices.show_rows(tuple(rows), "BAT-20417")
    side = k.panel(
        k.text("No need to choose", "lead"),
        k.text("Scan the code on the battery, and it is read at once."),
        k.button("Type the id", "keyboard-bold"),
        k.rule(),
        k.text("The plan covers a battery up to", "body", "muted"),
        k.figure("60.3", "kWh"),
        k.text("55.5 left in the plan + 4.8 returned", "body", "muted"),
        ...,
    )
    left = k.stack(choices, k.say(f"{len(rows)} found, still looking", "muted", "bluetooth-bold"))
    left.setStretch(0, 1)
    page = k.body(k.columns((k.body(left), 7), (side, 5)))
    return page, FrameState(title="Choose the new battery", step=2, primary=Action(words="Read BAT-20417"), customer="Amina W.")


def choosing_many(k: Widgets) -> Sample:
    return choosing(k, 14)


def entry(k: Widgets, name: str, value: str, *, active: bool = False) -> QLayout:
    field = Field(k, name)
    field.set_value(value)
    field.set_active(active=active)
    return k.stack(k.text(name, "label", "muted"), field, gap="xs")


def payment(k: Widgets) -> Sample:
    parts = k.row(k.text("10.0 kWh in the plan", "small", "muted"), ..., k.text("15.6 kWh to pay", "label"))
    due = k.panel(
        k.text("To pay", "body", "muted"),
        k.figure("12.48", "USD", "hero"),
        k.bar(10 / 25.6, 15.6 / 25.6),
        parts,
        ...,
        k.rule(),
        k.facts(("This swap delivers", "25.6 kWh"), ("Left in the plan", "− 10.0 kWh"), ("Missing", "15.6 kWh")),
        k.rule(),
        k.row(k.text("15.6 kWh × 0.80 USD", "strong"), ..., k.text("12.48 USD", "strong")),
        gap="s",
    )
    methods = Segments(
        k, (("mobile", "Mobile money", "device-mobile-bold"), ("cash", "Cash", "money-bold"), ("card", "Card", "credit-card-bold"))
    )
    methods.choose("mobile")
    fields = k.stack(
        entry(k, "Amount received, USD", "12.48"),
        entry(k, "Receipt id", "MP4471", active=True),
        ...,
        k.say("The swap goes on when the platform confirms it.", "muted", "info-bold"),
        gap="m",
    )
    take = k.panel(methods, k.columns((k.body(fields), 9), (NumericPad(k, LETTERS), 8), gap="m"), gap="m")
    state = FrameState(
        title="The plan is 15.6 kWh short",
        step=3,
        primary=Action(words="Record payment"),
        other=Action(words="Keep for later", icon="pause-bold"),
        customer="Amina W.",
    )
    return k.body(k.columns((due, 5), (take, 7))), state


def review(k: Widgets) -> Sample:
    returned = BatteryCard(k, BatteryView(name="Returned", battery_id="BAT-12345", kwh="4.8", percent=15, fitness="Fit for use"))
    new = BatteryCard(k, BatteryView(name="New", battery_id="BAT-20417", kwh="30.4", percent=95, fitness="Fit for use"))
    net = k.body(
        k.stack(
            ...,
            k.centred("Delivered →", "lead", "accent"),
            k.figure("25.6", "kWh", "hero", "accent", align="centre"),
            k.centred("30.4 − 4.8 kWh", "lead", "muted"),
            ...,
            gap="none",
        )
    )
    swaps = QuotaView(name="Swaps left", before="4", left="3", used="7 of 10 used", level=0.6, extra=0.1)
    energy = QuotaView(
        name="Electricity left", before="55.5", left="29.9", unit="kWh", used="370.1 of 400 kWh used", level=344.5 / 400, extra=25.6 / 400
    )
    pay = k.panel(k.text("To pay", "strong"), k.text("Nothing", "number"), ..., k.say("The plan covers it", "ok"), gap="s")
    top = k.columns((returned, 1), (net, 1), (new, 1))
    bottom = k.columns((QuotaChange(k, swaps), 1), (QuotaChange(k, energy), 1), (pay, 1))
    primary = Action(words="Complete swap", icon="check-bold")
    page = k.body(k.stack(top, bottom, gap="m"))
    return page, FrameState(title="Check and complete", step=4, primary=primary, skipped=NO_PAYMENT, customer="Amina W.")


def done(k: Widgets, *, settled: bool = False) -> Sample:
    late = "Not yet confirmed by the platform. The swap is safe and is sent by itself. Serve the next customer."
    notice = Notice(k)
    notice.show_notice("attention", late, "hourglass-medium-bold")
    if settled:
        notice.show_notice("ok", "The platform confirmed this swap at 14:05:48.", "cloud-check-bold")
    band = Band(k, "ok", role="number")
    band.show_band("ok", "Swap complete", "25.6 kWh delivered")
    big = k.panel(band, ..., k.text("Give this battery to Amina W.", "lead", "muted"), k.id("BAT-20417", "hero"), ..., notice, gap="s")
    paper = PaperWidget(k)
    paper.show_paper(
        PaperView(
            heading="Station 14",
            below="Service receipt, 21 Nov 2026, 14:05",
            groups=(
                (("Customer", "CUST-001"), ("Returned BAT-12345", "4.8 kWh"), ("New BAT-20417", "30.4 kWh"), ("Delivered", "25.6 kWh")),
                (("Electricity left", "29.9 kWh"), ("Swaps left", "3"), ("Paid", "0.00 USD")),
            ),
            footer="TXN-01JD7Q4M9K2F8R3W6V5T0XBZAE",
            strong=frozenset({"Delivered"}),
        )
    )
    printed = k.row(k.say("Printed", "ok", role="lead"), k.button("Print again", "printer-bold"), gap="m")
    printed.setStretch(0, 1)
    page = k.body(k.columns((big, 7), (k.body(k.stack(paper, printed, gap="m")), 5)))
    primary = Action(words="Next customer")
    state = FrameState(
        title="Done", step=5, primary=primary, back=None, hint="or scan the next code now", skipped=NO_PAYMENT, customer="Amina W."
    )
    return page, state


def done_confirmed(k: Widgets) -> Sample:
    return done(k, settled=True)


SAMPLES: dict[str, tuple[Callable[[Widgets], Sample], tuple[StatusItem, ...]]] = {
    "idle": (idle, CALM),
    "no-scanner": (no_scanner, FAULTS),
    "typing": (typing, CALM),
    "found": (found, CALM),
    "reading": (reading, CALM),
    "reading-late": (reading_late, CALM),
    "read": (read, CALM),
    "refused": (refused, CALM),
    "choosing": (choosing, CALM),
    "choosing-many": (choosing_many, CALM),
    "payment": (payment, CALM),
    "review": (review, CALM),
    "done": (done, OFFLINE),
    "done-confirmed": (done_confirmed, CALM),
}


def sample_window(k: Widgets, name: str) -> Frame:
    """A frame that shows one sample, in the size of the screen that the widgets are for; not yet shown."""
    build, status = SAMPLES[name]
    frame = Frame(k)
    frame.resize(k.t.screen.width, k.t.screen.height)
    frame.show_who("Station 14", "Joseph M.")
    frame.show_clock("14:05")
    frame.show_status(PRACTICE if k.t.training and status == CALM else status)
    page, state = build(k)
    frame.add_page(page)
    frame.show_page(page)
    frame.show_state(state)
    return frame
