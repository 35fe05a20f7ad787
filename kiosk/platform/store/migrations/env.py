"""What Alembic runs for every command: the migrations, on the caller's connection and in the caller's transaction."""

from alembic import context

from kiosk.platform.store.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True, version_table=VERSION_TABLE)
context.run_migrations()
