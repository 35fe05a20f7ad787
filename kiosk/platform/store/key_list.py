"""The public keys that anybody may ask for: the platform's own with their ends, and the stations'. Raises StoreFailed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, insert, select, update

from kiosk.domain.errors import StationRefused
from kiosk.domain.language import tr
from kiosk.platform.store.record_rows import record_act
from kiosk.platform.store.retry import retry
from kiosk.platform.store.station_tables import platform_keys, station_keys
from kiosk.shared.signing_keys import PublicKey, SigningKey
from kiosk.shared.sql.engine import Database
from kiosk.wire.published_keys import PublishedKey, succession_bytes

BOTH_KEYS = timedelta(days=30)
"""How long the platform's former key counts beside its successor."""
MAX_KEYS = 1000  # of stations, on one page
_CURRENT = select(platform_keys).where(platform_keys.c.valid_until.is_(None)).order_by(platform_keys.c.valid_from.desc())


class KeyList:
    """On the platform's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_platform(self) -> tuple[PublishedKey, ...]:
        """The platform's, oldest first; those that have ended too, because what they signed was signed."""
        with self._database.reading() as connection:
            rows = connection.execute(select(platform_keys).order_by(platform_keys.c.valid_from)).mappings().all()
        return tuple(map(_of_platform, rows))

    def of_stations(self, after: str = "", key_id: str = "") -> tuple[PublishedKey, ...]:
        """A page of the stations' by public key, after the one that ended the page before; or those with one id."""
        query = select(station_keys).where(station_keys.c.public_key > after).order_by(station_keys.c.public_key).limit(MAX_KEYS)
        if key_id:
            query = query.where(station_keys.c.key_id == key_id)
        with self._database.reading() as connection:
            return tuple(map(_of_station, connection.execute(query).mappings().all()))

    def current(self) -> PublishedKey | None:
        """The platform's newest; None before its first start."""
        with self._database.reading() as connection:
            row = connection.execute(_CURRENT).mappings().first()
        return None if row is None else _of_platform(row)

    def begin(self, key: PublicKey, now: datetime) -> None:
        """Know the key that the platform signs with. Raises StationRefused for another than the database knows, or one that has ended."""
        retry(self._database, lambda connection: _begin(connection, key, now))

    def succeed(self, former: SigningKey | None, new: PublicKey, now: datetime, who: str) -> None:
        """A new key, signed by the former one, which counts for 30 days more; without one (it is lost) all before end now, and each station
        has to be enrolled again."""
        retry(self._database, lambda connection: _succeed(connection, former, new, now, who))


def _begin(connection: Connection, key: PublicKey, now: datetime) -> None:
    known = {row["public_key"]: row for row in connection.execute(select(platform_keys)).mappings()}
    if not known:
        connection.execute(insert(platform_keys), _row(key, now))
        record_act(connection, now, "platform_key_first", "platform", key=key.id)
        return
    row = known.get(key.text)
    if row is None:
        raise StationRefused(
            tr(
                "the signing key {id} is not the one that this database's stations know; bring its file back, or see: platform key",
                id=key.id,
            )
        )
    if row["valid_until"] is not None and row["valid_until"] <= now:
        raise StationRefused(tr("the signing key {id} has ended; serve with the new one", id=key.id))


def _succeed(connection: Connection, former: SigningKey | None, new: PublicKey, now: datetime, who: str) -> None:
    if connection.execute(select(platform_keys.c.key_id).where(platform_keys.c.public_key == new.text)).scalar_one_or_none():
        return  # broken off after this and begun again
    end = now if former is None else now + BOTH_KEYS
    connection.execute(update(platform_keys).where(platform_keys.c.valid_until.is_(None)).values(valid_until=end))
    signed = {} if former is None else {"signed_by": former.public.id, "signature": former.sign(succession_bytes(new, now))}
    connection.execute(insert(platform_keys), {**_row(new, now), **signed})
    record_act(connection, now, "platform_key_rotated" if former else "platform_key_replaced", who, key=new.id)


def _row(key: PublicKey, now: datetime) -> dict[str, object]:
    return {"public_key": key.text, "key_id": key.id, "valid_from": now, "valid_until": None, "signed_by": "", "signature": ""}


def _of_platform(row: RowMapping) -> PublishedKey:
    return PublishedKey(
        key=PublicKey.read(row["public_key"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        signed_by=row["signed_by"],
        signature=row["signature"],
    )


def _of_station(row: RowMapping) -> PublishedKey:
    return PublishedKey(
        key=PublicKey.read(row["public_key"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        station=row["station_id"],
        revoked_since=row["revoked_since"],
    )


def page_of(platform: Sequence[PublishedKey], stations: Sequence[PublishedKey]) -> dict[str, object]:
    """As `GET /api/v1/keys` gives it; `after` is where the next page begins, null at the end."""
    more = stations[-1].key.text if len(stations) >= MAX_KEYS else None
    return {"keys": [each.as_json() for each in (*platform, *stations)], "after": more}
