"""MQTT by paho: one session that stays, and the three ports on top of it (plans, completions, payments).

- `session.MqttSession` keeps one link up, subscribes again after each break and knows nothing of kiosks; the platform uses it too.
- `plan_source`, `completion_channel` and `payment_channel` implement the ports; `answer_subscriptions` subscribes for them.
- Each of the three speaks the field's dialect too, which the platform in use today speaks (facts from the field): identification is the
  same question and answer, a swap is completed by `payment_and_service`, payments are confirmed with the swap alone.

What goes wrong is LinkDown with a reason where somebody waits, and a line in the log where nobody does. A message that cannot be understood
stops nothing. No payload is changed on its way: what is handed to `publish` is what the broker gets.
"""
