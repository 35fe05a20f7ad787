"""A counter's folder, and the platform's books."""

import os
from pathlib import Path

import pytest

from tests.platform.http.site import station_token


@pytest.fixture(autouse=True)
def _nothing_of_the_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SWAP_KIOSK_"):
            monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kiosk"


@pytest.fixture
def books(tmp_path: Path) -> Path:
    return tmp_path / "platform.db"


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """The file that the kiosk of STATION_XYZ proves itself with: all that a kiosk asks, its token's role may."""
    file = tmp_path / "token"
    file.write_text(station_token("STATION_XYZ"))
    file.chmod(0o600)
    return file
