"""Battery readings over HTTP: the specification's `GET .../telemetry/latest`, and `POST .../telemetry` by which kiosks report them.

A report is one reading, or `{"readings": [...]}` with at most MAX_READINGS of the battery in the address; each may have the shape that
`latest` answers with, `{"asset_id", "telemetry": {...}}`. Reported again it is `known` and
changes nothing; another reading of the same time and station `contradicts` and the first stands. What happens on each kind of failure:

- A body that is no reading and no batch, an address that is no id, an `asset_id` of another battery: 400, nothing is stored.
- A kiosk reports a reading that another station made: 403, nothing is stored. One that names no station is the kiosk's own.
- A reading that cannot be: read in the future by more than MAX_AHEAD, or contradicting itself (decision 12): alone it is answered with 422
  and the reason; in a batch it is `refused` with its reason and the others are stored. So the latest is always one that can be.
- No reading of the battery is known: 404. The database does not answer: 503, by the application.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits, check_reading, normalise_id
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput, BatteryUnreadable
from kiosk.domain.language import tr
from kiosk.platform.http.access import own_station
from kiosk.platform.http.answers import answer, asset_in, check_content_type, error_answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.store.reading_history import ReadingHistory, ReadingOutcome, ReportedReading
from kiosk.wire.checked import checked
from kiosk.wire.exact_json import loads
from kiosk.wire.telemetry_documents import ReadingDocument, reading_text, to_telemetry

log = logging.getLogger(__name__)
MAX_READINGS = 100
MAX_AHEAD = timedelta(minutes=5)
_ADDRESS = "/api/v1/assets/{asset_id:path}/telemetry"
_REFUSED = "refused"
_LIMITS = FitnessLimits()


def routes(context: ApiContext) -> list[BaseRoute]:
    """Both addresses."""
    handlers = TelemetryHandlers(context)
    return [
        Route(f"{_ADDRESS}/latest", handlers.latest, methods=["GET"], name="telemetry_latest"),
        Route(_ADDRESS, handlers.report, methods=["POST"], name="telemetry_report"),
    ]


class TelemetryHandlers:
    def __init__(self, context: ApiContext) -> None:
        self._context, self._book = context, ReadingHistory(context.store)

    async def latest(self, request: Request) -> Response:
        """The newest reading, in the specification's shape; facts that it does not name come after those that it names."""
        asset_id = asset_in(request)
        found = await run_in_threadpool(self._book.latest, asset_id)
        if found is None:
            return error_answer(404, "NotFound", tr("No reading of {asset_id} is known.", asset_id=asset_id))
        document = loads(found)
        del document["asset_id"]
        return answer({"asset_id": asset_id, "telemetry": document})

    async def report(self, request: Request) -> Response:
        """One reading or a batch."""
        asset_id = asset_in(request)
        check_content_type(request)
        document = loads(await request.body())
        batch = document.get("readings") if isinstance(document, dict) else None
        if batch is not None:
            if not isinstance(batch, list) or not 1 <= len(batch) <= MAX_READINGS:
                raise BadInput("readings", tr("must be a list of 1 to {count} readings", count=MAX_READINGS))
            return answer({"outcomes": await self._keep_all(request, batch)})
        (outcome,) = await self._keep_all(request, [document])
        if outcome["outcome"] == _REFUSED:
            return error_answer(
                422, "ReadingRefused", tr("The reading of {asset_id} is refused: {reason}.", asset_id=asset_id, reason=outcome["reason"])
            )
        return answer(outcome)

    async def _keep_all(self, request: Request, documents: list[Any]) -> list[dict[str, str]]:
        """What became of each, in order."""
        now = self._context.clock.now()
        results = [self._check(request, each, now) for each in documents]
        good = [each for each in results if isinstance(each, ReportedReading)]
        kept = iter(await run_in_threadpool(self._book.keep, good, now) if good else ())
        return [{"outcome": _REFUSED, "reason": each} if isinstance(each, str) else _outcome_document(each, next(kept)) for each in results]

    def _check(self, request: Request, document: object, now: datetime) -> ReportedReading | str:
        """The reading to keep, or why it is not. Raises BadInput for an asset id that is not the address's, OutOfScope."""
        asset_id = asset_in(request)
        if isinstance(document, dict) and "telemetry" in document:
            _check_same(document.get("asset_id"), asset_id)
            document = document["telemetry"]
        try:
            read = checked(ReadingDocument, document, BadInput, root="reading")
        except BadInput as fault:
            return f"{fault.where} {fault.reason}"
        _check_same(read.asset_id, asset_id)
        reading = to_telemetry(read.model_copy(update={"asset_id": asset_id}), asset_id)
        station_id = own_station(request, read.station_id or "")
        return self._find_fault(reading, now) or ReportedReading(
            asset_id=reading.battery_id,
            read_at=reading.timestamp,
            station_id=station_id,
            document=reading_text(KnownReading(reading=reading, station_id=station_id)),
        )

    def _find_fault(self, reading: BatteryTelemetry, now: datetime) -> str | None:
        ahead = reading.timestamp - now
        if ahead > MAX_AHEAD:
            return tr("its timestamp lies {minutes} minutes in the future", minutes=ahead // timedelta(minutes=1))
        try:
            check_reading(reading, _LIMITS)
        except BatteryUnreadable as fault:
            return fault.reason
        return None


def _check_same(given: object, asset_id: str) -> None:
    """A report need not name its battery. Raises BadInput for another one."""
    if given is not None and not (isinstance(given, str) and normalise_id(given) == asset_id):
        raise BadInput(
            "asset_id", tr("{given!r} is not the battery of this address, {asset_id}", given=str(given)[:128], asset_id=asset_id)
        )


def _outcome_document(reading: ReportedReading, outcome: ReadingOutcome) -> dict[str, str]:
    if outcome is ReadingOutcome.CONTRADICTS:
        log.warning("%s, %s: another reading of %s is known, and stands", reading.asset_id, reading.station_id, reading.read_at)
    return {"outcome": outcome.value}
