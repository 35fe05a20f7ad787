"""A transaction that is begun again where that helps: another worker was quicker, two waited for each other, a lock or the connection went.

Nothing was written then, or it is found written by the next attempt: what is done here is done once by its keys. Everything has an end: the
database gives up waiting for a lock by itself (engine), and after MAX_ATTEMPTS the fault is raised as StoreFailed. A value that the
database does not take, because it is too long for its column, is the fault of the request: BadInput.
"""

from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.language import tr
from kiosk.platform.store.ledger import OvertakenError
from kiosk.shared.sql.engine import Database, passes

MAX_ATTEMPTS = 5


def retry[T](database: Database, work: Callable[[Connection], T]) -> T:
    """`work` in a transaction, as often as it takes. Raises StoreFailed, BadInput."""
    for _attempt in range(MAX_ATTEMPTS):
        try:
            with database.writing() as connection:
                return work(connection)
        except (IntegrityError, OvertakenError) as quicker:
            last: Exception = quicker
        except DataError as unfit:
            raise BadInput("a value", tr("is too long to be kept")) from unfit
        except StoreFailed as fault:
            if not passes(fault):
                raise
            last = fault
    raise StoreFailed(tr("the database could not take it {count} times", count=MAX_ATTEMPTS)) from last


def is_outage(error: Exception) -> bool:
    """Whether the database is away, rather than that it refuses this transaction or cannot take it now."""
    cause = error.__cause__
    return isinstance(error, StoreFailed) and not passes(error) and not isinstance(cause, IntegrityError | OvertakenError | StoreFailed)
