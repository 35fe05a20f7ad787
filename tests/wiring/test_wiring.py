"""What the wiring refuses, and how a kiosk ends when a part of it cannot."""

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.bootstrap import COUNTER, build_kiosk, link_of, plan_source_of, signing_of, topics_of
from kiosk.bootstrap.build import _training_settings
from kiosk.bootstrap.parts import is_open_to_all, stored_address_of
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput
from kiosk.settings import DatabaseSettings, MqttSettings, ScannerSettings, Settings, StationSettings
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.signing_keys import SigningKey
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.mqtt.plan_source import FieldPlans
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.events import Event, HealthChanged
from kiosk.station.health import OK, Health, HealthPart, HealthState
from tests.builders import reading
from tests.signing_platform import enrolment_file


def settings_in(folder: Path) -> Settings:
    """A counter without a broker or a battery."""
    batteries = folder / "batteries.json"
    batteries.write_text("[]")
    return Settings(
        data=folder,
        database=DatabaseSettings(url=f"sqlite:///{folder / 'kiosk.sqlite'}"),
        scanner=ScannerSettings(backend="simulated", batteries=batteries),
    )


async def test_a_counter_that_speaks_the_field_dialect_is_told_so_by_its_configuration_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(update={"mqtt": MqttSettings(dialect="field")})
    session = MqttSession(link_of(settings, COUNTER))
    assert isinstance(plan_source_of(settings, session, SystemClock()), FieldPlans)
    kiosk = build_kiosk(settings, lambda _: None, instance=COUNTER)
    await kiosk.stop()


def test_a_topic_that_does_not_exist_is_refused_and_not_ignored(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(update={"topics": {"complete": "a/{plan_id}"}})
    with pytest.raises(BadInput) as refusal:
        topics_of(settings)
    assert refusal.value.where == "topics.complete"


async def test_a_part_that_cannot_end_keeps_no_other_open(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = settings_in(tmp_path)
    kiosk = build_kiosk(settings, lambda _: None, instance=COUNTER)

    async def broken() -> None:
        raise OSError("the adapter is gone")

    kiosk = replace(kiosk, closing=(broken, *kiosk.closing))
    await kiosk.stop()
    assert "the adapter is gone" in caplog.text
    caplog.clear()
    again = build_kiosk(settings, lambda _: None, instance=COUNTER)  # the folder was let go
    await again.stop()


async def test_a_counter_says_at_its_start_how_each_part_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.bootstrap.health.is_synchronised", lambda: True)  # this machine's own clock may not be
    told: list[Event] = []
    kiosk = build_kiosk(settings_in(tmp_path), told.append, instance=COUNTER)
    await kiosk.start()
    try:
        async with asyncio.timeout(5):
            while len({each.part for each in told if isinstance(each, HealthChanged)}) < len(HealthPart):
                await asyncio.sleep(0.01)
    finally:
        await kiosk.stop()
    found = {each.part: each.health for each in told if isinstance(each, HealthChanged)}
    assert found[HealthPart.READER] == OK
    assert found[HealthPart.PRINTER] == Health(state=HealthState.NOT_SET_UP, what="no printer is set up")
    assert {part: health.state for part, health in found.items()} == {
        HealthPart.READER: HealthState.OK,
        HealthPart.PRINTER: HealthState.NOT_SET_UP,
        HealthPart.LINK: HealthState.WARNING,
        HealthPart.PLATFORM: HealthState.NOT_SET_UP,
        HealthPart.DISK: HealthState.OK,
        HealthPart.CLOCK: HealthState.OK,
        HealthPart.CERTIFICATES: HealthState.NOT_SET_UP,
        HealthPart.RECORD: HealthState.OK,
    }


def test_where_a_battery_was_read_last_is_known_after_a_restart(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "kiosk.sqlite")) as store:
        for battery_id, protocol in (("BAT-1", "oves"), ("BAT-2", "jbd")):
            told = reading(battery_id, "4.8", protocol=protocol, address="C8:47:8C:00:10:00")
            store.queue_reading(KnownReading(reading=told, station_id="STATION-1"))
        stored_address = stored_address_of(store)
        assert stored_address("BAT-1") == "C8:47:8C:00:10:00"
        assert stored_address("BAT-2") == ""  # its name is all that it has, and another may have it by now
        assert stored_address("BAT-3") == ""


def test_a_counter_signs_where_it_has_an_enrolment_file_and_training_and_the_field_never_do(tmp_path: Path) -> None:
    file = enrolment_file(tmp_path, SigningKey.make().public, "STATION-1")
    (tmp_path / "data").mkdir()
    settings = settings_in(tmp_path / "data").model_copy(update={"station": StationSettings(enrolment_file=file, site="Depot 3")})
    signing = signing_of(settings)
    assert signing.guard is not None
    assert signing.own is not None
    assert signing.own.alone
    assert not is_open_to_all(settings, signing)
    assert signing_of(_training_settings(settings, tmp_path / "training", 1)).guard is None
    field = settings.model_copy(update={"mqtt": MqttSettings(dialect="field")})
    assert (signing_of(field).guard, signing_of(field).own) == (None, None)


@pytest.mark.parametrize(
    ("mqtt", "open_to_all"),
    [({}, True), ({"username": "st-1"}, False), ({"tls_cert": Path("cert.pem")}, False), ({"tls_ca": Path("ca.pem")}, True)],
)
def test_a_counter_that_shows_the_broker_nothing_says_that_anybody_may_speak(
    tmp_path: Path, mqtt: dict[str, object], *, open_to_all: bool
) -> None:
    (tmp_path / "data").mkdir()
    settings = settings_in(tmp_path / "data").model_copy(update={"mqtt": MqttSettings(**mqtt)})  # type: ignore[arg-type]  # each row's own
    assert is_open_to_all(settings, signing_of(settings)) is open_to_all


def test_a_name_that_can_be_no_topic_has_no_topics_of_its_own_and_works_as_before(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(update={"station": StationSettings(id="Depot 3, counter 1")})
    assert signing_of(settings).own is None
