"""`receipt verify FILE|TEXT`: whether a station signed a receipt, by the published keys, without the network or with it."""

import argparse
import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kiosk.cli import DONE, FAILED, print_json
from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput, StepImpossible
from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import mark, tr
from kiosk.domain.times import iso_utc
from kiosk.wire.published_keys import PublishedKey, read_published_keys
from kiosk.wire.signed_receipts import BAR, PREFIX, ReceiptOutcome, ReceiptVerdict, SignedReceipt, read_receipt

if TYPE_CHECKING:
    from kiosk.settings import Settings
    from kiosk.station.adapters.http.client import PlatformClient

KEPT_KEYS = "published-keys.json"  # in the data folder
_MAX_BYTES = 8_000_000
_MAX_PAGES = 1000
_IN_PDF = re.compile(rb"SKR1\|[^()<>\\\r\n]{1,400}")
_WORDS = {
    ReceiptOutcome.VALID: mark("Valid: this station signed exactly this."),
    ReceiptOutcome.ALTERED: mark("Altered: this is not what the station signed."),
    ReceiptOutcome.UNKNOWN_KEY: mark("Unknown key: the platform publishes no such key of this station. Get the keys anew with --online."),
    ReceiptOutcome.ENDED: mark("Key ended at {time}: somebody else may have it since. Ask the platform with --online."),
}
_BOOKED = {
    (True, True): mark("The platform has booked exactly this."),
    (True, False): mark("The platform has booked this transaction with other values."),
    (True, None): mark("The platform has booked this transaction; it cannot say with which values."),
}
_NOT_BOOKED = mark("The platform has not booked this transaction. A new one may wait at its station.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Booking:
    """What the platform says; both are None where it was not asked."""

    booked: bool | None = None
    same: bool | None = None


def verify(options: argparse.Namespace) -> int:
    """DONE for a receipt that its station signed and that no answer of the platform contradicts. Raises BadInput, LinkDown."""
    from kiosk.settings import load_settings
    from kiosk.shared.system import SystemClock

    if not options.proof:
        raise BadInput("receipt verify", tr("needs the text of a code, or a file"))
    receipt, settings = read_receipt(_text_of(options.proof)), load_settings()
    if options.online:
        keys, booking = asyncio.run(_ask(settings, receipt))
    else:
        keys, booking = _kept_keys(options.keys or settings.data / KEPT_KEYS, named=options.keys is not None), _Booking()
    verdict = receipt.checked(keys, SystemClock().now())
    _print(receipt, verdict, booking, as_json=options.json)
    return DONE if _is_good(verdict, booking) else FAILED


def _is_good(verdict: ReceiptVerdict, booking: _Booking) -> bool:
    """The signature of a key that ended counts as far as the platform has booked the same."""
    if verdict.outcome is ReceiptOutcome.VALID:
        return booking.same is not False
    return verdict.outcome is ReceiptOutcome.ENDED and booking.same is True


def _text_of(given: str) -> str:
    """The code itself, or the one in a file. Raises BadInput."""
    if given.lstrip().startswith(PREFIX + BAR):
        return given
    path = Path(given)
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES)
    except (OSError, ValueError) as error:
        why = fault_phrase(error) if isinstance(error, OSError) else tr("it is no name of a file")
        raise BadInput(cleaned(given), tr("is no receipt's code, and no file that can be read ({why})", why=why)) from error
    if not content.startswith(b"%PDF"):
        return content.decode("utf-8", "replace")
    found: list[bytes] = sorted(set(_IN_PDF.findall(content)))
    if len(found) != 1:
        raise BadInput(given, tr("holds {count} signed codes, not one", count=len(found)))
    return found[0].decode("ascii", "replace")


def _kept_keys(file: Path, *, named: bool) -> tuple[PublishedKey, ...]:
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        if named:
            raise BadInput(str(file), tr("does not exist")) from error
        raise StepImpossible(tr("no published keys are kept here: name a file with --keys, or get them with --online")) from error
    except OSError as error:
        raise BadInput(str(file), fault_phrase(error)) from error
    return read_published_keys(content)


async def _published(client: "PlatformClient") -> bytes:
    """All that the platform publishes, its pages put together. Raises BadInput, LinkDown."""
    from kiosk.wire.exact_json import dumps

    keys, after = list[object](), ""
    for _ in range(_MAX_PAGES):
        page: Any = await client.get(f"/api/v1/keys?after={quote(after, safe='')}")
        if not isinstance(page, dict) or not isinstance(page.get("keys"), list):
            break
        keys += page["keys"]
        after = str(page.get("after") or "")
        if not after:
            break
    return dumps({"keys": keys, "after": None})


async def _ask(settings: "Settings", receipt: SignedReceipt) -> tuple[tuple[PublishedKey, ...], _Booking]:
    """The platform's keys, which are kept for the next time, and what it has booked."""
    from kiosk.bootstrap import platform_client_of
    from kiosk.shared.durable_files import replace_whole

    client = platform_client_of(settings)
    if client is None:
        raise BadInput("platform.url", tr("is empty: there is no platform to ask"))
    facts = receipt.facts
    async with AsyncExitStack() as stack:
        stack.push_async_callback(client.close)
        published = await _published(client)
        keys = read_published_keys(published)
        answer: Any = await client.get(f"/api/v1/receipts/{quote(facts.transaction, safe='')}?digest={facts.digest}")
    settings.data.mkdir(parents=True, exist_ok=True)
    replace_whole(settings.data / KEPT_KEYS, published)
    known = answer if isinstance(answer, dict) else {}
    return keys, _Booking(booked=known.get("booked") is True, same=known["same"] if isinstance(known.get("same"), bool) else None)


def _print(receipt: SignedReceipt, verdict: ReceiptVerdict, booking: _Booking, *, as_json: bool) -> None:
    facts, ended = receipt.facts, verdict.ended_at and iso_utc(verdict.ended_at)
    if as_json:
        values = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
        asked = {"booked": booking.booked, "same": booking.same}
        print_json({"outcome": verdict.outcome.value, **values, "key_id": receipt.key_id, "ended_at": ended, **asked})
        return
    print("  ".join(cleaned(each) for each in facts.values if each))
    print(tr(_WORDS[verdict.outcome], time=ended))
    if booking.booked is not None:
        print(tr(_BOOKED[booking.booked, booking.same] if booking.booked else _NOT_BOOKED))
