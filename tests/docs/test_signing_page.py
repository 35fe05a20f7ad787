"""The test vectors that integrators are given are what the code makes, and anybody's library agrees with them."""

import base64
import hashlib
import hmac
import json
import re
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.docs.markdown import DOCS
from tests.docs.signing_vectors import vectors


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """The document on the page."""
    (found,) = re.findall(r"```json\n(.*?)\n```", (DOCS / "integrator" / "signing.md").read_text(encoding="utf-8"), re.DOTALL)
    read: dict[str, Any] = json.loads(found)
    return read


def test_the_pages_vectors_are_what_the_code_makes(page: dict[str, Any]) -> None:
    assert page == vectors()


def test_the_seeds_give_the_public_keys_and_their_ids(page: dict[str, Any]) -> None:
    for key in page["keys"].values():
        raw = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"])).public_key().public_bytes_raw()
        assert (base64.b64encode(raw).decode(), hashlib.sha256(raw).hexdigest()[:16]) == (key["public"], key["id"])


def test_each_message_is_built_of_the_lines_that_the_page_names_and_signed(page: dict[str, Any]) -> None:
    roles = [each["role"] for each in page["messages"]]
    assert roles == ["request", "request", "answer", "event"]
    for each in page["messages"]:
        properties = each["user_properties"]
        digest = hashlib.sha256(each["payload"].encode()).hexdigest()
        where = (each["topic"], each["correlation_data"], each["response_topic"])
        when = (properties["sk-time"], properties.get("sk-audit", ""))
        lines = ("swap-kiosk-message-1", each["role"], properties["sk-station"], *where, *when, digest)
        assert each["signed"] == "".join(f"{line}\n" for line in lines)
        signer = page["keys"]["station" if each["role"] == "request" else "platform"]
        assert properties["sk-station"] in ("STATION-14", signer["id"])
        check(signer["public"], properties["sk-signature"], each["signed"])


def check(public: str, signature: str, signed: str) -> None:
    """Raises InvalidSignature."""
    Ed25519PublicKey.from_public_bytes(base64.b64decode(public)).verify(base64.b64decode(signature), signed.encode())


def test_the_new_key_of_the_platform_is_signed_by_the_one_before(page: dict[str, Any]) -> None:
    new, signed = page["new_key_of_the_platform"], page["new_key_of_the_platform"]["signed"]
    assert signed == f"swap-kiosk-key-1\n{page['keys']['platform_next']['public']}\n2026-01-31T08:15:00.123Z\n"
    check(page["keys"]["platform"]["public"], new["signature"], signed)
    with pytest.raises(InvalidSignature):
        check(page["keys"]["platform_next"]["public"], new["signature"], signed)


def test_the_proof_needs_the_secret_and_the_platform_keeps_its_hash_alone(page: dict[str, Any]) -> None:
    enrolment = page["enrolment"]
    asked = json.loads(enrolment["payload"])
    lines = ("swap-kiosk-enrol-1", asked["station"], asked["public_key"], asked["timestamp"])
    assert enrolment["proved"] == "".join(f"{line}\n" for line in lines)
    assert asked["proof"] == hmac.new(enrolment["secret"].encode(), enrolment["proved"].encode(), "sha256").hexdigest()
    kept = bytes.fromhex(enrolment["kept_by_the_platform"])
    assert kept == hashlib.sha256(enrolment["secret"].encode()).digest()
    assert asked["proof"] == hmac.new(kept, enrolment["proved"].encode(), "sha256").hexdigest()
