"""The page where anybody checks a receipt by the text of its code: no password, no script. It tells nothing that the code does not say, but
whether the platform has booked it.
"""

from starlette.requests import Request

from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import message_for
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.web.pages import NONE, Facts, Page, when
from kiosk.platform.store.key_list import KeyList
from kiosk.platform.store.receipt_book import BookedReceipt, ReceiptBook
from kiosk.wire.signed_receipts import MAX_CHARACTERS, ReceiptFacts, ReceiptOutcome, read_receipt

PATH = "/receipt"
_SHOWN = {
    ReceiptOutcome.VALID: ("ok", mark("Valid"), mark("This station signed exactly this.")),
    ReceiptOutcome.ALTERED: ("stop", mark("Altered"), mark("This is not what the station signed.")),
    ReceiptOutcome.UNKNOWN_KEY: ("stop", mark("Unknown key"), mark("This is no key of this station.")),
    ReceiptOutcome.ENDED: (
        "attention",
        mark("Key ended"),
        mark("The station signed this, by a key that ended at {time} UTC. Somebody else may have it since: what is booked below counts."),
    ),
}
_VALUES = (
    (mark("Transaction"), "transaction"),
    (mark("Station"), "station"),
    (mark("Time"), "time"),
    (mark("Electricity delivered"), "net_kwh"),
    (mark("Paid"), "amount"),
    (mark("Currency"), "currency"),
)


class ReceiptPage:
    """Called in a thread; raises StoreFailed."""

    def __init__(self, context: ApiContext) -> None:
        self._clock, self._book, self._keys = context.clock, ReceiptBook(context.store), KeyList(context.store)

    def page(self, request: Request) -> Page:
        """The form, with what was found of the text that was given."""
        text = request.query_params.get("text", "")
        return "receipt.html", {
            "title": tr("Check a receipt"),
            "most": MAX_CHARACTERS,
            "text": text[: MAX_CHARACTERS + 1],
            "result": self._result(text) if text.strip() else None,
        }

    def _result(self, text: str) -> Facts:
        try:
            receipt = read_receipt(text)
        except BadInput as error:
            return {"tone": "stop", "heading": tr("No receipt"), "words": message_for(error).sentence, "values": (), "booked": ""}
        verdict = receipt.checked(self._keys.of_stations(key_id=receipt.key_id), self._clock.now())
        tone, heading, words = _SHOWN[verdict.outcome]
        genuine = verdict.outcome in {ReceiptOutcome.VALID, ReceiptOutcome.ENDED}
        return {
            "tone": tone,
            "heading": tr(heading),
            "words": tr(words, time=when(verdict.ended_at) if verdict.ended_at else NONE),
            "values": [(tr(name), _shown(field, getattr(receipt.facts, field))) for name, field in _VALUES],
            "booked": _booked_words(receipt.facts, self._book.find(receipt.facts.transaction)) if genuine else "",
        }


def _shown(field: str, value: str) -> str:
    words = cleaned(value)
    return f"{words} kWh" if words and field == "net_kwh" else words or NONE


def _booked_words(facts: ReceiptFacts, booked: BookedReceipt | None) -> str:
    if booked is None:
        return tr("The platform has not booked this transaction. A new one may wait at its station.")
    if booked.facts is None:
        return tr("The platform has booked this transaction; it cannot say with which values.")
    if booked.facts == facts:
        return tr("The platform has booked exactly this.")
    return tr("The platform has booked this transaction with other values.")
