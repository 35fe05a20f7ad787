"""Whether a receipt is booked: asked by anybody, told to nobody more than that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import insert, update
from starlette.requests import Request

from kiosk.platform.http.addresses import Proxies
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.callers import MAX_ADDRESSES, MAX_ASKS, WINDOW_SECONDS, AskLimit
from kiosk.platform.store.station_tables import station_keys, stations
from kiosk.shared.signing_keys import SigningKey
from kiosk.wire.signed_receipts import ReceiptFacts, sign_receipt
from tests.builders import NOON
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, Counter, completion, paid
from tests.platform.http.site import calling

KEY = SigningKey.from_seed(bytes(range(32)))
AT = datetime.fromisoformat(completion()["transaction_timestamp"])
STATION = completion()["attendant_station"]
FACTS = ReceiptFacts.of_swap(transaction=SWAP, station=STATION, at=AT, net_kwh=Decimal("25.6"), amount=Decimal(0), currency="USD")


class MovingClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return self.seconds


def enrolled(context: ApiContext, *, until: datetime | None = None) -> None:
    """The platform knows the station's key, which ends then."""
    station = {"station_id": STATION, "folded_id": STATION.upper(), "added_at": NOON, "refused_why": ""}
    begun = NOON - timedelta(days=9)
    key = {"public_key": KEY.public.text, "key_id": KEY.public.id, "station_id": STATION, "valid_from": begun, "valid_until": until}
    with context.store.writing() as connection:
        connection.execute(insert(stations), station)
        connection.execute(insert(station_keys), key)


def key_ends(context: ApiContext, until: datetime) -> None:
    with context.store.writing() as connection:
        connection.execute(update(station_keys).values(valid_until=until))


async def asked(context: ApiContext, facts: ReceiptFacts) -> dict[str, object]:
    async with calling(context, bearer=False) as client:
        response = await client.get(f"/api/v1/receipts/{facts.transaction}", params={"digest": facts.digest})
    assert response.status_code == 200, response.text
    answer: dict[str, object] = response.json()
    return answer


async def test_a_booked_swap_is_booked_with_the_values_of_its_receipt(context: ApiContext, counter: Counter) -> None:
    counter.ask("complete_service", completion())
    assert await asked(context, FACTS) == {"transaction_id": SWAP, "booked": True, "same": True}
    for other in (
        replace(FACTS, net_kwh="25.7"),
        replace(FACTS, station="ST-9"),
        replace(FACTS, amount="1"),
        replace(FACTS, currency="KES"),
    ):
        assert await asked(context, other) == {"transaction_id": SWAP, "booked": True, "same": False}


async def test_what_was_paid_is_compared_too(context: ApiContext, counter: Counter) -> None:
    counter.ask("complete_service", paid("12.48"))
    assert (await asked(context, replace(FACTS, amount="12.48")))["same"] is True
    assert (await asked(context, FACTS))["same"] is False


async def test_a_swap_that_is_not_booked_is_not(context: ApiContext, counter: Counter) -> None:
    counter.ask("complete_service", completion(incoming_battery_id="BAT-9"))  # refused
    assert await asked(context, FACTS) == {"transaction_id": SWAP, "booked": False, "same": None}


async def test_of_the_older_sequence_it_is_known_that_it_is_booked(context: ApiContext, counter: Counter) -> None:
    document = completion()
    checkout = {
        "action": "EQUIPMENT_CHECKOUT",
        "replacement_equipment_id": document["outgoing_battery_id"],
        "incoming_equipment_id": document["incoming_battery_id"],
        "incoming_kwh": document["incoming_kwh"],
        "outgoing_kwh": document["outgoing_kwh"],
        "correlation_id": OTHER_SWAP,
    }
    answer = counter.ask("equipment_checkout", checkout)
    booked = await asked(context, replace(FACTS, transaction=OTHER_SWAP))
    assert booked == {"transaction_id": OTHER_SWAP, "booked": True, "same": None}, answer


async def test_it_says_nothing_of_customer_plan_or_battery(context: ApiContext, counter: Counter) -> None:
    counter.ask("complete_service", completion())
    async with calling(context, bearer=False) as client:
        for address in (f"/api/v1/receipts/{SWAP}?digest={FACTS.digest}", f"/receipt?text={sign_receipt(FACTS, KEY).code}"):
            text = (await client.get(address)).text
            assert not [each for each in (PLAN, "CUST-001", "BAT-12345", "BAT-67890") if each in text]


