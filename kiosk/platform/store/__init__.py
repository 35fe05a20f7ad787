"""The platform's database: plans, what was done with each correlation id, service events, payment events, events to publish.

Any SQLAlchemy URL; SQLite through the kiosk's own engine (WAL, FULL). Nothing needed for correctness lives in the process: a plan's row is
locked and its version checked, and unique constraints decide between workers, so several may share one database.

What happens on each kind of failure:

- The disk or the database does not answer: StoreFailed, nothing of that transaction is written.
- Two workers need the same plan, correlation id or receipt: one commits, the other begins again and sees what the first did.
- Two workers wait for each other, or a connection breaks: begun again; PostgreSQL itself ends every wait.
- The process is killed: each transaction is there as a whole or not at all; events that were stored and not yet published leave through
  another worker or at the next start, with the same event id.
"""
