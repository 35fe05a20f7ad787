"""`receipt verify`: what a station signed is told from what it did not, with and without the network."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.times import iso_utc
from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.services.receipts import facts_of
from kiosk.wire.signed_receipts import PREFIX, sign_receipt
from tests.cli.terminal import Terminal
from tests.station.adapters.store.values import ended_swap, message_of

SWAP = ended_swap()
KEY = SigningKey.from_seed(bytes(range(32)))
CODE = sign_receipt(facts_of(SWAP), KEY).code
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def keys(*, key: SigningKey = KEY, until: datetime | None = None) -> dict[str, Any]:
    ends = None if until is None else iso_utc(until)
    one = {"id": key.public.id, "key": key.public.text, "station": SWAP.station_id, "from": "2020-01-01T00:00:00Z", "until": ends}
    return {"keys": [one], "after": None}


@pytest.fixture
def known(terminal: Terminal) -> Path:
    """The published keys, in a file."""
    file = terminal.folder / "keys.json"
    file.write_text(json.dumps(keys()))
    return file


@pytest.fixture
def enrolled(terminal: Terminal) -> Terminal:
    """A counter that has a key and a completed swap."""
    terminal.data.mkdir(parents=True, exist_ok=True)
    KEY.keep(terminal.data / "station-key.pem")
    store = open_store(terminal.data / "kiosk.sqlite")
    store.complete(SWAP, message_of(SWAP))
    store.close()
    return terminal


@contextmanager
def platform(answers: dict[str, Any]) -> Iterator[str]:
    """A platform that answers these addresses."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.partition("?")[0])
            self.send_response(404 if found is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_an_enrolled_counters_receipt_is_valid_from_its_pdf(enrolled: Terminal, known: Path) -> None:
    pdf = enrolled.folder / "receipt.pdf"
    assert enrolled.run("receipt", SWAP.correlation_id, "--out", str(pdf)).code == 0
    ran = enrolled.run("receipt", "verify", str(pdf), "--keys", str(known), "--json")
    assert (ran.code, ran.json["outcome"], ran.json["transaction"]) == (0, "valid", SWAP.correlation_id)
    assert ran.json["booked"] is None


def test_a_counter_without_a_key_signs_nothing(terminal: Terminal, known: Path) -> None:
    store = open_store(terminal.data / "kiosk.sqlite")
    store.complete(SWAP, message_of(SWAP))
    store.close()
    pdf = terminal.folder / "receipt.pdf"
    assert terminal.here("receipt", SWAP.correlation_id, "--out", str(pdf)).code == 0
    ran = terminal.here("receipt", "verify", str(pdf), "--keys", str(known))
    assert ran.code == 2
    assert "no" in ran.err or "0 signed" in ran.err


def test_a_key_that_others_can_read_signs_nothing_and_the_receipt_is_made(enrolled: Terminal) -> None:
    (enrolled.data / "station-key.pem").chmod(0o644)
    pdf = enrolled.folder / "receipt.pdf"
    ran = enrolled.run("receipt", SWAP.correlation_id, "--out", str(pdf))
    assert ran.code == 0
    assert "chmod 600" in ran.err
    assert PREFIX.encode() not in pdf.read_bytes()


@pytest.mark.parametrize(
    ("code", "published", "outcome", "words"),
    [
        (CODE, keys(), "valid", "Valid"),
        (CODE.replace("USD", "KES"), keys(), "altered", "Altered"),
        (CODE, keys(key=SigningKey.make()), "unknown key", "Unknown key"),
        (CODE, keys(until=YESTERDAY), "key ended", "Ask the platform"),
        (CODE, keys(until=YESTERDAY + timedelta(days=2)), "valid", "Valid"),
    ],
)
def test_the_four_outcomes_are_told_apart(terminal: Terminal, code: str, published: dict[str, Any], outcome: str, words: str) -> None:
    file = terminal.folder / "keys.json"
    file.write_text(json.dumps(published))
    ran = terminal.here("receipt", "verify", code, "--keys", str(file), "--json")
    assert (ran.json["outcome"], ran.code) == (outcome, 0 if outcome == "valid" else 1)
    assert words in terminal.here("receipt", "verify", code, "--keys", str(file)).out


def test_a_text_file_with_a_code_is_read(terminal: Terminal, known: Path) -> None:
    file = terminal.folder / "code.txt"
    file.write_text(f"\n{CODE}\n")
    assert terminal.here("receipt", "verify", str(file), "--keys", str(known)).code == 0


@pytest.mark.parametrize("given", ["nowhere.pdf", "TXN-1", CODE[:-100].rpartition("|")[0], "x\x1b[2J"])
def test_what_is_no_code_and_no_file_is_said(terminal: Terminal, known: Path, given: str) -> None:
    ran = terminal.here("receipt", "verify", given, "--keys", str(known))
    assert (ran.code, ran.out) == (2, "")
    assert "\x1b" not in ran.err


def test_without_keys_it_says_where_to_get_them(terminal: Terminal) -> None:
    ran = terminal.here("receipt", "verify", CODE)
    assert ran.code == 1
    assert "--online" in ran.err


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"keys": [{}]}'])
def test_a_file_of_keys_that_is_none_is_refused(terminal: Terminal, content: str) -> None:
    file = terminal.folder / "keys.json"
    file.write_text(content)
    assert terminal.here("receipt", "verify", CODE, "--keys", str(file)).code == 2


@pytest.mark.parametrize(
    ("until", "answer", "code"),
    [
        (None, {"booked": True, "same": True}, 0),
        (None, {"booked": False, "same": None}, 0),
        (None, {"booked": True, "same": False}, 1),
        (YESTERDAY, {"booked": True, "same": True}, 0),
        (YESTERDAY, {"booked": True, "same": None}, 1),
        (YESTERDAY, {"booked": False, "same": None}, 1),
    ],
)
def test_online_the_platform_says_whether_it_is_booked_and_its_keys_are_kept(
    terminal: Terminal, until: datetime | None, answer: dict[str, Any], code: int
) -> None:
    answers = {"/api/v1/keys": keys(until=until), f"/api/v1/receipts/{SWAP.correlation_id}": answer}
    with platform(answers) as url:
        ran = terminal.here("receipt", "verify", CODE, "--online", "--json", SWAP_KIOSK_PLATFORM__URL=url)
    assert (ran.code, ran.json["booked"], ran.json["same"]) == (code, answer["booked"], answer["same"])
    kept = terminal.here("receipt", "verify", CODE, "--json")
    assert kept.json["outcome"] == ("valid" if until is None else "key ended")
    assert oct((terminal.data / "published-keys.json").stat().st_mode & 0o777) == "0o600"


def test_a_platform_that_does_not_answer_is_a_sentence(terminal: Terminal) -> None:
    ran = terminal.here("receipt", "verify", CODE, "--online", SWAP_KIOSK_PLATFORM__URL="http://127.0.0.1:1")
    assert ran.code == 1
    assert terminal.here("receipt", "verify", CODE, "--online").code == 2  # none is configured


def test_a_word_too_many_is_misuse(terminal: Terminal) -> None:
    assert terminal.here("receipt", "TXN-1", "TXN-2").code == 2
    assert terminal.here("receipt", "verify").code == 2
