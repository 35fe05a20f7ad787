"""Runs Alembic on a connection that somebody else has opened, inside their transaction. No configuration file is needed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration for these scripts; migrations run on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def scripts() -> ScriptDirectory:
    """The revisions in this folder."""
    return ScriptDirectory.from_config(configuration())


def knows(revision: str) -> bool:
    """Whether this version of the program has the revision."""
    return revision in {each.revision for each in scripts().walk_revisions()}


def migrate(connection: Connection, revision: str) -> None:
    """Bring the schema up to `revision` ("head" for the newest) in the caller's transaction."""
    command.upgrade(configuration(connection), revision)
