"""Readings to and from the platform: `POST` and `GET /api/v1/assets/{asset_id}/telemetry`. Failures are the client's (see `client`)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput, NotFound
from kiosk.domain.language import tr
from kiosk.station.adapters.http.client import PlatformClient
from kiosk.wire.exact_json import Raw
from kiosk.wire.telemetry_documents import latest_of


class HttpTelemetry:
    """The `ReadingChannel` of the ports."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def report(self, battery_id: str, documents: Sequence[str]) -> tuple[str, ...]:
        """One reading goes as it is, several as a batch; a platform that says nothing of one has taken it."""
        path = _path(battery_id)
        if len(documents) == 1:
            await self._client.post(path, Raw(documents[0]))
            return ("",)
        answer = await self._client.post(path, {"readings": [Raw(each) for each in documents]})
        return _reasons(answer, len(documents))

    async def latest(self, battery_id: str, timeout_seconds: float) -> KnownReading | None:
        """None where the platform knows none."""
        try:
            return latest_of(await self._client.get(f"{_path(battery_id)}/latest", timeout_seconds=timeout_seconds))
        except NotFound:
            return None


def _path(battery_id: str) -> str:
    asset_id = normalise_id(battery_id)
    if not asset_id.strip("."):
        raise BadInput("asset_id", tr("cannot stand in an address"))  # dots alone mean something there
    return f"/api/v1/assets/{quote(asset_id, safe='')}/telemetry"


def _reasons(answer: Any, count: int) -> tuple[str, ...]:  # noqa: ANN401  any JSON value
    outcomes = answer.get("outcomes") if isinstance(answer, dict) else None
    found = outcomes if isinstance(outcomes, list) and len(outcomes) == count else [None] * count
    return tuple(_reason(each) for each in found)


def _reason(outcome: object) -> str:
    if not isinstance(outcome, dict) or outcome.get("outcome") != "refused":
        return ""
    return str(outcome.get("reason") or "the platform gives no reason")
