"""A bare agent that books completions by hand: `python -m tests.bench.floors.booking PORT DATABASE AT_ONCE [SHARE]`.

paho, a driver (psycopg for `postgresql://...`, sqlite3 for a path), and between them the platform's statements, in the same order in one
transaction: for one request, or for all that wait up to AT_ONCE. What it decides is decided for ordinary completions alone: the battery
that comes back is the one that was issued, both quotas suffice. Prints a line when it listens, serves until its standard input ends.
"""

import hashlib
import select
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import simplejson
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.bench.floors import decimals
from tests.bench.floors.nodelay import no_delay
from tests.bench.floors.rows import PRAGMAS

Json = dict[str, Any]
_PLANS = (
    "SELECT p.plan_id, p.document, t.document, p.version FROM platform_plans p JOIN platform_templates t ON t.digest = p.template_digest"
    " WHERE p.plan_id IN ({}) ORDER BY p.plan_id"
)
_KNOWN = "SELECT correlation_id, part, digest, response, action FROM platform_transactions WHERE correlation_id IN ({})"
_PAID = "SELECT method, receipt_id, owner, plan_id, amount, currency, at FROM platform_payment_events WHERE owner IN ({}) ORDER BY number"
_BOOK = (
    "UPDATE platform_plans SET document = %s, version = version + 1, changed_at = %s, current_asset = %s, station_id = %s"
    " WHERE plan_id = %s AND version = %s"
)
_TRANSACTION = (
    "INSERT INTO platform_transactions (correlation_id, part, plan_id, action, digest, request, response, done_at)"
    " VALUES (%s, 'issue', %s, 'COMPLETE_SERVICE', %s, %s, %s, %s)"
)
_SERVICE = (
    "INSERT INTO platform_service_events"
    " (event_id, event_type, plan_id, correlation_id, incoming_battery_id, outgoing_battery_id, net_kwh, at, event)"
    " VALUES (%s, 'SERVICE_COMPLETED', %s, %s, %s, %s, %s, %s, %s)"
)
_FORGET = "DELETE FROM platform_refusals WHERE (correlation_id, part) IN ({})"
_QUEUE = "INSERT INTO platform_outgoing_events (event_id, topic, payload, stored_at, stored_by) VALUES {} RETURNING number"
_PUBLISHED = "UPDATE platform_outgoing_events SET published_at = %s WHERE number IN ({})"


@dataclass(frozen=True, slots=True)
class Booked:
    """What to publish for one request; no event where it was booked before."""

    plan_id: str
    answer: bytes
    event: bytes = b""


