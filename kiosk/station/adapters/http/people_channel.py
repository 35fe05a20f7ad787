"""The platform's list of people, asked over HTTP: `GET /api/v1/stations/{station}/people` (decision 29).

It is neither asked for nor taken where it could be read on its way: LinkDown, and nothing leaves this machine.
"""

from urllib.parse import quote, urlencode

from kiosk.domain.errors import BadInput, LinkDown
from kiosk.domain.language import tr
from kiosk.station.adapters.http.client import PlatformClient
from kiosk.station.ports import ToldPeople
from kiosk.station.ports.people_list import ToldPerson
from kiosk.wire.people_documents import people_page_of, person_in

PAGE = 200


class HttpPeople:
    """The `PeopleChannel` of the ports, for one station."""

    def __init__(self, client: PlatformClient, station_id: str, page: int = PAGE) -> None:
        self._client, self._page = client, page
        self._path = f"/api/v1/stations/{quote(station_id, safe='')}/people"

    async def people(self, after: str) -> ToldPeople:
        """The platform refuses nothing of this question but its cursor."""
        if not self._client.address.is_private:
            raise LinkDown(tr("{address} is not https: the list of people could be read on its way", address=self._client.address.url))
        asked = {"limit": self._page, "after": after} if after else {"limit": self._page}
        try:
            document = await self._client.get(f"{self._path}?{urlencode(asked)}")
        except BadInput as refusal:
            raise BadInput("cursor" if after else refusal.where, refusal.reason) from refusal
        page = people_page_of(document)
        told = tuple(
            ToldPerson(person=person_in(each), pin=each.pin, badge=each.badge, pin_number=each.pin_number, pin_mark=each.pin_mark)
            for each in page.people
        )
        return ToldPeople(people=told, gone=tuple(page.gone), cursor=page.cursor, more=page.more)
