"""The enrolment file, the proof and the answer, byte for byte (decision 26)."""

import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from kiosk.domain.errors import BadInput
from kiosk.shared.signing_keys import SigningKey
from kiosk.wire.enrolment import EnrolmentAnswer, enrolment_question, read_enrolment_answer, read_enrolment_file
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.station_topics import enrol_topic
from tests.signing_platform import STATION, enrolment_document

KEY = SigningKey.from_seed(bytes(range(32)))
AT = datetime(2026, 1, 31, 8, 15, 0, 123_999, tzinfo=UTC)


def test_the_proof_is_over_these_lines() -> None:
    sent = loads(enrolment_question("a-secret", "st-1", KEY.public, AT).write())
    lines = f"swap-kiosk-enrol-1\nst-1\n{KEY.public.text}\n2026-01-31T08:15:00.123999Z\n".encode()
    assert sent == {
        "station": "st-1",
        "public_key": KEY.public.text,
        "proof": hmac.new(b"a-secret", lines, hashlib.sha256).hexdigest(),
        "timestamp": "2026-01-31T08:15:00.123999Z",
    }
    assert enrol_topic("st-1") == "call/uxi/attendant/station/st-1/enrol"


def test_a_file_is_read_and_its_digest_is_of_its_secret() -> None:
    document = enrolment_document(KEY.public)
    read = read_enrolment_file(dumps(document))
    assert (read.station, read.platform_key, read.secret) == (STATION, KEY.public, document["secret"])
    other = read_enrolment_file(dumps(document | {"secret": "another-one-of-this-station"}))
    assert read.digest != other.digest
    assert read.digest == read_enrolment_file(dumps(document | {"expires": "2026-12-01T00:00:00Z"})).digest


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"station": 5}', dumps(enrolment_document(KEY.public, platform_key={"id": "x"}))])
def test_what_is_no_file_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_enrolment_file(data)


ANSWERS = {
    b'{"enrolled": true, "station": "st-1"}': EnrolmentAnswer(enrolled=True),
    b'{"enrolled": true, "station": "st-2"}': None,
    b'{"enrolled": true}': None,
    b'{"enrolled": false, "reason": "used\\nup"}': EnrolmentAnswer(enrolled=False, reason="used up"),
    b'{"enrolled": false}': EnrolmentAnswer(enrolled=False),
    b'{"enrolled": 1, "station": "st-1"}': None,
    b'{"enrolled": "true", "station": "st-1"}': None,
    b"[]": None,
    b"\xff": None,
}


@pytest.mark.parametrize(("payload", "read"), ANSWERS.items())
def test_an_answer_is_to_this_station_or_none(payload: bytes, read: EnrolmentAnswer | None) -> None:
    assert read_enrolment_answer(payload, "st-1") == read