@pytest.mark.parametrize("digest", ["", "x", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"])
async def test_a_digest_that_is_none_is_refused(context: ApiContext, digest: str) -> None:
    async with calling(context, bearer=False) as client:
        response = await client.get(f"/api/v1/receipts/{SWAP}", params={"digest": digest})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "BadInput"


@pytest.mark.parametrize("transaction", ["%00", "%0a", "x" * 200, "%20"])
async def test_a_transaction_that_can_be_none_is_refused(context: ApiContext, transaction: str) -> None:
    async with calling(context, bearer=False) as client:
        assert (await client.get(f"/api/v1/receipts/{transaction}?digest={'0' * 64}")).status_code == 400


async def test_one_address_asks_so_often_a_minute_and_another_is_still_answered(context: ApiContext) -> None:
    clock = MovingClock()
    asking = f"/api/v1/receipts/{SWAP}?digest={'0' * 64}"
    behind = replace(context, clock=clock, proxies=Proxies(["127.0.0.1"]))
    async with calling(behind, bearer=False) as client:

        async def status(address: str) -> int:
            return (await client.get(asking, headers={"X-Forwarded-For": f"10.0.0.9, {address}"})).status_code

        assert {await status("10.0.0.1") for _ in range(MAX_ASKS)} == {200}
        refused = await client.get(asking, headers={"X-Forwarded-For": "10.0.0.1"})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert await status("10.0.0.2") == 200
        clock.seconds = WINDOW_SECONDS
        assert await status("10.0.0.1") == 200


def test_many_addresses_cost_no_more_memory() -> None:
    turns = AskLimit(MovingClock(), Proxies(), most=2)

    def asks(number: int) -> bool:
        return turns.take(Request({"type": "http", "headers": [], "client": (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1)}))

    for number in range(MAX_ADDRESSES):
        assert asks(number)
    assert [asks(MAX_ADDRESSES + number) for number in range(3)] == [True, True, False]
    assert asks(0)


async def page(context: ApiContext, text: str) -> httpx.Response:
    async with calling(context, bearer=False) as client:
        return await client.get("/receipt", params={"text": text})


async def test_the_page_tells_the_four_outcomes_apart(context: ApiContext, counter: Counter) -> None:
    counter.ask("complete_service", completion())
    signed = sign_receipt(FACTS, KEY)
    assert "Unknown key" in (await page(context, signed.code)).text
    enrolled(context)
    valid = (await page(context, signed.code)).text
    assert "Valid" in valid
    assert "The platform has booked exactly this." in valid
    altered = (await page(context, signed.code.replace("25.6", "30"))).text
    assert "Altered" in altered
    assert "booked" not in altered
    key_ends(context, NOON - timedelta(days=1))
    late = (await page(context, signed.code)).text
    assert "Key ended" in late
    assert "The platform has booked exactly this." in late
    assert "No receipt" in (await page(context, "TXN-1")).text


async def test_the_page_needs_no_password_and_asks_each_address_so_often(context: ApiContext) -> None:
    async with calling(context, bearer=False) as client:
        first = await client.get("/receipt")
        assert first.status_code == 200
        assert "script" not in first.text
        assert first.headers["content-security-policy"].startswith("default-src 'self'")
        assert [(await client.get("/receipt")).status_code for _ in range(MAX_ASKS)][-1] == 429


@pytest.mark.parametrize(
    "text", ["SKR1|<script>alert(1)</script>" + "|x" * 7, '"><img src=x>', "SKR1|" + "\u202e" * 30 + "|x" * 7, "x" * 5000]
)
async def test_what_somebody_typed_is_never_markup(context: ApiContext, text: str) -> None:
    shown = (await page(context, text)).text
    assert "<script" not in shown
    assert "<img" not in shown
    assert len(shown) < 6000


def test_the_time_of_the_swap_is_cut_to_seconds() -> None:
    precise = ReceiptFacts.of_swap(
        transaction=SWAP,
        station="S",
        at=datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC),
        net_kwh=None,
        amount=Decimal(0),
        currency="USD",
    )
    assert precise.time == "2026-01-01T00:00:00Z"
