"""Customer codes as scanned or typed (contract, customer codes).

Text is the plan id; a JSON object is searched for `plan_id`, `subscription_code`, `subscriptionCode`, `subscription.code`, first that is
not empty, a JSON array for the first such object; a web address for `plan_id`, `id` and the last part of its path, or by a configured
pattern. What a scanner puts before a code to tell its kind (`]Q1`), quotes around it and the prefix QR_CUSTOMER_ are dropped. Text that
merely looks like broken JSON is text. Everything else raises BadCustomerCode, a contact card and its like by name.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from kiosk.domain.errors import BadCustomerCode
from kiosk.domain.language import mark, tr
from kiosk.domain.people import is_badge
from kiosk.domain.requests import CustomerCode
from kiosk.wire.checked import topic_id_fault

MAX_CODE_LENGTH = 512
A_BADGE = mark("it is the badge of a person who works here")
PREFIX = "QR_CUSTOMER_"
CODE = "{code}"  # where the code stands in a pattern of a web address
_KIND = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # the AIM identifier of ISO/IEC 15424
_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u201e": "\u201c", "\u2018": "\u2019", "\u00ab": "\u00bb", "\u201d": "\u201d"}
_AROUND = "\ufeff\0 \t\r\n"
_URL = re.compile(r"(https?://|www\.)", re.IGNORECASE)
_URL_KEYS = ("plan_id", "id")
_OTHER_KINDS = {
    "BEGIN:VCARD": mark("it is a contact card"),
    "MECARD:": mark("it is a contact card"),
    "BEGIN:V": mark("it is a calendar entry"),
    "WIFI:": mark("it is the password of a network"),
    "MAILTO:": mark("it is an e-mail address"),
    "TEL:": mark("it is a telephone number"),
    "SMSTO:": mark("it is a telephone number"),
    "GEO:": mark("it is a place on the map"),
    "SKR1|": mark("it is the code of a receipt"),
}
_PLACES = (("plan_id",), ("subscription_code",), ("subscriptionCode",), ("subscription", "code"))


def parse_customer_code(text: str, *, typed: bool = False, url_pattern: str = "") -> CustomerCode:
    """The plan id in a code. `url_pattern` is a web address with `{code}` in it, "" for the usual places. Raises BadCustomerCode: a badge,
    empty, over-long, not readable, `+#/` in the id, JSON or a web address without a code, a code of another kind."""
    if is_badge(text):
        raise BadCustomerCode(tr(A_BADGE))
    code = _bare(text)
    kind = next((words for start, words in _OTHER_KINDS.items() if code.upper().startswith(start)), "")
    if kind:
        raise BadCustomerCode(tr(kind))
    if len(code) > MAX_CODE_LENGTH:
        raise BadCustomerCode(tr("it is longer than {limit} characters", limit=MAX_CODE_LENGTH))
    document = _as_json(code)
    plan_id = code if document is None else _found(document)
    if _URL.match(plan_id):
        plan_id = _in_url(plan_id, url_pattern)
    plan_id = plan_id.strip().removeprefix(PREFIX).strip()
    fault = topic_id_fault(plan_id)
    if fault:
        raise BadCustomerCode(tr("it {fault}", fault=fault))
    return CustomerCode(text=code, plan_id=plan_id, typed=typed)


def _bare(text: str) -> str:
    """A code without what stands around it."""
    code = text.strip(_AROUND)
    if kind := _KIND.match(code):
        code = code[kind.end() :].strip(_AROUND)
    while len(code) > 1 and _QUOTES.get(code[0]) == code[-1]:
        code = code[1:-1].replace('\\"', '"').strip()
    return code


def _in_url(url: str, pattern: str) -> str:
    """The code in a web address. Raises BadCustomerCode."""
    if pattern:
        before, after = (re.escape(part) for part in pattern.split(CODE, 1))
        found = re.match(f"{before}([^/?#&]+){after}", url, re.IGNORECASE)
        code = unquote(found[1]) if found else ""
    else:
        code = _by_usual_places(url)
    if not code.strip():
        raise BadCustomerCode(tr("it is a web address and holds no plan id"))
    return code


def _by_usual_places(url: str) -> str:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
    except ValueError:
        return ""
    asked = parse_qs(parts.query)
    named = next((asked[key][0] for key in _URL_KEYS if asked.get(key)), "")
    return named or unquote(parts.path.rstrip("/").rpartition("/")[2])


def _as_json(code: str) -> Any:  # noqa: ANN401  any JSON object or array
    if not code.startswith(("{", "[")):
        return None
    try:
        return json.loads(code)
    except RecursionError as error:
        raise BadCustomerCode(tr("it is nested too deeply")) from error
    except ValueError:
        return None


def _found(document: object) -> str:
    for each in document if isinstance(document, list) else [document]:
        if found := _in_object(each):
            return found
    raise BadCustomerCode(tr("it holds no plan id"))


def _in_object(document: object) -> str:
    for place in _PLACES:
        value = document
        for key in place:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip():
            return value
    return ""
