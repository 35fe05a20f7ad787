"""MQTT by paho: one session that stays connected. Both ends use it."""
