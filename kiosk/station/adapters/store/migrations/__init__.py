"""The schema's history: one file a revision in `versions`, written by hand, up and down.

`HEAD` is the newest one, written here so that a database up to date needs no Alembic.
Tests compare it with the files, and the files with the rows.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.shared.sql.migration import Revisions

HEAD = "0010"
VERSION_TABLE = "alembic_version"


def revisions() -> "Revisions":
    """The files of `versions`. Imports Alembic, which takes long."""
    from kiosk.shared.sql.migration import Revisions

    return Revisions(folder=Path(__file__).parent / "versions", version_table=VERSION_TABLE)
