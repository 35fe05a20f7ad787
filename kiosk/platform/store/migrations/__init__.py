"""The history of the platform's schema: one file a revision in `versions`, written by hand. Tests hold the files to the tables.

An empty database gets the tables as they are now at once; the files are for a database that a former version made.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.shared.sql.migration import Revisions

HEAD = "0007"
VERSION_TABLE = "platform_alembic_version"
"""Not Alembic's usual name, so that a kiosk's tables may stand in the same database."""


def revisions() -> "Revisions":
    """The files of `versions`. Imports Alembic, which takes long."""
    from kiosk.shared.sql.migration import Revisions

    return Revisions(folder=Path(__file__).parent / "versions", version_table=VERSION_TABLE)
