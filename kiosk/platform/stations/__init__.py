"""Stations that sign: who is taken for whom, how a station is enrolled, and what the platform signs."""
