"""The reference ABS platform: the other end of the wire.

The way of a message: `agent.mqtt_service` receives it from the broker; `agent.wire_messages` makes a `ParsedRequest` of it;
`agent.request_handler` has a new receipt checked by the payment verifier; `store.ledger` opens a transaction and gives a `Snapshot` of what
is known; `agent.decision` makes a `Decision` of it, by the same `service_agent` as the kiosk (decision 25), which the ledger writes in that
transaction; `agent.wire_messages` makes the `Response`; `agent.mqtt_service` publishes it, then the events.

`run.serve` is the command, `plan_import` its `--import`. `payment_proof` has the verifiers, and records the payments that the ERP system
confirms over HTTP; `agent.decision` says what a receipt pays. `http.app` puts the HTTP side together; `metrics_hook` is how answers are
counted. Nothing is imported here.
"""
