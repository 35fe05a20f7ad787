"""The register of stations: who they are, their keys, the mode, who asked without a signature. Each method is one transaction.

Every act of a person is recorded with it. Raises StoreFailed when the database does not answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from kiosk.domain.errors import NotFound, StationRefused
from kiosk.domain.language import tr
from kiosk.platform.store.record_rows import record_act
from kiosk.platform.store.retry import retry
from kiosk.platform.store.station_records import note_head
from kiosk.platform.store.station_tables import claims, station_keys, stations, switches, unsigned_stations
from kiosk.platform.store.station_values import (
    Claim,
    KeyDecision,
    PendingEnrolment,
    RegisteredStation,
    StationBook,
    StationKey,
    StationMode,
    UnsignedStation,
)
from kiosk.shared.record_chain import Head
from kiosk.shared.signing_keys import PublicKey
from kiosk.shared.sql.engine import Database

ENROLMENT_TIME = timedelta(hours=24)
MAX_UNSIGNED = 1000  # names; a new one then takes the place of the one that was not seen for longest
_MODE = "station_mode"
_THE_MODE = select(switches.c.value).where(switches.c.name == _MODE)
_NAMED = stations.c.station_id.in_(bindparam("names", expanding=True))
_THE_STATIONS = select(stations).where(_NAMED)
_THE_KEYS = (
    select(station_keys)
    .where(station_keys.c.station_id.in_(bindparam("names", expanding=True)))
    .order_by(station_keys.c.valid_from, station_keys.c.public_key)
)
_BY_ID = stations.c.station_id == bindparam("station")
_LOCK = select(stations.c.station_id).where(_BY_ID).with_for_update()
_CHANGE = update(stations).where(_BY_ID)
_SEEN_AGAIN = update(unsigned_stations).where(unsigned_stations.c.station_id == bindparam("station")).values(last_at=bindparam("at"))
_LONGEST_AGO = select(unsigned_stations.c.station_id).order_by(unsigned_stations.c.last_at).limit(1)
_THE_CLAIM = select(claims).where(claims.c.correlation_id == bindparam("correlation"))


class StationRegister:
    """On the platform's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ what messages are judged by

    def book(self, names: Iterable[str]) -> StationBook:
        """The mode, and of these names the stations that there are."""
        wanted = sorted({*names} - {""})
        with self._database.reading() as connection:
            mode = connection.execute(_THE_MODE).scalar_one_or_none()
            found = _read(connection, wanted) if wanted else {}
        return StationBook(mode=StationMode(mode or StationMode.OPEN), stations=found)

    def note_unsigned(self, name: str, at: datetime) -> None:
        """This name asked without a signature and was answered."""
        retry(self._database, lambda connection: _note_unsigned(connection, name, at))

    def note_heads(self, told: Sequence[tuple[str, Head, datetime]], at: datetime) -> None:
        """How far the records of stations had come when they signed: station, head, time of the signature. Raises StoreFailed."""

        def work(connection: Connection) -> None:
            for station, head, signed_at in told:
                note_head(connection, station, head, signed_at, at)

        retry(self._database, work)

    def note_refused(self, station: str, why: str, at: datetime) -> None:
        """A message in the name of this station was refused; a name that is not in the register is not noted."""
        values = {"refused_at": at, "refused_why": why}
        retry(self._database, lambda connection: connection.execute(_CHANGE, {"station": station, **values}))

    # ------------------------------------------------------------ enrolment

    def add(self, station: str, hash_of_secret: str, at: datetime, who: str) -> datetime:
        """A station that may enrol itself once, until the time that is given. A revoked one, and one that waits for its enrolment, may be
        added again. Raises StationRefused."""
        return retry(self._database, lambda connection: _add(connection, station, hash_of_secret, at, who))

    def rotate(self, station: str, hash_of_secret: str, at: datetime, who: str) -> datetime:
        """A further secret for an enrolled station: with it comes a new key, and the former one then ends after a day. Raises NotFound,
        StationRefused."""
        return retry(self._database, lambda connection: _rotate(connection, station, hash_of_secret, at, who))

    def enrol(
        self, station: str, public_key: PublicKey, at: datetime, decide: Callable[[RegisteredStation | None], KeyDecision]
    ) -> KeyDecision:
        """Decide on the station as it is, with its row locked, and write what was decided."""
        return retry(self._database, lambda connection: _enrol(connection, station, public_key, at, decide))

    def owner_of(self, key: PublicKey) -> str:
        """The station that a key was registered for, "" for none."""
        with self._database.reading() as connection:
            found = connection.execute(select(station_keys.c.station_id).where(station_keys.c.public_key == key.text))
            return found.scalar_one_or_none() or ""

    def revoke(self, station: str, since: datetime, at: datetime, who: str) -> None:
        """None of its keys counts from now on, and no secret that was given out. Raises NotFound."""
        retry(self._database, lambda connection: _revoke(connection, station, since, at, who))

    # ------------------------------------------------------------ for people

    def set_mode(self, mode: StationMode, at: datetime, who: str) -> None:
        """Who is answered from now on."""
        retry(self._database, lambda connection: _set_mode(connection, mode, at, who))

    def all(self) -> Iterator[RegisteredStation]:
        """Every station, by id."""
        with self._database.reading() as connection:
            names = connection.execute(select(stations.c.station_id).order_by(stations.c.station_id)).scalars().all()
            for start in range(0, len(names), MAX_UNSIGNED):
                page = names[start : start + MAX_UNSIGNED]
                found = _read(connection, page)
                yield from (found[each] for each in page if each in found)

    def unsigned(self, since: datetime | None = None) -> tuple[UnsignedStation, ...]:
        """Who asked without a signature, the latest first."""
        query = select(unsigned_stations).order_by(unsigned_stations.c.last_at.desc(), unsigned_stations.c.station_id)
        with self._database.reading() as connection:
            rows = connection.execute(query if since is None else query.where(unsigned_stations.c.last_at >= since)).mappings()
            return tuple(UnsignedStation(id=row["station_id"], first_at=row["first_at"], last_at=row["last_at"]) for row in rows)

    def begun(self, station: str, since: datetime) -> tuple[Claim, ...]:
        """The transactions that a station began since then, oldest first."""
        query = select(claims).where(claims.c.station_id == station, claims.c.claimed_at >= since).order_by(claims.c.claimed_at)
        with self._database.reading() as connection:
            return tuple(Claim(**row) for row in connection.execute(query).mappings())

    def free(self, transaction: str, at: datetime, who: str) -> Claim:
        """Whoever asks for it next owns it: the claim that it was. Raises NotFound."""
        return retry(self._database, lambda connection: _free(connection, transaction, at, who))


