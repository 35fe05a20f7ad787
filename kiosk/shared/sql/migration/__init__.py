"""Runs Alembic on a connection that somebody else has opened, inside their transaction. No configuration file is needed.

Importing this imports Alembic, which takes long: who has an up-to-date database does without.
"""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """The history of one schema: one file a revision in `folder`; `version_table` is the table that notes the revision of a database."""

    folder: Path
    version_table: str

    def configuration(self, connection: Connection | None = None) -> Config:
        """Alembic's configuration for these files; they run on `connection`."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
        config.set_main_option("version_locations", str(self.folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes.update(connection=connection, version_table=self.version_table)
        return config

    def known(self) -> tuple[str, ...]:
        """The revisions that this version of the program has, the newest first."""
        return tuple(each.revision for each in ScriptDirectory.from_config(self.configuration()).walk_revisions())

    def migrate(self, connection: Connection, revision: str = "head") -> None:
        """Bring the schema up to `revision` in the caller's transaction."""
        command.upgrade(self.configuration(connection), revision)

    def stamp(self, connection: Connection, revision: str) -> None:
        """Note that the schema is at `revision`."""
        command.stamp(self.configuration(connection), revision)
