"""`platform serve`: its options, the import of plans, a process of its own, a bug in the request handler."""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.platform.agent.decision import Decider
from kiosk.platform.plan_import import import_plans
from kiosk.platform.run.serve import link_for, serve
from kiosk.platform.store.repository import open_store
from kiosk.platform.store.store_values import Decision, Known
from kiosk.wire.exact_json import dumps
from kiosk.wire.plan_documents import plan_to_document
from tests.brokers import Mosquitto, run
from tests.builders import plan_bytes, plan_of, plan_with, specified
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, Counter, FixedClock, Where, completion, count, url_of, used_kwh
from tests.platform.kiosks import FakeKiosk, kiosk_on, platform_on


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "plans"
    found.mkdir()
    return found


def broken(**changes: object) -> bytes:
    return dumps({**plan_to_document(plan_of(id="broken")), **changes})


def test_new_plans_are_imported_and_known_ones_left_as_they_are(counter: Counter, folder: Path) -> None:
    (folder / "a.json").write_bytes(plan_bytes(plan_of(id="plan-2")))
    (folder / "b.json").write_bytes(plan_bytes(plan_with(used_kwh="1")))
    imported = import_plans(counter.store, folder, FixedClock())
    assert (imported.added, imported.known, imported.refused) == (("plan-2",), (PLAN,), ())
    assert str(used_kwh(counter.store)) == "344.5"
    assert counter.store.plan("plan-2") == plan_of(id="plan-2")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "document"),
        (b"\xff\x00", "document"),
        (b'{"id": NaN}', "document"),
        (broken(serviceStates=[{"service_id": "x", "used": -1, "quota": 1}]), "serviceStates[0].used"),
        (broken(customer_id=7), "customer_id"),
        (broken(id="a/b"), "id"),
    ],
)
def test_a_bad_plan_file_is_named_with_its_key_and_reason_and_stops_no_other(counter: Counter, folder: Path, data: bytes, key: str) -> None:
    (folder / "a-bad.json").write_bytes(data)
    (folder / "b-good.json").write_bytes(plan_bytes(plan_of(id="plan-2")))
    imported = import_plans(counter.store, folder, FixedClock())
    assert imported.added == ("plan-2",)
    (refused,) = imported.refused
    assert refused.where == f"{folder / 'a-bad.json'}: {key}"
    assert refused.reason


def test_an_import_from_no_folder_is_refused(counter: Counter, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a folder"):
        import_plans(counter.store, tmp_path / "nowhere", FixedClock())


def test_a_broker_url_is_host_port_and_user() -> None:
    link = link_for("mqtt://abs@broker.example:1999")
    assert (link.host, link.port, link.username) == ("broker.example", 1999, "abs")
    assert link_for("mqtt://[::1]").port == 1883
    assert link_for("mqtts://broker", tls_ca=Path("ca.pem")).port == 8883
    assert link_for("mqtts://broker").port == 8883
    assert (link.uses_tls, link_for("mqtts://broker").uses_tls) == (False, True)
    assert link.client_id != link_for("mqtt://broker.example").client_id


@pytest.mark.parametrize("url", ["", "broker:1883", "http://broker", "mqtt://", "mqtt://b:port", "mqtt://b/path", "mqtt://u:secret@b"])
def test_a_wrong_broker_url_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        link_for(url)
    assert "secret" not in refused.value.reason


def test_an_authority_is_for_a_link_with_tls() -> None:
    with pytest.raises(BadInput, match="mqtts"):
        link_for("mqtt://broker", tls_ca=Path("ca.pem"))


@pytest.mark.parametrize("url", ["mqtt://abs@broker.example", "mqtt://abs@10.0.0.1:8883"])
def test_a_password_that_would_pass_a_network_unencrypted_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="unencrypted") as refused:
        link_for(url, password_file=Path("password"))
    assert refused.value.where == "--broker-password-file"
    for other in (link_for(url, password_file=Path("password"), allow_plain=True), link_for(url)):
        assert not other.uses_tls


@pytest.mark.parametrize("url", ["mqtts://abs@broker.example", "mqtt://abs@localhost", "mqtt://abs@[::1]", "mqtt://broker.example"])
def test_a_password_goes_over_tls_and_to_this_machine(url: str) -> None:
    assert link_for(url, password_file=Path("password")).host


def test_a_wrong_database_url_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        open_store("nosuchdatabase://host/name")
    (tmp_path / "file").write_text("this is no database, " * 100)
    with pytest.raises(StoreFailed):
        open_store(f"sqlite:///{tmp_path / 'file'}")


def test_serving_imports_plans_answers_and_stops(mosquitto: Mosquitto, books: Where, folder: Path) -> None:
    (folder / "plan.json").write_bytes(dumps(specified("plan")))

    async def swap() -> list[str]:
        stop = asyncio.Event()
        async with kiosk_on(mosquitto) as kiosk, asyncio.TaskGroup() as group:
            group.create_task(serve(mosquitto.url, url_of(books), folder, stop=stop))
            while not kiosk.answers(SWAP):  # nobody says when it hears; a kiosk asks again
                kiosk.send(f"call/uxi/attendant/plan/{PLAN}/complete_service", completion())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await kiosk.until(lambda: kiosk.answers(SWAP))
            stop.set()
        return list(kiosk.answers(SWAP)[0]["signals"])

    assert run(swap()) == ["SERVICE_COMPLETED_SUCCESS"]
    assert count(books, "outgoing_events WHERE published_at IS NULL") == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_a_process_of_its_own_ends_cleanly_on_a_signal(mosquitto: Mosquitto, books: Where, end: signal.Signals) -> None:
    code = "import logging; from kiosk.platform.run.serve import run; logging.basicConfig(level='INFO'); "
    code += f"run({mosquitto.url!r}, {url_of(books)!r})"

    async def live() -> tuple[int, bytes]:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stderr=asyncio.subprocess.PIPE)
        assert process.stderr is not None
        async with asyncio.timeout(30):
            while b"connected to" not in await process.stderr.readline():
                pass
            process.send_signal(end)
            rest = await process.stderr.read()
            return await process.wait(), rest

    code_and_rest = run(live(), 60)
    assert code_and_rest[0] == 0
    assert b"Traceback" not in code_and_rest[1]


def test_a_bug_in_the_request_handler_leaves_one_message_unanswered_and_serves_the_next(
    mosquitto: Mosquitto, books: Where, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = Decider.decide

    def decide_with_a_bug(decider: Decider, known: Known) -> Decision:
        if decider.parsed.correlation_id == OTHER_SWAP:
            raise RuntimeError("a bug")
        return decide(decider, known)

    monkeypatch.setattr(Decider, "decide", decide_with_a_bug)

    async def swap() -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            kiosk.send(f"call/uxi/attendant/plan/{PLAN}/complete_service", completion(correlation_id=OTHER_SWAP))
            await kiosk.call(PLAN, "complete_service", completion())
            return kiosk

    kiosk = run(swap())
    assert (len(kiosk.answers(OTHER_SWAP)), len(kiosk.answers(SWAP))) == (0, 1)
    assert "was not handled" in caplog.text
