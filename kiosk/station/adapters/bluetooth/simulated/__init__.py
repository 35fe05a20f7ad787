"""Simulated batteries: bytes below the readers, so that the real code runs."""
