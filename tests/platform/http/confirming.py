"""The ERP system: signed deliveries of payments."""

import hashlib
import hmac
import itertools
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import text

from kiosk.domain.times import iso_utc
from kiosk.platform.http.payment_callback import PATH
from kiosk.platform.store.repository import PlatformStore
from kiosk.wire.exact_json import dumps, loads
from tests.builders import NOON
from tests.platform.agent_counter import PLAN
from tests.platform.http.site import PAYMENT_SECRET

_numbers = itertools.count(1)


def delivery(amount: str = "12.48", receipt_id: str = "PAY-1", **changes: Any) -> dict[str, Any]:
    """A payment as it is confirmed, in a delivery of its own; None leaves a key out."""
    document = {
        "delivery_id": f"DLV-{next(_numbers)}",
        "sent_at": iso_utc(NOON),
        "plan_id": PLAN,
        "amount": Decimal(amount),
        "currency": "USD",
        "receipt_id": receipt_id,
        "payment_method": "MOBILE_MONEY",
        "payment_timestamp": "2025-01-15T10:24:30Z",
        "reference": None,
        "station": "STATION_XYZ",
        "attendant": "ATT-001",
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def signature(body: bytes, secret: bytes = PAYMENT_SECRET) -> str:
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


async def deliver(client: httpx.AsyncClient, document: object, **headers: str) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer."""
    body = document if isinstance(document, bytes) else dumps(document)
    told = {"content-type": "application/json", "x-signature": signature(body), **{k.replace("_", "-"): v for k, v in headers.items()}}
    answer = await client.post(PATH, content=body, headers=told)
    return answer.status_code, loads(answer.content)


def stored(store: PlatformStore, query: str) -> list[tuple[Any, ...]]:
    """What the database holds."""
    with store.reading() as connection:
        return [tuple(each) for each in connection.execute(text(query))]


def events(store: PlatformStore) -> list[dict[str, Any]]:
    """All events ever queued, in their order."""
    return [loads(bytes(each)) for (each,) in stored(store, "SELECT payload FROM platform_outgoing_events ORDER BY number")]