class Books:
    """One connection to the tables. `left` are the numbers of the events that were published since the last transaction."""

    def __init__(self, database: str) -> None:
        self._served = "://" in database
        self._connection: Any = psycopg.connect(database) if self._served else sqlite3.connect(database, isolation_level=None)
        for each in () if self._served else PRAGMAS:
            self._connection.execute(each)
        self._left: list[int] = []

    def book(self, asked: Sequence[tuple[str, bytes]]) -> list[Booked]:
        """Plan ids with their requests, in one transaction."""
        now = datetime.now(UTC)
        at = now if self._served else now.isoformat(" ")
        requests = [(plan_id, simplejson.loads(payload, use_decimal=True), payload) for plan_id, payload in asked]
        if not self._served:
            self._connection.execute("BEGIN IMMEDIATE")
        plans = {row[0]: row for row in self._found(_PLANS, sorted(plan_id for plan_id, _ in asked), lock=True)}
        ids = [request["correlation_id"] for _, request, _ in requests]
        known = {row[0]: bytes(row[3]) for row in self._found(_KNOWN, ids)}
        self._found(_PAID, ids)
        done, written = [], []
        for plan_id, request, payload in requests:
            if request["correlation_id"] in known:
                done.append(Booked(plan_id, known[request["correlation_id"]]))
                continue
            one = _decided(plan_id, request, simplejson.loads(plans[plan_id][1], use_decimal=True), now)
            written.append((plan_id, request, payload, one, plans[plan_id][3]))
            done.append(Booked(plan_id, one[0], one[1]))
        self._write(written, at)
        self._connection.commit() if self._served else self._connection.execute("COMMIT")
        return done

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _write(self, written: Sequence[tuple[str, Json, bytes, "_Decided", int]], at: object) -> None:
        if written:
            self._many(_BOOK, [(one[2], at, r["outgoing_battery_id"], r["attendant_station"], p, v) for p, r, _, one, v in written])
            self._many(
                _TRANSACTION, [(r["correlation_id"], p, hashlib.sha256(b).hexdigest(), b, one[0], at) for p, r, b, one, _ in written]
            )
            self._many(_SERVICE, [_service_row(p, r, one, at) for p, r, _, one, _ in written])
            keys = [value for _, r, *_ in written for value in (r["correlation_id"], "issue")]
            self._run(_FORGET.format(("" if self._served else "VALUES ") + ", ".join(["(%s, %s)"] * len(written))), keys)
            events = [v for p, r, _, one, _ in written for v in (_event_id(r), _event_topic(p), one[1], at, "the bare agent")]
            numbers = self._run(_QUEUE.format(", ".join(["(%s, %s, %s, %s, %s)"] * len(written))), events).fetchall()
        if self._left:
            self._run(_PUBLISHED.format(", ".join(["%s"] * len(self._left))), [at, *self._left])
        self._left = [number for (number,) in numbers] if written else []

    def _found(self, statement: str, keys: Sequence[str], *, lock: bool = False) -> Any:
        text = statement.format(", ".join(["%s"] * len(keys)))
        return self._run(f"{text} FOR UPDATE OF p" if lock and self._served else text, keys).fetchall()

    def _run(self, statement: str, values: Sequence[object]) -> Any:
        return self._connection.execute(statement if self._served else statement.replace("%s", "?"), values)

    def _many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        if len(rows) == 1:
            self._run(statement, rows[0])  # executemany begins a pipeline, which costs more than it saves
        else:
            self._connection.cursor().executemany(statement if self._served else statement.replace("%s", "?"), rows)


_Decided = tuple[bytes, bytes, str, Decimal]  # the answer, the event, the plan as it is then, net kWh


def _decided(plan_id: str, request: Json, plan: Json, now: datetime) -> _Decided:
    fleet, energy = plan["serviceStates"][:2]
    if fleet["current_asset"] != request["incoming_battery_id"]:
        raise ValueError(f"{plan_id} holds {fleet['current_asset']}")
    before, swaps_before = energy["used"], fleet["used"]
    kwh, (used, quota) = (request["incoming_kwh"], request["outgoing_kwh"]), (Decimal(before), Decimal(energy["quota"]))
    sums = decimals.complete(*kwh, used, quota, Decimal(swaps_before), Decimal(fleet["quota"]))
    net, enough, energy["used"], _, _, fleet["used"], _, _ = sums
    if not enough or not isinstance(net, Decimal):
        raise ValueError(f"{plan_id} has too little left")
    fleet["used"], fleet["current_asset"] = int(fleet["used"]), request["outgoing_battery_id"]
    updates = [
        {"service_id": fleet["service_id"], "used_before": swaps_before, "used_after": fleet["used"]},
        {"service_id": energy["service_id"], "used_before": before, "used_after": energy["used"]},
    ]
    out = {"battery_id": request["outgoing_battery_id"], "kwh": request["outgoing_kwh"], "estimated": False}
    plan["agent_state"]["issued"] = {**out, "at": request["transaction_timestamp"], "station": request["attendant_station"]}
    event = _event(plan_id, request, plan, net, updates, now)
    answer = _dumped(_answer(request, plan, net, updates, event))
    return answer, _dumped(event), _dumped(plan).decode(), net


