"""Training never reaches a real broker, database or printer, whatever the counter's settings say, and has a folder of its own."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.bootstrap import COUNTER, build_kiosk, build_training
from kiosk.domain.errors import NotFound, StoreFailed, StoreInUse
from kiosk.settings import DatabaseSettings, MqttSettings, PrintingSettings, Settings
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.adapters.printing import FilePrinter
from kiosk.station.events import Event, SwapAnswered
from kiosk.station.ports import ReadPhase
from kiosk.wire.customer_codes import parse_customer_code
from tests.brokers import Mosquitto
from tests.station.adapters.mqtt.parties import Ears
from tests.stores import store_of


@pytest.fixture(autouse=True)
def _nothing_of_the_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SWAP_KIOSK_"):
            monkeypatch.delenv(name)


def counters(folder: Path, mosquitto: Mosquitto, **mqtt: Any) -> Settings:
    """Settings of a real counter, with everything that could lead training astray."""
    link = {
        "host": mosquitto.host,
        "port": mosquitto.port,
        "username": "kiosk",
        "password_file": folder / "secret",
        "dialect": "field",
        **mqtt,
    }
    return Settings(
        mqtt=MqttSettings(**link),
        database=DatabaseSettings(url=f"sqlite:///{folder / 'counter.sqlite'}"),
        printing=PrintingSettings(printer="EPSON"),
        topics={"complete_service": "real/{plan_id}/complete"},
        data=folder / "data",
    )


def unseen(_phase: ReadPhase) -> None:
    """Nobody watches."""


async def test_a_whole_swap_in_training_reaches_no_real_broker_database_or_printer(
    own_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = own_mosquitto()
    heard: Ears[Event] = Ears()
    kiosk = build_training(counters(tmp_path, broker, tls_ca=tmp_path / "ca.pem"), heard)
    await kiosk.start()
    try:
        assert kiosk.training is not None
        scenario = await kiosk.training.begin("first_visit")
        swap = await kiosk.swaps.identify(parse_customer_code(scenario.customer_code))
        swap = await kiosk.swaps.accept_new(swap, await kiosk.swaps.read(swap, scenario.new_battery_id, unseen))
        done = await kiosk.swaps.complete(swap)
        (answer,) = await heard.until(lambda event: isinstance(event, SwapAnswered))
        assert isinstance(answer, SwapAnswered)
        assert answer.settled
        topic = store_of(kiosk).outbox_entry(done.correlation_id).message.topic
        assert isinstance(kiosk.printing._printer, FilePrinter)
    finally:
        await kiosk.stop()
    assert topic == f"call/uxi/attendant/plan/{scenario.customer_code}/complete_service"
    assert not any("New connection" in line or "New client" in line for line in broker.log)
    assert not (tmp_path / "counter.sqlite").exists()
    assert {each.name for each in (tmp_path / "data").iterdir()} == {"training"}


async def test_training_and_the_counter_do_not_share_data(mosquitto: Mosquitto, tmp_path: Path) -> None:
    settings = counters(tmp_path, mosquitto, password_file=None, username=None, dialect="spec")
    counter = build_kiosk(settings, lambda _event: None, instance=COUNTER)
    practice = build_training(settings, lambda _event: None)
    assert store_of(practice) is not store_of(counter)
    store_of(practice).audit(practice.swaps._clock.now(), "practised")
    assert (settings.data / "training" / "kiosk.sqlite").exists()
    await practice.stop()
    await counter.stop()


async def test_two_trainings_on_one_folder_are_one_too_many(mosquitto: Mosquitto, tmp_path: Path) -> None:
    settings = counters(tmp_path, mosquitto)
    first = build_training(settings, lambda _event: None)
    with pytest.raises(StoreInUse):
        build_training(settings, lambda _event: None)
    await first.stop()
    await build_training(settings, lambda _event: None).stop()


async def test_a_folder_that_fails_is_free_again_afterwards(mosquitto: Mosquitto, tmp_path: Path) -> None:
    settings = counters(tmp_path, mosquitto)
    blocked = settings.data / "training" / "kiosk.sqlite"
    blocked.mkdir(parents=True)
    for _again in range(2):
        with pytest.raises((StoreFailed, OSError)):
            build_training(settings, lambda _event: None)
    blocked.rmdir()
    await build_training(settings, lambda _event: None).stop()


async def test_practice_begins_anew_at_each_start(mosquitto: Mosquitto, tmp_path: Path) -> None:
    settings = counters(tmp_path, mosquitto)
    for _again in range(2):
        heard: Ears[Event] = Ears()
        kiosk = build_training(settings, heard)
        await kiosk.start()
        assert kiosk.training is not None
        assert [event.connected for event in heard.heard if isinstance(event, LinkChanged)] == [True]
        assert (store_of(kiosk).plans(), await kiosk.swaps.kept()) == ((), ())
        scenario = await kiosk.training.begin("normal")
        await kiosk.swaps.identify(parse_customer_code(scenario.customer_code))
        with pytest.raises(NotFound):
            await kiosk.training.begin("holiday")
        await kiosk.stop()
