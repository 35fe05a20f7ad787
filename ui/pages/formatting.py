"""Domain values as words and as what the widgets draw: pure, without Qt. Pages that show batteries, quotas and money share it."""

from dataclasses import dataclass
from datetime import tzinfo
from decimal import ROUND_HALF_UP, Decimal

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.decimals import ZERO, plain, round_half_up
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.plan.quota import QuotaUpdate
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Swap
from kiosk.shared.formatting import format_method, format_money
from ui.widgets import BatteryView, QuotaChangeView

MINUS, TIMES = "−", "×"
FIT = mark("Fit for use")
NOT_MEASURED = "–"
METHOD_ICONS = {"MOBILE_MONEY": "device-mobile-bold", "CASH": "money-bold", "CARD": "credit-card-bold"}
OTHER_METHOD_ICON = "wallet-bold"


def kwh_words(kwh: Decimal | None) -> str:
    """ "4.8", "10.0", "30.377": as exact as it is, with one decimal at least and a real minus sign; a dash where nothing is measured."""
    if kwh is None:
        return NOT_MEASURED
    words = plain(kwh).replace("-", MINUS)
    return words if "." in words else f"{words}.0"


def count_words(count: Decimal) -> str:
    """A number of swaps."""
    return plain(count).replace("-", MINUS)


def swaps_words(count: Decimal) -> str:
    """ "1 swap", "2 swaps"."""
    return tr_count("{number} swap", "{number} swaps", 1 if count == 1 else 2, number=plain(count))


def money_words(amount: Decimal, currency: str) -> str:
    """ "12.48 USD"."""
    return format_money(amount, currency)


def amount_words(amount: Decimal, currency: str) -> str:
    """The same amount without its currency, for a figure that has it as its unit."""
    return format_money(amount, currency).removesuffix(currency).strip()


def method_choice(name: str) -> tuple[str, str, str]:
    """A method of payment as a segment: key, words, icon."""
    return name, format_method(name), METHOD_ICONS.get(name, OTHER_METHOD_ICON)


# -- batteries


def percent_of(reading: BatteryTelemetry) -> int | None:
    """The state of charge in whole percent: as the battery reports it, else from the capacities, else None."""
    soc = reading.soc_percent
    if soc is None and reading.full_kwh and reading.kwh_remaining is not None:
        soc = reading.kwh_remaining / reading.full_kwh * 100
    return None if soc is None else int(max(ZERO, soc).to_integral_value(ROUND_HALF_UP))


def battery_view(reading: BatteryTelemetry, name: str, *, inspection: str = "", checked: bool = False) -> BatteryView:
    """A battery as a card; `checked` says on the card that it is fit, `inspection` why it is set aside."""
    fitness = tr("Set aside for inspection") if inspection else tr(FIT) if checked else ""
    return BatteryView(
        name=name,
        battery_id=reading.battery_id,
        kwh=kwh_words(reading.kwh_remaining),
        percent=percent_of(reading),
        estimated=reading.estimated,
        measured=tuple(_measured(reading)),
        fit=not inspection,
        fitness=fitness,
    )


def _measured(reading: BatteryTelemetry) -> list[tuple[str, str]]:
    found = []
    if reading.voltage is not None:
        found.append((tr("Voltage"), f"{_short(reading.voltage)} V"))
    if reading.temperature_celsius is not None:
        found.append((tr("Temperature"), f"{_short(reading.temperature_celsius)} °C"))
    if reading.full_kwh is not None:
        found.append((tr("Full charge"), f"{_short(reading.full_kwh)} kWh"))
    return found


def _short(value: Decimal) -> str:
    return plain(round_half_up(value, 1)).replace("-", MINUS)


def checks_of(reading: BatteryTelemetry, whose: str = "") -> tuple[str, ...]:
    """What was checked of a fit battery, as sentences; `whose` names the customer it belongs to, "" for a new battery."""
    found = [tr("It is {customer}'s battery", customer=whose) if whose else tr("It may be handed out")]
    if reading.voltage is not None:
        found.append(tr("Voltage in range"))
    if reading.temperature_celsius is not None:
        found.append(tr("Temperature in range"))
    found.append(tr("No fault reported"))
    agreeing = None not in (reading.soc_percent, reading.full_kwh, reading.kwh_remaining) and not reading.estimated
    if agreeing:
        found.append(tr("{percent} % agrees with {kwh} kWh", percent=percent_of(reading), kwh=kwh_words(reading.kwh_remaining)))
    return tuple(found)


