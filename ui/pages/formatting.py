"""Domain values as words and as what the widgets draw: pure, without Qt. What several pages show alike: the customer's masked name, the
steps that a swap skips, times at the station, batteries, quotas and money.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.decimals import ZERO, round_half_up
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages import spell_age
from kiosk.domain.plan.quota import QuotaUpdate
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.domain.times import clock_time
from kiosk.domain.written import MINUS, write_amount, write_kwh, write_number
from ui.widgets import BatteryView, QuotaView

TIMES = "×"
FIT, SET_ASIDE = mark("Fit for use"), mark("Set aside for inspection")
NOT_MEASURED = "–"
METHOD_ICONS = {"MOBILE_MONEY": "device-mobile-bold", "CASH": "money-bold", "CARD": "credit-card-bold"}  # any other has a wallet
RAIL = {step: index for index, step in enumerate(Step)}  # where a step stands in `ui.widgets.head.STEPS`
NO_STEPS = frozenset[Step]()
SETTLED_STEPS = frozenset({Step.REVIEW, Step.DONE})
MONTHS = (
    mark("Jan"),
    mark("Feb"),
    mark("Mar"),
    mark("Apr"),
    mark("May"),
    mark("Jun"),
    mark("Jul"),
    mark("Aug"),
    mark("Sep"),
    mark("Oct"),
    mark("Nov"),
    mark("Dec"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationTime:
    """Now, at the station; `zone` None is the machine's own."""

    now: datetime
    zone: tzinfo | None


def masked_name(plan: ServicePlan) -> str:
    """The customer as the screen may show it: "Amina W.", else the customer's id (interface, "Words")."""
    parts = (plan.customer_name or "").split()
    return f"{parts[0]} {parts[-1][0]}." if len(parts) > 1 else "".join(parts) or plan.customer_id


def skipped_steps(swap: Swap | None) -> frozenset[Step]:
    """The steps that this swap does not need: Returned on a first visit, Payment once the review shows that none was due."""
    if swap is None:
        return NO_STEPS
    returned = {Step.RETURNED} if swap.plan.first_visit else NO_STEPS
    payment = {Step.PAYMENT} if not swap.payments and next_step(swap) in SETTLED_STEPS else NO_STEPS
    return frozenset(returned | payment)


def shortened(code: str, most: int = 24) -> str:
    """A code or id that fits beside other words: its beginning and its end, which tell it from others."""
    return code if len(code) <= most else f"{code[: most // 2]} … {code[-(most // 2 - 3) :]}"


def clock_moved_words(moved: timedelta) -> str:
    """That the wall clock was set, by how much and which way."""
    back = moved < timedelta(0)
    words = mark("The clock was set back by {time}. This is noted.") if back else mark("The clock was set on by {time}. This is noted.")
    return tr(words, time=spell_age(abs(moved)))


def clock_words(at: datetime, zone: tzinfo | None) -> str:
    """The time of day at the station: "14:05", in an hour that is repeated "02:30 UTC+2"."""
    return clock_time(at, zone)


