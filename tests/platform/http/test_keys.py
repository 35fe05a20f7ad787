"""GET /api/v1/keys: anybody checks what was signed, without a token."""

from datetime import timedelta
from pathlib import Path

from kiosk.platform.http.auth import ApiContext
from kiosk.platform.stations.signing_key_file import open_signing_key, rotate
from kiosk.platform.store.key_list import KeyList
from kiosk.platform.store.station_register import StationRegister
from kiosk.wire.published_keys import believed_keys, read_published_keys
from tests.builders import NOON
from tests.platform.agent_counter import Counter
from tests.platform.http.site import calling
from tests.platform.signing import enrolled

KEYS = "/api/v1/keys"


async def test_the_platforms_keys_are_listed_with_from_until_and_who_signed(context: ApiContext, counter: Counter, tmp_path: Path) -> None:
    keys, file = KeyList(counter.store), tmp_path / "key.pem"
    first, _made = open_signing_key(file, keys, NOON)
    second = rotate(file, keys, NOON + timedelta(days=1), "the desk")
    async with calling(context, bearer=False) as client:
        answer = await client.get(KEYS)
    assert answer.status_code == 200
    old, new = answer.json()["keys"]
    assert (old["id"], old["owner"], old["station"], old["signed_by"]) == (first.public.id, "platform", None, None)
    assert (old["from"], old["until"]) == ("2025-01-15T10:30:00.000Z", "2025-02-15T10:30:00Z")
    assert (new["key"], new["until"], new["signed_by"]) == (second.public.text, None, first.public.id)
    believed = believed_keys(read_published_keys(answer.content), first.public)
    assert [each.key for each in believed] == [first.public, second.public]


async def test_the_stations_keys_are_listed_and_those_of_revoked_ones_say_so(context: ApiContext, counter: Counter) -> None:
    one, two = enrolled(counter, "STATION-1"), enrolled(counter, "STATION-2")
    StationRegister(counter.store).revoke(two.id, NOON, NOON, "the desk")
    async with calling(context, bearer=False) as client:
        listed = {each["station"]: each for each in (await client.get(KEYS)).json()["keys"]}
        alone = (await client.get(KEYS, params={"id": one.key.public.id})).json()["keys"]
        none = (await client.get(KEYS, params={"id": "0" * 16})).json()
    assert (listed["STATION-1"]["key"], listed["STATION-1"]["revoked_since"]) == (one.key.public.text, None)
    assert listed["STATION-2"]["revoked_since"] == "2025-01-15T10:30:00Z"
    assert [each["station"] for each in alone] == ["STATION-1"]
    assert none == {"keys": [], "after": None}


async def test_what_is_no_key_is_refused(context: ApiContext) -> None:
    async with calling(context, bearer=False) as client:
        for wrong in ("\0", "'", "x" * 65, "ü"):
            for name in ("id", "after"):
                assert (await client.get(KEYS, params={name: wrong})).status_code == 400
        assert (await client.post(KEYS)).status_code == 401
