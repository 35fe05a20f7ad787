"""The other end of the wire: the reference ABS platform.

A message's way: `service` hears it on the broker; `intake` reads it; `desk` asks the payment verifier where a receipt is new; `booking`
decides by the same `service_agent` as the kiosk (decision 25), inside the transaction of `store` that books the outcome; `replies` writes
the answer; `service` publishes it, then the events. `serve` is the command, `plan_files` its `--import`. Nothing is imported here.

Money: `tender` says what a receipt that is shown pays; `confirmations` takes the ERP system's word for a payment, which comes over HTTP
(`api`, joined to one application in `site`). `watch` is who counts the answers.
"""
