"""`GET /api/v1/receipts/{transaction}?digest=HEX`, for anybody: whether the platform has booked a transaction, and with the values of this
digest.

`{"transaction_id", "booked", "same"}`; `same` is null where the platform cannot say. It tells nothing else of a swap. What happens on each
kind of failure: a transaction that can be no id, or a digest that is none: 400. More than MAX_ASKS a minute from one address: 429.
"""

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.platform.http.answers import answer, error_answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.callers import WINDOW_SECONDS, AskLimit
from kiosk.platform.store.receipt_book import ReceiptBook
from kiosk.wire.checked import id_fault

PATH = "/api/v1/receipts"
_DIGEST = re.compile(r"[0-9a-f]{64}")


def routes(context: ApiContext) -> list[BaseRoute]:
    """The one address."""
    book, turns = ReceiptBook(context.store), AskLimit(context.clock, context.proxies)

    async def receipt(request: Request) -> Response:
        if not turns.take(request):
            return too_many()
        transaction, digest = request.path_params["transaction"], request.query_params.get("digest", "")
        if found := id_fault(transaction):
            raise BadInput("transaction", found)
        if not _DIGEST.fullmatch(digest):
            raise BadInput("digest", tr("is no SHA-256 in lower-case hex"))
        booked = await run_in_threadpool(book.find, transaction)
        same = None if booked is None or booked.facts is None else booked.facts.digest == digest
        return answer({"transaction_id": transaction, "booked": booked is not None, "same": same}, headers={"Cache-Control": "no-store"})

    return [Route(f"{PATH}/{{transaction:path}}", receipt, methods=["GET"], name="receipt")]


def too_many() -> Response:
    """429."""
    message = tr("Too many receipts were asked for from this address. Ask again in a minute.")
    return error_answer(429, "TOO_MANY_REQUESTS", message, {"Retry-After": f"{WINDOW_SECONDS:.0f}"})