def moment_words(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """The time of day, with the date when it was another day: "14:05", "20 Nov, 14:05"."""
    there, time = at.astimezone(zone), clock_words(at, zone)
    if there.date() == now.astimezone(zone).date():
        return time
    return tr("{day} {month}, {time}", day=there.day, month=tr(MONTHS[there.month - 1]), time=time)


def sentence_case(phrase: str) -> str:
    """A phrase with a capital letter at its beginning."""
    return phrase[:1].upper() + phrase[1:]


def age_words(at: datetime, now: datetime) -> str:
    """How long ago: "3 h"; never negative, a clock that was set back makes it 0 s."""
    return spell_age(max(timedelta(0), now - at))


def kwh_words(kwh: Decimal | None) -> str:
    """ "4.8", "10.0", "30.377"; a dash where nothing is measured."""
    return NOT_MEASURED if kwh is None else write_kwh(kwh)


def count_words(count: Decimal) -> str:
    """A number of swaps."""
    return write_number(count)


def swaps_words(count: Decimal) -> str:
    """ "1 swap", "2 swaps"."""
    return tr_count("{number} swap", "{number} swaps", 1 if count == 1 else 2, number=write_number(count))


def amount_words(amount: Decimal, currency: str) -> str:
    """An amount without its currency, for a figure that has it as its unit."""
    return write_amount(amount, currency)


# -- batteries


def percent_of(reading: BatteryTelemetry) -> int | None:
    """The state of charge in whole percent: as the battery reports it, else from the capacities, else None."""
    soc = reading.soc_percent
    if soc is None and reading.full_kwh and reading.kwh_remaining is not None:
        soc = reading.kwh_remaining / reading.full_kwh * 100
    return None if soc is None else int(max(ZERO, soc).to_integral_value(ROUND_HALF_UP))


def battery_view(reading: BatteryTelemetry, name: str, *, inspection: str = "", checked: bool = False) -> BatteryView:
    """A battery as a card; `checked` says on the card that it is fit, `inspection` why it is set aside."""
    cells = ((tr("Lowest cell"), reading.lowest_cell_volts, "V", 3), (tr("Cell spread"), reading.cell_spread_volts, "V", 3))
    measured = (
        (tr("Voltage"), reading.voltage, "V", 1),
        (tr("Temperature"), reading.temperature_celsius, "°C", 1),
        *(cells if reading.lowest_cell_volts is not None else ((tr("Full charge"), reading.full_kwh, "kWh", 1),)),
    )
    return BatteryView(
        name=name,
        battery_id=reading.battery_id,
        kwh=kwh_words(reading.kwh_remaining),
        percent=percent_of(reading),
        estimated=reading.estimated,
        measured=tuple((name, f"{_short(value, places)} {unit}") for name, value, unit, places in measured if value is not None),
        fit=not inspection,
        fitness=tr(SET_ASIDE) if inspection else tr(FIT) if checked else "",
    )


def _short(value: Decimal, places: int) -> str:
    return write_number(round_half_up(value, places))


def checks_of(reading: BatteryTelemetry, whose: str = "") -> tuple[str, ...]:
    """What was checked of a fit battery, as sentences; `whose` names the customer it belongs to, "" for a new battery."""
    agreeing = None not in (reading.soc_percent, reading.full_kwh, reading.kwh_remaining) and not reading.estimated
    checks = (
        (True, tr("It is {customer}'s battery", customer=whose) if whose else tr("It may be handed out")),
        (reading.voltage is not None, tr("Voltage in range")),
        (reading.temperature_celsius is not None, tr("Temperature in range")),
        (not reading.unknown_codes, tr("No fault reported")),
        (agreeing, tr("{percent} % agrees with {kwh} kWh", percent=percent_of(reading), kwh=kwh_words(reading.kwh_remaining))),
    )
    return tuple(words for checked, words in checks if checked)


def notices_of(reading: BatteryTelemetry) -> tuple[str, ...]:
    """What the battery says of itself that bars nothing, as sentences: states, and codes without a known meaning, for a person to judge."""
    states = (tr("It says: {states}", states=", ".join(tr(each) for each in reading.states)),) if reading.states else ()
    return (*states, *(tr("BMS code {code}, meaning not known", code=each) for each in reading.unknown_codes))


def read_words(reading: BatteryTelemetry, zone: tzinfo | None) -> str:
    """ "Read at 14:05:12, in 6 s"."""
    at = clock_time(reading.timestamp, zone, seconds=True)
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
    swaps, electricity = swap.plan.swap_count, swap.plan.electricity
    note = tr("No swap is left in the plan.") if not swaps.unlimited and swaps.remaining < 1 else ""
    if electricity is None:
        number, unit = (tr("Unlimited"), "") if swaps.unlimited else (count_words(max(ZERO, swaps.remaining)), tr("left"))
        return CoverFacts(caption=tr("The plan counts swaps"), number=number, unit=unit, note=note)
    if electricity.unlimited:
        return CoverFacts(caption=tr("The plan covers every battery"), number=tr("Unlimited"), sum=tr("Any charge is covered."), note=note)
    left = max(ZERO, electricity.remaining)
    returned = swap.counted_kwh or ZERO
    parts = (
        tr("{left} left in the plan + {returned} returned", left=kwh_words(left), returned=kwh_words(returned))
        if swap.incoming
        else tr("{left} left in the plan", left=kwh_words(left))
    )
    return CoverFacts(caption=tr("The plan covers up to"), number=kwh_words(left + returned), unit="kWh", sum=parts, note=note)


def quota_change(plan: ServicePlan, update: QuotaUpdate) -> QuotaView:
    """A quota before and after this swap; a quota that the payment raised is drawn at its new length."""
    energy = plan.electricity is not None and update.service_id == plan.electricity.service_id
    name, unit = (tr("Electricity left"), "kWh") if energy else (tr("Swaps left"), "")
    if any(state.service_id == update.service_id and state.unlimited for state in plan.service_states):
        return QuotaView(name=name, unlimited=True)
    quota = update.quota_after
    before, after = update.quota_before - update.used_before, quota - update.used_after
    words = kwh_words if energy else count_words
    return QuotaView(
        name=name,
        before=words(before),
        left=words(after),
        unit=unit,
        used=tr("{used} of {quota} used", used=words(update.used_after), quota=f"{write_number(quota)} {unit}".rstrip()),
        level=_share(min(update.used_before, update.used_after), quota),
        extra=_share(max(ZERO, update.increment), quota),
    )


def _share(part: Decimal, whole: Decimal) -> float:
    """A level for a bar; drawn, never counted with."""
    return float(part / whole) if whole > 0 else 1.0


def net_words(swap: Swap) -> str:
    """How the net came about: "30.4 − 4.8 kWh", "as issued" where the battery came back with more than that (decision 28), "rounded" where
    the readings say more than the net (decision 2); "" on a first visit."""
    new, read = (reading.kwh_remaining if reading else None for reading in (swap.outgoing, swap.incoming))
    returned = swap.counted_kwh
    if new is None or returned is None or swap.net_kwh is None:
        return ""
    net = f"{kwh_words(new)} {MINUS} {kwh_words(returned)} kWh"
    if returned != read:
        net = tr("{net} as issued", net=net)
    return net if new - returned == swap.net_kwh else tr("{net}, rounded", net=net)


def net_estimated(swap: Swap) -> bool:
    """Whether the net comes from a reading that is an estimate (decision 11)."""
    return any(reading is not None and reading.estimated for reading in (swap.incoming, swap.outgoing))
