"""Commodity batteries, read through the library aiobmsble."""
