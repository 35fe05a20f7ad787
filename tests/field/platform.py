"""A platform that speaks the field dialect on a real broker, with books of its own: each plan's quotas, and what was done under which id.

It does what the facts say and no more: it believes the energy it is told, tops a quota up by what was paid, refuses with the field's
signals, answers a repeated id with IDEMPOTENT_OPERATION_DETECTED and the first answer inside. `manner` is how it speaks today.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kiosk.shared.mqtt.link import Delivery, LinkSettings, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.wire.exact_json import dumps, loads
from tests.brokers import Mosquitto

WAIT_SECONDS = 20.0
FLEET, ELECTRICITY, SWAPS = "service-battery-fleet-kenya", "service-electricity-kenya", "service-swap-count-kenya"
Json = dict[str, Any]


def link_to(broker: Mosquitto, name: str) -> LinkSettings:
    """A link with a client id of its own and short waits."""
    return LinkSettings(
        host=broker.host, port=broker.port, client_id=f"{name}-{uuid.uuid4().hex[:12]}", first_retry=0.05, most_retry=0.2, keepalive=5
    )


@dataclass
class Account:
    """One customer's plan as the platform keeps it. `price` is KES a kWh, None where the bundle has none."""

    plan_id: str
    held: str | None = "BAT-12345"
    used_kwh: Decimal = Decimal("12.3")
    quota_kwh: Decimal = Decimal(50)
    swaps: int = 9
    price: Decimal | None = Decimal(87)
    paid: list[str] = field(default_factory=list)

    def told(self) -> Json:
        """`metadata` of an identification."""
        states = ((FLEET, 0, 100_000, self.held), (ELECTRICITY, self.used_kwh, self.quota_kwh, None), (SWAPS, self.swaps, 100_000, None))
        names = ("service_id", "used", "quota", "current_asset")
        priced = [{"serviceId": ELECTRICITY, "usageMetric": "ENERGY", "usageUnit": "kWh", "usageUnitPrice": self.price}]
        return {
            "customer_id": f"CUST-{self.plan_id}",
            "service_plan_data": {
                "servicePlanId": self.plan_id,
                "customerId": f"CUST-{self.plan_id}",
                "status": "ACTIVE",
                "serviceState": "BATTERY_ISSUED" if self.held else "WAIT_BATTERY_ISSUE",
                "paymentState": "CURRENT",
                "templateId": "template-nairobi-payg",
                "templateVersion": "1.4",
                "currency": "KSh",
                "serviceStates": [dict(zip(names, each, strict=True)) for each in states],
            },
            "service_bundle": {"bundleId": "b", "name": "Nairobi", "services": [] if self.price is None else priced},
            "common_terms": {"billingCurrency": "XOF"},
        }


class Refused(Exception):
    """With the field's signal and a reason."""

    def __init__(self, signal: str, reason: str) -> None:
        super().__init__(reason)
        self.signal, self.reason = signal, reason


@dataclass
class Manner:
    """How it speaks: where success and signals stand (`top`, `data`, `metadata`), what is appended to ids, which topics it answers on.

    `silent`: what is heard is lost. `lost`: so many answers get lost on their way. `refusal`: every completion is refused with this signal.
    """

    level: str = "data"
    suffix: str = "re_abs"
    side: str = "attendant"
    silent: bool = False
    lost: int = 0
    refusal: str = ""


