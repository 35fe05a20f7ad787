"""The kiosk's memory: journal, outbox, plan cache, receipts used, audit trail. SQLite by default, any SQLAlchemy URL.

Open it with `kiosk.station.adapters.store.sql_store.open_store`; hold the data folder with
`kiosk.station.adapters.store.instance_lock.InstanceLock`. Nothing is imported here, so that the lock costs no import of SQLAlchemy.

What happens on each kind of failure:

- The disk is full, read-only, gone or damaged, or another program holds the database: the method raises StoreFailed with a
  phrase for people, nothing of it is written, and the next call starts on a fresh connection, so that it works as soon as the disk does.
- The process is killed at any moment: after the next start each transaction is there as a whole or not at all.
- A rule of the field is broken (a receipt that paid before, an unknown id): the port names the error; nothing is written.
- A bug of ours (a statement the database does not understand, a time without its zone): it propagates as it is, nothing is written.
- The clock jumps: nothing is ordered by wall time. Rows are numbered as they come, and the numbers order them.
"""