def _answer(request: Json, plan: Json, net: Decimal, updates: list[Json], event: Json) -> Json:
    swaps, energy = plan["serviceStates"][:2]
    left = {
        "swap_count": f"{swaps['quota'] - swaps['used']} of {swaps['quota']}",
        "electricity_fuel": f"{energy['quota'] - energy['used']} kWh of {energy['quota']} kWh",
    }
    swapped = {"returned": request["incoming_battery_id"], "issued": request["outgoing_battery_id"]}
    receipt = {
        "transaction_id": request["correlation_id"],
        "timestamp": request["transaction_timestamp"],
        "customer_id": plan["customer_id"],
        "batteries_swapped": swapped,
        "electricity_delivered_kwh": net,
        "payment": None,
        "quotas_remaining": left,
    }
    moved = [{"cycle": "service_cycle", "input": "BATTERY_ISSUED"}]
    told = {
        "transaction_id": request["correlation_id"],
        "quota_updates": updates,
        "receipt": receipt,
        "fsm_transitions": moved,
        "service_event": event,
        "payment_event": None,
    }
    return {"signals": ["SERVICE_COMPLETED_SUCCESS"], "metadata": told, "fsmInputs": moved, "correlation_id": request["correlation_id"]}


def _event(plan_id: str, request: Json, plan: Json, net: Decimal, updates: list[Json], now: datetime) -> Json:
    service = {name: request[name] for name in ("incoming_battery_id", "incoming_kwh", "outgoing_battery_id", "outgoing_kwh")}
    grown = [{**each, "increment": by} for each, by in zip(updates, (1, net), strict=True)]
    who = {"transaction_id": request["correlation_id"], "attendant_id": request["attendant_id"]}
    return {
        "event_type": "SERVICE_COMPLETED",
        "event_id": _event_id(request),
        "timestamp": now.isoformat().replace("+00:00", "Z"),
        "plan_id": plan_id,
        "customer_id": plan["customer_id"],
        "service_data": {**service, "net_delivered_kwh": net, "quota_updates": grown},
        "service_context": {**who, "attendant_station": request["attendant_station"], "correlation_id": request["correlation_id"]},
        "fsm_inputs": [{"cycle": "service_cycle", "input": "BATTERY_ISSUED"}],
    }


def _service_row(plan_id: str, request: Json, one: _Decided, at: object) -> tuple[object, ...]:
    batteries = (request["incoming_battery_id"], request["outgoing_battery_id"])
    return _event_id(request), plan_id, request["correlation_id"], *batteries, str(one[3]), at, one[1].decode()


def _event_id(request: Json) -> str:
    return f"EVT-SVC-{request['correlation_id']}"


def _event_topic(plan_id: str) -> str:
    return f"event/abs/service/plan/{plan_id}/service_completed"


def _dumped(document: Json) -> bytes:
    return simplejson.dumps(document, use_decimal=True, separators=(",", ":")).encode()


def _readable(what: Any) -> bool:
    return bool(select.select([what], [], [], 0)[0])


def main() -> None:
    """Read what waits, book it, publish: one thread, which waits for the disk alone."""
    port, database, at_once = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    books, waiting = Books(database), list[tuple[str, bytes]]()
    share = sys.argv[4] if len(sys.argv) > 4 else ""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5 if share else MQTTProtocolVersion.MQTTv311)

    def heard(_client: Client, _data: Any, message: MQTTMessage) -> None:
        waiting.append((message.topic.split("/")[4], bytes(message.payload)))

    client.on_message = heard
    client.on_subscribe = lambda *_: print("listening", flush=True)
    client.on_socket_open = no_delay
    client.connect("127.0.0.1", port)
    client.subscribe(f"{share}call/uxi/attendant/plan/+/complete_service")
    while not _readable(sys.stdin):
        client.loop(0.2)
        while len(waiting) < at_once and _readable(client.socket()):
            client.loop(0)
        for each in books.book(waiting) if waiting else ():
            client.publish(f"rtrn/abs/attendant/plan/{each.plan_id}/complete_service_response", each.answer)
            if each.event:
                client.publish(_event_topic(each.plan_id), each.event)
        waiting.clear()


if __name__ == "__main__":
    main()