def _read(connection: Connection, names: Sequence[str]) -> dict[str, RegisteredStation]:
    keys: dict[str, list[StationKey]] = {}
    for row in connection.execute(_THE_KEYS, {"names": names}).mappings():
        keys.setdefault(row["station_id"], []).append(
            StationKey(
                key=PublicKey.read(row["public_key"]),
                valid_from=row["valid_from"],
                valid_until=row["valid_until"],
                revoked_since=row["revoked_since"],
            )
        )
    rows = connection.execute(_THE_STATIONS, {"names": names}).mappings()
    return {row["station_id"]: _station(row, tuple(keys.get(row["station_id"], ()))) for row in rows}


def _station(row: RowMapping, keys: tuple[StationKey, ...]) -> RegisteredStation:
    waiting = row["secret_hash"] and PendingEnrolment(
        secret_hash=row["secret_hash"], until=row["secret_until"], used_at=row["secret_used_at"]
    )
    facts = {name: row[name] for name in ("added_at", "revoked_since", "refused_at", "refused_why")}
    return RegisteredStation(id=row["station_id"], keys=keys, enrolment=waiting or None, **facts)


def _locked(connection: Connection, station: str) -> RegisteredStation | None:
    connection.execute(_LOCK, {"station": station})
    return _read(connection, [station]).get(station)


def _existing(connection: Connection, station: str) -> RegisteredStation:
    found = _locked(connection, station)
    if found is None:
        raise NotFound("station", station)
    return found


