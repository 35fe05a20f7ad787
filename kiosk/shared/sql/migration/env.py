"""What Alembic runs for every command: the migrations, on the caller's connection and in the caller's transaction.

SQLite takes its schema's changes back with the transaction, once the driver's implicit ones are off, as they are on the store's engine.
"""

from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], transactional_ddl=True, version_table=given["version_table"])
context.run_migrations()
