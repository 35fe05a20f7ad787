"""Who may call, and what errors look like."""

import pytest

from kiosk.platform.http.auth import ApiContext
from tests.platform.agent_counter import open_counter
from tests.platform.http.site import calling, calling_port, context_on
from tests.postgres import Postgres


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic a-token-for-the-tests", "a-token-for-the-tests"])
async def test_without_a_valid_token_nothing_is_told(context: ApiContext, header: str | None) -> None:
    async with calling(context, bearer=False) as client:
        answer = await client.get("/graphql-or-whatever", headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["error"]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("token", ["a-token-for-the-tests", "an-older-token"])
async def test_each_of_several_tokens_is_valid(context: ApiContext, token: str) -> None:
    async with calling(context, bearer=False) as client:
        assert (await client.get("/nowhere", headers={"Authorization": f"bearer {token}"})).status_code == 404


async def test_health_needs_no_token(context: ApiContext) -> None:
    async with calling(context, bearer=False) as client:
        assert (await client.get("/healthz")).json() == {"ok": True, "database": "ok", "link": "ok"}
        assert (await client.head("/healthz")).status_code == 200


async def test_the_same_over_a_port(context: ApiContext) -> None:
    async with calling_port(context) as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/nowhere")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("address", "status"), [("/?q=%00bat", 200), ("/plans?after=%00", 200), ("/plans/%00", 404)])
async def test_an_address_with_a_nul_is_no_fault_of_ours_on_postgresql_either(postgres: Postgres, address: str, status: int) -> None:
    with open_counter(postgres.database()) as counter:
        async with calling(context_on(counter.store)) as client:
            assert (await client.get(address)).status_code == status
