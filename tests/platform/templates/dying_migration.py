"""`platform migrate` in a process of its own that kills itself (as `kill -9` does) when a plan is written and not yet committed.

    python -m tests.platform.templates.dying_migration PLANS ARGUMENT...

PLANS is how many are moved before; the arguments are the command's.
"""

import os
import signal
import sys

from sqlalchemy import Connection, Engine, event

from kiosk.cli import main


def die_after(plans: int) -> None:
    """In the transaction of the next one."""
    written: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def see(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if "INSERT INTO platform_plan_moves" in statement:
            written.append(statement)

    @event.listens_for(Engine, "commit")
    def commit(_connection: Connection) -> None:
        if len(written) > plans:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    die_after(int(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
