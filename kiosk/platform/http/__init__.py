"""The platform over HTTP. Nothing is imported here.

The way of a request: `server` listens and `slow_clients` sets deadlines; in `app` it passes `guard` (how much is too much, what becomes of
a bug) and `auth` (tokens) to the routes of the parts. `context` is what they all need; `answers` and `request_bodies` are JSON out and in,
`metrics` and `health` the figures, `openapi` the description, `secret_files` where the secrets lie.
"""
