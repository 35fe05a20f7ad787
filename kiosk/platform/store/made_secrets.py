"""Secrets of the platform's own, made when the first is asked for and the same for every worker on the database from then on."""

import secrets as random
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from kiosk.platform.store.retry import retry
from kiosk.platform.store.tables import secrets
from kiosk.shared.sql.engine import Database

REQUEST_GROUP: Final = "request-group"
"""The shared subscription of the workers. Who knows its name may join it, and then receives requests that nobody answers: a broker checks
no rights for that."""
_FIND = select(secrets.c.value).where(secrets.c.name == bindparam("name"))
_ADD = insert(secrets)


def secret(database: Database, name: str) -> str:
    """The secret of that name, 32 hexadecimal digits. Raises StoreFailed."""
    with database.reading() as connection:
        known = connection.execute(_FIND, {"name": name}).scalar_one_or_none()
    return known or retry(database, lambda connection: _make(connection, name))


def _make(connection: Connection, name: str) -> str:
    """Of two workers at once the slower one violates the key, and tries again."""
    known = connection.execute(_FIND, {"name": name}).scalar_one_or_none()
    if known is not None:
        return str(known)
    made = random.token_hex(16)
    connection.execute(_ADD, {"name": name, "value": made})
    return made
