"""The view of the review, three by two: both batteries with what is delivered between them; both quotas, and what is paid."""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from ui.kit import BatteryCard, BatteryView, Kit, QuotaChange, QuotaChangeView
from ui.kit.ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class PayFacts:
    """What is paid: an amount with its currency, or a word; why, in lines; what stands at the bottom, with its tone."""

    number: str
    currency: str = ""
    lines: tuple[str, ...] = ()
    state: tuple[str, str] = ("", "ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFacts:
    """All that the review shows. `returned` None is a first visit; `net` "" where energy is not counted, said by `net_words` then."""

    returned: BatteryView | None
    new: BatteryView
    net: str
    net_words: str
    estimated: bool
    quotas: tuple[QuotaChangeView, ...]
    pay: PayFacts


RECORDED = "The payment is recorded"  # why Back is off
MOST_QUOTAS = 2
MOST_LINES = 2
NO_BATTERY = BatteryView(name="", battery_id="", kwh="")


class ReviewView(QWidget):
    """Last look before it counts."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._returned, self._new = (BatteryCard(kit, NO_BATTERY) for _ in range(2))
        self._first = kit.panel(
            kit.text("Returned", "body", "muted"), kit.text("Nothing", "number"), ..., kit.say("First visit, nothing returned", "ok")
        )
        self._caption = kit.centred("Delivered →", "lead", "accent")
        self._net, self._words = kit.figure("", "kWh", "hero", "accent", align="centre"), kit.centred("", "lead", "muted")
        self._estimate = kit.centred("Estimate", "strong", "attention")
        middle = kit.stack(..., self._caption, self._net, self._words, self._estimate, ..., gap="none")
        self._changes = [QuotaChange(kit, QuotaChangeView(name="")) for _ in range(MOST_QUOTAS)]
        self._pay = PayPanel(kit)
        returned = kit.body(kit.stack(self._returned, self._first))
        top = kit.columns((returned, 1), (kit.body(middle), 1), (self._new, 1))
        bottom = kit.columns(*((kit.body(kit.stack(change)), 1) for change in self._changes), (self._pay, 1))
        layout = kit.stack(top, bottom, gap="m")
        layout.setStretch(0, 1)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def show_review(self, facts: ReviewFacts) -> None:
        self._returned.setVisible(facts.returned is not None)
        self._first.setVisible(facts.returned is None)
        self._returned.show_battery(facts.returned or NO_BATTERY)
        self._new.show_battery(facts.new)
        self._caption.setVisible(bool(facts.net))
        self._net.set_figure(facts.net, "kWh")
        self._net.setVisible(bool(facts.net))
        self._words.set_words(facts.net_words)
        self._estimate.setVisible(facts.estimated)
        for index, change in enumerate(self._changes):
            change.setVisible(index < len(facts.quotas))
            if index < len(facts.quotas):
                change.show_change(facts.quotas[index])
        self._pay.show_pay(facts.pay)


class PayPanel(Ground):
    """To pay: nothing, or what was paid and for what."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._name, self._amount = kit.text("To pay", "strong"), kit.figure()
        self._lines = [kit.text("", "small", "muted") for _ in range(MOST_LINES)]
        self._state = kit.say("", "ok")
        layout = kit.stack(self._name, self._amount, ..., *self._lines, self._state)
        pad = kit.t.space("pad")
        layout.setContentsMargins(pad, pad, pad, pad)
        self.setLayout(layout)

    def show_pay(self, facts: PayFacts) -> None:
        self._name.set_words(RECORDED if facts.currency else "To pay")
        self._amount.set_figure(facts.number, facts.currency)
        for index, line in enumerate(self._lines):
            shown = index < len(facts.lines)
            line.set_words(facts.lines[index] if shown else "")
            line.setVisible(shown)
        self._state.say(*facts.state)
        self._state.setVisible(bool(facts.state[0]))
