"""What the frame says around the views of the customer page that need no more than they show. Pure."""

from kiosk.domain.language import tr
from kiosk.station.ports import KeptSwap
from kiosk.station.services.money_back import MoneyBack
from ui.pages.customer.views import way_out_of
from ui.widgets.frame import Action, FrameState


def typing_frame(value: str) -> FrameState:
    """Around the keyboard; `value` is what is typed."""
    primary = Action(words=tr("Find customer") if value else tr("Type the code first"), enabled=bool(value))
    hint = "" if value else tr("Or a name, customer number or battery")
    return FrameState(title=tr("Type the code on the card"), step=0, primary=primary, hint=hint)


def looking_frame() -> FrameState:
    """Around the wait for the platform."""
    wait = Action(words=tr("Looking up, please wait"), icon="hourglass-medium-bold", enabled=False)
    end = Action(words=tr("Stop"), icon="x-bold")
    return FrameState(title=tr("Looking up the plan"), step=0, primary=wait, back=None, other=end)


def kept_frame(kept: KeptSwap | None, money_back: MoneyBack) -> FrameState:
    """Around the kept swaps; `kept` is the chosen one."""
    stop = way_out_of(kept.swap, money_back) if kept is not None else None
    go_on = Action(words=tr("Continue"), enabled=kept is not None)
    return FrameState(title=tr("Kept swaps"), step=0, primary=go_on, other=stop)