def read_words(reading: BatteryTelemetry, zone: tzinfo | None) -> str:
    """ "Read at 14:05:12, in 6 s"."""
    at = f"{reading.timestamp.astimezone(zone):%H:%M:%S}"
    if reading.seconds is None:
        return tr("Read at {time}", time=at)
    return tr("Read at {time}, in {seconds} s", time=at, seconds=max(1, round(reading.seconds)))


# -- quotas


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverFacts:
    """Up to which charge the plan pays: a number with its unit, or a word; the sum below; a note where a payment is due anyway."""

    caption: str
    number: str
    unit: str = ""
    sum: str = ""
    note: str = ""


def cover_of(swap: Swap) -> CoverFacts:
    """Before the new battery is read: what is left and what was returned together pay for it (decisions 2, 7)."""
    plan, electricity = swap.plan, swap.plan.electricity
    note = tr("No swap is left in the plan.") if not plan.swap_count.unlimited and plan.swap_count.remaining < 1 else ""
    if electricity is None:
        unlimited = plan.swap_count.unlimited
        number = tr("Unlimited") if unlimited else count_words(max(ZERO, plan.swap_count.remaining))
        return CoverFacts(caption=tr("The plan counts swaps"), number=number, unit="" if unlimited else tr("left"), note=note)
    if electricity.unlimited:
        return CoverFacts(caption=tr("The plan covers every battery"), number=tr("Unlimited"), sum=tr("Any charge is covered."), note=note)
    left = max(ZERO, electricity.remaining)
    returned = (swap.incoming.kwh_remaining if swap.incoming else None) or ZERO
    parts = (
        tr("{left} left in the plan + {returned} returned", left=kwh_words(left), returned=kwh_words(returned))
        if swap.incoming
        else tr("{left} left in the plan", left=kwh_words(left))
    )
    return CoverFacts(caption=tr("The plan covers a battery up to"), number=kwh_words(left + returned), unit="kWh", sum=parts, note=note)


def quota_change(plan: ServicePlan, update: QuotaUpdate) -> QuotaChangeView:
    """A quota before and after this swap; a quota that the payment raised is drawn at its new length."""
    energy = plan.electricity is not None and update.service_id == plan.electricity.service_id
    name, unit = (tr("Electricity left"), "kWh") if energy else (tr("Swaps left"), "")
    if _is_unlimited(plan, update.service_id):
        return QuotaChangeView(name=name, unlimited=True)
    quota = update.quota_after
    before, after = update.quota_before - update.used_before, quota - update.used_after
    words = kwh_words if energy else count_words
    return QuotaChangeView(
        name=name,
        before=words(before),
        after=words(after),
        unit=unit,
        used=tr("{used} of {quota} used", used=words(update.used_after), quota=f"{plain(quota)} {unit}".rstrip()),
        level=_share(min(update.used_before, update.used_after), quota),
        extra=_share(max(ZERO, update.increment), quota),
    )


def _is_unlimited(plan: ServicePlan, service_id: str) -> bool:
    return any(state.service_id == service_id and state.unlimited for state in plan.service_states)


def _share(part: Decimal, whole: Decimal) -> float:
    """A level for a bar; drawn, never counted with."""
    return float(part / whole) if whole > 0 else 1.0


def net_words(swap: Swap) -> str:
    """How the net came about: "30.4 − 4.8 kWh", "rounded" where the readings say more than the net (decision 2); "" on a first visit."""
    new = swap.outgoing.kwh_remaining if swap.outgoing else None
    if new is None or swap.net_kwh is None:
        return ""
    returned = swap.incoming.kwh_remaining if swap.incoming else None
    if returned is None:
        return ""
    net = f"{kwh_words(new)} {MINUS} {kwh_words(returned)} kWh"
    return net if new - returned == swap.net_kwh else tr("{net}, rounded", net=net)


def net_estimated(swap: Swap) -> bool:
    """Whether the net comes from a reading that is an estimate (decision 11)."""
    return any(reading is not None and reading.estimated for reading in (swap.incoming, swap.outgoing))
