"""What every test may use."""

from tests.brokers import mosquitto, own_mosquitto

__all__ = ["mosquitto", "own_mosquitto"]
