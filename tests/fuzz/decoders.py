"""The decoders of batteries under atheris: `python -m tests.fuzz.decoders [-max_total_time=60 ...]` (`make fuzz`).

The first byte chooses a decoder; the rest becomes the values or notifications of a battery. Any exception but our own ends the run with the
bytes that caused it, and so does a reading that no such bytes can mean.
"""

import sys
from collections.abc import Callable
from decimal import Decimal

import atheris

with atheris.instrument_imports(include=["kiosk.station.adapters.bluetooth", "kiosk.domain", "aiobmsble"]):
    from kiosk.domain.battery.battery import FitnessLimits, check_fit, check_reading
    from kiosk.domain.errors import BatteryError, BatteryUnreadable
    from kiosk.station.adapters.bluetooth.battery_protocol import EstimatePolicy
    from kiosk.station.adapters.bluetooth.protocols import oves
    from tests.station.adapters.bluetooth.bench import NOW
    from tests.station.adapters.bluetooth.packs import read, recordings

_LONGEST = 24
_SECONDS = 10.0


def oves_values(data: "atheris.FuzzedDataProvider") -> None:
    """Any bytes behind any of the characteristics."""
    values = {uuid: data.ConsumeBytes(data.ConsumeIntInRange(0, _LONGEST)) for uuid in oves.READ_ORDER if data.ConsumeBool()}
    estimates = EstimatePolicy(allowed=data.ConsumeBool(), design_kwh=Decimal("3.2"))
    try:
        reading = oves.decode(values, battery_id="B1", read_at=NOW, estimates=estimates)
    except BatteryUnreadable:
        return
    assert reading.battery_id.strip()
    assert reading.kwh_remaining is not None
    assert reading.kwh_remaining >= 0
    if not reading.estimated:
        millivolts, mah = (int.from_bytes(values[uuid], "little") for uuid in (oves.PCKV, oves.RCAP))
        assert abs(reading.kwh_remaining * 1_000_000_000 - mah * millivolts) <= 500_000
    try:
        check_reading(reading, FitnessLimits())
        check_fit(reading, FitnessLimits())
    except BatteryError:
        return


def commodity_notifications(name: str) -> Callable[["atheris.FuzzedDataProvider"], None]:
    """A recorded pack whose notifications were damaged: its annotated values, or no reading."""
    recorded = recordings()[name]

    def fuzz(data: "atheris.FuzzedDataProvider") -> None:
        exchange = [(request, [_damaged(each, data) for each in told]) for request, told in recorded.exchange]
        try:
            reading = read(recorded.peripheral(exchange), _SECONDS)
            check_reading(reading, FitnessLimits())
        except (BatteryError, TimeoutError):
            return
        assert (reading.voltage, reading.charge_ah) == (recorded.volts, recorded.amp_hours), reading

    return fuzz


def _damaged(told: bytes, data: "atheris.FuzzedDataProvider") -> bytes:
    way = data.ConsumeIntInRange(0, 4)
    if way == 0:
        return told
    if way == 1:
        return told[: data.ConsumeIntInRange(0, len(told))]
    if way == 2:
        return told + bytes(data.ConsumeBytes(_LONGEST))
    if way == 3:
        return bytes(data.ConsumeBytes(_LONGEST))
    changed = bytearray(told)
    if changed:
        changed[data.ConsumeIntInRange(0, len(changed) - 1)] ^= data.ConsumeIntInRange(1, 255)
    return bytes(changed)


_DECODERS = (oves_values, *(commodity_notifications(name) for name in ("JBD-D", "JK-32s_v15", "DL-41")))
_CHOICE = (1, 2, 3, *([0] * 13))  # the quick one gets most of the tries


def one_input(raw: bytes) -> None:
    """One try."""
    data = atheris.FuzzedDataProvider(raw)
    _DECODERS[_CHOICE[data.ConsumeIntInRange(0, len(_CHOICE) - 1)]](data)


def main() -> None:
    """Until libFuzzer's own options say that it is enough."""
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
