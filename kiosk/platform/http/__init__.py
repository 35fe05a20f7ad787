"""The platform over HTTP. Nothing is imported here.

A request's way: `server` listens and `connection` gives it deadlines; in `app` it passes `guard` (how much is too much, what becomes of a
bug) and `auth` (tokens) to the routes of the parts, which `kiosk.platform.http.app` joins. `context` is what they all work with; `answers`
and `requests` are JSON out and in, `metrics` and `health` the figures, `openapi` the description, `secret_files` where the secrets lie.
"""
