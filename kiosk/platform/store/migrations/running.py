"""Runs Alembic on a connection that somebody else has opened, inside their transaction. No configuration file is needed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def _configuration(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def known() -> tuple[str, ...]:
    """The revisions in this folder, the newest first."""
    return tuple(each.revision for each in ScriptDirectory.from_config(_configuration()).walk_revisions())


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to `revision` in the caller's transaction."""
    command.upgrade(_configuration(connection), revision)


def stamp(connection: Connection, revision: str) -> None:
    """Note that the schema is at `revision`."""
    command.stamp(_configuration(connection), revision)
