"""The platform over HTTP. Nothing is imported here.

The way of a request: `server` listens and sets deadlines for slow clients; in `app` it passes the guard (how much is too much, what becomes
of a bug) and `access` (who may do what) to the routes of the parts. `answers` has what every part needs: errors, limits, what a body must
be; `metrics` counts, `about_platform` gives health, figures and the description, `secret_files` says where the secrets lie, and
`token_file` what stands in the file of tokens.
"""
