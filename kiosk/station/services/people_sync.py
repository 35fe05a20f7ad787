"""The platform's people of this station, brought here by cursor, round after round (decision 29).

They sign in offline for `[people] offline_days`. A PIN comes stretched and is kept under this station's own pepper at once
(`kiosk.shared.pins`). A PIN that its owner changed here stays, until the platform makes a new one; where the platform only wants it
changed, it is changed here too.

- The platform cannot be reached, or keeps no list: those who are known stay, as long as the list counts.
- The platform does not know the cursor (another database), or the station has another pepper than before: everybody is asked for anew.
- A PIN that cannot be read: that person has none, and the log says whose.
"""

import logging
from dataclasses import replace

from kiosk.domain.errors import BadInput, NotFound
from kiosk.shared.pins import Pepper, StretchedPin, Verifier
from kiosk.shared.system import Clock
from kiosk.station.ports import KnownPerson, PeopleChannel, PeopleStore, SyncPlace
from kiosk.station.ports.people_list import ToldPerson
from kiosk.station.services.known_people import KnownPeople
from kiosk.station.services.sync_loop import CURSOR, SyncLoop, SyncPace

log = logging.getLogger(__name__)


class PeopleSync(SyncLoop):
    """On the I/O thread; `people` is told at once of what was brought."""

    def __init__(self, channel: PeopleChannel, store: PeopleStore, people: KnownPeople, clock: Clock, pace: SyncPace) -> None:
        super().__init__("the list of people", pace)
        self._channel, self._store, self._people, self._clock = channel, store, people, clock

    async def run_round(self) -> str:
        count = await self.sync()
        return f"{count} people are new, changed or gone" if count else ""

    async def sync(self) -> int:
        """One round; how many of the platform's people it brought.

        Raises LinkDown, BadInput, StoreFailed; what was done until then stays done.
        """
        try:
            return await self._round()
        except NotFound:
            log.debug("this platform keeps no list of people")
            return 0
        finally:
            self._people.refresh()

    async def _round(self) -> int:
        now = self._clock.now()
        place = self.place_to_begin(None if self._has_other_pepper() else self._store.people_place(), now)
        try:
            return await self._bring(place)
        except BadInput as error:
            if error.where != CURSOR or not place.cursor:
                raise
            log.warning("the platform does not know the cursor of the last sync: all people are asked for")
            return await self._bring(SyncPlace(cursor="", fresh_at=now))

    async def _bring(self, place: SyncPlace) -> int:
        count, more = 0, True
        while more:
            told = await self._channel.people(place.cursor)
            place, more = SyncPlace(cursor=told.cursor, fresh_at=place.fresh_at), told.more
            known = {each.person.id.upper(): each for each in self._store.known_people()}
            kept = tuple(self._kept(each, known.get(each.person.id.upper())) for each in told.people)
            self._store.put_people(kept, told.gone, place, self._clock.now())
            count += len(told.people) + len(told.gone)
        self._store.end_people_round(place, self._clock.now())
        return count

    def _kept(self, told: ToldPerson, known: KnownPerson | None) -> KnownPerson:
        """As it is kept here, beside what was known of this id; a person made here gives way to the platform's."""
        pepper = self._people.pepper()
        told_now = KnownPerson(
            person=told.person,
            verifier=_verifier_of(told, pepper),
            badge=told.badge,
            from_platform=True,
            pin_number=told.pin_number,
            pin_mark=told.pin_mark,
        )
        is_same = known is not None and known.from_platform and not known.removed and known.pin_number == told.pin_number
        if known is None or not is_same or _pepper_of(known) != pepper.id:
            return told_now
        must_change = known.person.must_change_pin or told.pin_mark > known.pin_mark
        return replace(told_now, verifier=known.verifier, person=replace(told.person, must_change_pin=must_change))

    def _has_other_pepper(self) -> bool:
        own = self._people.pepper().id
        return any(each.from_platform and _pepper_of(each) not in {"", own} for each in self._store.known_people())


def _verifier_of(told: ToldPerson, pepper: Pepper) -> str:
    if not told.pin:
        return ""
    try:
        return pepper.verifier(StretchedPin.read(told.pin)).text
    except BadInput as error:
        log.warning("the PIN of %r cannot be used: %s", told.person.id, error.reason)
        return ""


def _pepper_of(known: KnownPerson) -> str:
    """By which pepper the PIN is kept; "" where none is."""
    try:
        return Verifier.read(known.verifier).pepper_id
    except BadInput:
        return ""
