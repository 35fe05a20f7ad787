"""Customer codes as scanned or typed (contract, customer codes).

Text is the plan id; a JSON object is searched for `plan_id`, `subscription_code`, `subscriptionCode`, `subscription.code`, first that is
not empty; the prefix QR_CUSTOMER_ is dropped. Text that merely looks like broken JSON is text. Everything else raises BadCustomerCode.
"""

import json
from typing import Any

from kiosk.domain.errors import BadCustomerCode
from kiosk.domain.language import tr
from kiosk.domain.requests import CustomerCode
from kiosk.wire.checked import topic_id_fault

MAX_CODE_LENGTH = 512
PREFIX = "QR_CUSTOMER_"
_PLACES = (("plan_id",), ("subscription_code",), ("subscriptionCode",), ("subscription", "code"))


def parse_customer_code(text: str, *, typed: bool = False) -> CustomerCode:
    """The plan id in a code. Raises BadCustomerCode: empty, over-long, not readable, `+#/` in the id, JSON without a code."""
    code = text.strip("\ufeff\0 \t\r\n")
    if len(code) > MAX_CODE_LENGTH:
        raise BadCustomerCode(tr("it is longer than {limit} characters", limit=MAX_CODE_LENGTH))
    document = _as_json(code)
    plan_id = code if document is None else _found(document)
    plan_id = plan_id.strip().removeprefix(PREFIX).strip()
    fault = topic_id_fault(plan_id)
    if fault:
        raise BadCustomerCode(tr("it {fault}", fault=fault))
    return CustomerCode(text=code, plan_id=plan_id, typed=typed)


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
    for place in _PLACES:
        value = document
        for key in place:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip():
            return value
    raise BadCustomerCode(tr("it is JSON without a plan id"))
