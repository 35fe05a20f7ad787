"""The schema's history: one file a revision in `versions`, written by hand, up and down.

`HEAD` is the newest one, told here so that a database up to date needs no Alembic. Tests hold it to the files, and the files to the rows.
"""

HEAD = "0004"