class FieldPlatform:
    """Answers while its session is up."""

    def __init__(self, session: MqttSession, *accounts: Account) -> None:
        self.manner = Manner()
        self.accounts = {each.plan_id: each for each in accounts}
        self.heard: list[MqttMessage] = []
        self.booked: list[str] = []
        self._session = session
        self._done: dict[str, tuple[bytes, Json]] = {}
        self._news = asyncio.Event()

    async def open(self) -> None:
        """Hear both requests about all plans."""
        for step in ("identify_customer", "payment_and_service"):
            await self._session.ready(self._session.listen(f"emit/uxi/attendant/plan/+/{step}", self._hear))

    def completions(self, plan_id: str) -> list[MqttMessage]:
        """What was heard for a plan, answered or not."""
        return [each for each in self.heard if each.topic.endswith(f"/{plan_id}/payment_and_service")]

    async def completion_heard(self, plan_id: str, times: int = 1) -> None:
        """Until a completion came `times` times."""
        async with asyncio.timeout(WAIT_SECONDS):
            while len(self.completions(plan_id)) < times:
                self._news.clear()
                await self._news.wait()

    def _hear(self, message: MqttMessage) -> None:
        self.heard.append(message)
        if not self.manner.silent:
            step, plan_id = message.topic.split("/")[-1], message.topic.split("/")[-2]
            result = self._identify(plan_id) if step == "identify_customer" else self._complete(plan_id, message)
            self._answer(plan_id, step, message, result)
        self._news.set()

    def _answer(self, plan_id: str, step: str, asked: MqttMessage, result: Json) -> None:
        if step == "payment_and_service" and self.manner.lost:
            self.manner.lost -= 1
            return
        question = loads(asked.payload)
        verdict = {"success": result["success"], "signals": result["signals"]}
        levels = {level: verdict if level == self.manner.level else {} for level in ("top", "data", "metadata")}
        envelope = {
            "timestamp": question["timestamp"],
            "plan_id": plan_id,
            "actor": {"type": "system", "id": "abs"},
            "correlation_id": f"{question['correlation_id']}{self.manner.suffix}",
            **levels["top"],
            "data": {**levels["data"], "metadata": {**levels["metadata"], **result["metadata"]}},
        }
        topic = f"echo/abs/{self.manner.side}/plan/{plan_id}/{step}"
        self._session.publish(topic, dumps(envelope), Delivery(correlation_data=asked.correlation_data))

    def _identify(self, plan_id: str) -> Json:
        account = self.accounts.get(plan_id)
        if account is None:
            return _refusal(Refused("SERVICE_PLAN_NOT_FOUND", "no such plan"))
        return {"success": True, "signals": ["CUSTOMER_IDENTIFIED_SUCCESS"], "metadata": account.told()}

    def _complete(self, plan_id: str, message: MqttMessage) -> Json:
        request = loads(message.payload)
        correlation_id = request["correlation_id"]
        if correlation_id in self._done:
            payload, first = self._done[correlation_id]
            if payload != message.payload:
                return _refusal(Refused("VALIDATION_FAILED", "the same id came with other bytes"))
            return {"success": True, "signals": ["IDEMPOTENT_OPERATION_DETECTED"], "metadata": {"cached_result": first}}
        try:
            signals = self._book(self.accounts[plan_id], request["data"])
        except Refused as refused:
            return _refusal(refused)
        self.booked.append(correlation_id)
        result: Json = {"success": True, "signals": signals, "metadata": {}}
        self._done[correlation_id] = (message.payload, result)
        return result

    def _book(self, account: Account, data: Json) -> list[str]:
        service, payment = data["service_data"], data.get("payment_data")
        if self.manner.refusal:
            raise Refused(self.manner.refusal, f"told to answer {self.manner.refusal}")
        if service.get("old_battery_id") != account.held or ("old_battery_id" in service) != (account.held is not None):
            raise Refused("BATTERY_MISMATCH", f"the customer holds {account.held}")
        quota = account.quota_kwh + _bought(account, payment)
        if account.used_kwh + service["energy_transferred"] > quota:
            raise Refused("QUOTA_EXHAUSTED", "the plan is short")
        account.used_kwh += service["energy_transferred"]
        account.quota_kwh, account.held, account.swaps = quota, service["new_battery_id"], account.swaps + 1
        if payment is None:
            return ["ASSET_RETURNED", "ASSET_ALLOCATED", "SERVICE_COMPLETED"]
        account.paid.append(payment["payment_reference"])
        return ["PAYMENT_AND_SERVICE_COMPLETED"]


def _bought(account: Account, payment: Json | None) -> Decimal:
    if payment is None:
        return Decimal(0)
    if payment["payment_type"] != "TOP_UP" or payment["service_id"] != ELECTRICITY or payment["payment_reference"] in account.paid:
        raise Refused("PAYMENT_FAILED", f"{payment['payment_reference']} pays nothing")
    return Decimal(payment["payment_amount"]) / (account.price or Decimal(1))


def _refusal(refused: Refused) -> Json:
    return {"success": False, "signals": [refused.signal], "metadata": {"reason": refused.reason}}


@asynccontextmanager
async def field_platform(broker: Mosquitto, *accounts: Account) -> AsyncIterator[FieldPlatform]:
    """A platform that knows these customers, ready to answer."""
    session = MqttSession(link_to(broker, "field-platform"))
    platform = FieldPlatform(session, *accounts)
    await session.start()
    try:
        await session.wait_connected(WAIT_SECONDS)
        await platform.open()
        yield platform
    finally:
        await session.stop()
