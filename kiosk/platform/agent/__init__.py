"""Requests over MQTT: parsed, decided in one transaction, answered."""