def _note_unsigned(connection: Connection, name: str, at: datetime) -> None:
    if connection.execute(_SEEN_AGAIN, {"station": name, "at": at}).rowcount:
        return
    if (connection.execute(select(func.count()).select_from(unsigned_stations)).scalar_one()) >= MAX_UNSIGNED:
        oldest = connection.execute(_LONGEST_AGO).scalar_one()
        connection.execute(delete(unsigned_stations).where(unsigned_stations.c.station_id == oldest))
    connection.execute(insert(unsigned_stations), {"station_id": name, "first_at": at, "last_at": at})


def _add(connection: Connection, station: str, hash_of_secret: str, at: datetime, who: str) -> datetime:
    known = _locked(connection, station)
    if known is None:
        _refuse_alike(connection, station)
        new = {"station_id": station, "folded_id": station.upper(), "added_at": at, "refused_why": ""}
        connection.execute(insert(stations), new)
    elif known.is_enrolled and known.revoked_since is None:
        raise StationRefused(tr("{station} is enrolled already; a new key for it comes with: station rotate", station=station))
    return _give_secret(connection, station, hash_of_secret, at, who, "station_added")


def _refuse_alike(connection: Connection, station: str) -> None:
    """Receipts are compared in capitals, so two stations must not share their letters."""
    alike = connection.execute(select(stations.c.station_id).where(stations.c.folded_id == station.upper())).scalar_one_or_none()
    if alike is not None:
        raise StationRefused(tr("there is a station {other}, which differs only in capital letters; choose another id", other=alike))


def _rotate(connection: Connection, station: str, hash_of_secret: str, at: datetime, who: str) -> datetime:
    known = _existing(connection, station)
    if known.revoked_since is not None or not known.is_enrolled:
        raise StationRefused(tr("{station} has no key that counts; it is enrolled with: station add", station=station))
    return _give_secret(connection, station, hash_of_secret, at, who, "station_rotated")


def _give_secret(connection: Connection, station: str, hash_of_secret: str, at: datetime, who: str, act: str) -> datetime:
    until = at + ENROLMENT_TIME
    secret = {"secret_hash": hash_of_secret, "secret_until": until, "secret_used_at": None}
    connection.execute(_CHANGE, {"station": station, **secret})
    record_act(connection, at, act, who, station=station)
    return until


def _enrol(
    connection: Connection, station: str, public_key: PublicKey, at: datetime, decide: Callable[[RegisteredStation | None], KeyDecision]
) -> KeyDecision:
    decision = decide(_locked(connection, station))
    if decision.act:
        record_act(connection, at, decision.act, station, station=station, key=public_key.id)
    if decision.key is None:
        return decision
    still = (station_keys.c.station_id == station, station_keys.c.revoked_since.is_(None), station_keys.c.valid_until.is_(None))
    connection.execute(update(station_keys).where(*still).values(valid_until=decision.others_until))
    facts = {"public_key": decision.key.text, "key_id": decision.key.id, "station_id": station, "valid_from": at}
    connection.execute(insert(station_keys), facts)
    connection.execute(_CHANGE, {"station": station, "secret_used_at": at, "revoked_since": None})
    return decision


def _revoke(connection: Connection, station: str, since: datetime, at: datetime, who: str) -> None:
    _existing(connection, station)
    still = (station_keys.c.station_id == station, station_keys.c.revoked_since.is_(None))
    connection.execute(update(station_keys).where(*still).values(revoked_since=since))
    gone: Mapping[str, object] = {"secret_hash": None, "secret_until": None, "secret_used_at": None}
    connection.execute(_CHANGE, {"station": station, "revoked_since": since, **gone})
    record_act(connection, at, "station_revoked", who, station=station, since=since.isoformat())


def _set_mode(connection: Connection, mode: StationMode, at: datetime, who: str) -> None:
    if connection.execute(update(switches).where(switches.c.name == _MODE).values(value=mode.value)).rowcount == 0:
        connection.execute(insert(switches), {"name": _MODE, "value": mode.value})
    record_act(connection, at, "station_mode", who, mode=mode.value)


def _free(connection: Connection, transaction: str, at: datetime, who: str) -> Claim:
    row = connection.execute(_THE_CLAIM, {"correlation": transaction}).mappings().one_or_none()
    if row is None:
        raise NotFound("transaction of a station", transaction)
    connection.execute(delete(claims).where(claims.c.correlation_id == transaction))
    record_act(connection, at, "transaction_freed", who, transaction=transaction, station=row["station_id"])
    return Claim(**row)
