"""What the wiring refuses, and how a kiosk ends when a part of it cannot."""

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.bootstrap import COUNTER, build_kiosk, topics_of
from kiosk.domain.errors import BadInput
from kiosk.settings import DatabaseSettings, MqttSettings, ScannerSettings, Settings


def settings_in(folder: Path) -> Settings:
    """A counter without a broker or a battery."""
    batteries = folder / "batteries.json"
    batteries.write_text("[]")
    return Settings(
        data=folder,
        database=DatabaseSettings(url=f"sqlite:///{folder / 'kiosk.sqlite'}"),
        scanner=ScannerSettings(backend="simulated", batteries=batteries),
    )


def test_a_dialect_that_is_not_spoken_is_refused_and_not_ignored(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(update={"mqtt": MqttSettings(dialect="field")})
    with pytest.raises(BadInput) as refusal:
        topics_of(settings)
    assert refusal.value.where == "mqtt.dialect"


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
