"""JSON whose numbers are exact: fractions are `Decimal` on the way in and JSON numbers, never strings, on the way out (decision 1).

Reading refuses, with BadInput: what is not JSON, what is not UTF-8, NaN and Infinity, a key that stands twice, nesting deeper than
MAX_DEPTH, text longer than MAX_BYTES, numbers that no kWh, amount or count can be. Half a character in a text becomes U+FFFD, which no id
may hold and a name is shown without. Writing raises ValueError for a number that is not
finite and TypeError for what JSON has no form for; both are bugs of the caller.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

import simplejson

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_DIGITS = 64  # a quotient of Decimals has 28
_MAX_EXPONENT = 60
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")  # as it is written in JSON
_HALF = re.compile("[\ud800-\udfff]")


Raw = simplejson.RawJSON  # JSON text that is put into `dumps` as it is


def loads(data: bytes | str, *, most_bytes: int = MAX_BYTES) -> Any:  # noqa: ANN401  any JSON value
    """The value: dict, list, str, int, Decimal, bool or None. Raises BadInput with `where` "JSON"."""
    if len(data) > most_bytes:
        raise BadInput("JSON", tr("is longer than {most_bytes} bytes", most_bytes=most_bytes))
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise BadInput("JSON", tr("is not UTF-8 text (byte {start})", start=error.start)) from error
    except json.JSONDecodeError as error:
        raise BadInput(
            "JSON", tr("is not JSON: {msg} in line {lineno}, column {colno}", msg=error.msg, lineno=error.lineno, colno=error.colno)
        ) from error
    except RecursionError as error:
        raise BadInput("JSON", tr("is nested too deeply")) from error
    if text.count("[") + text.count("{") > MAX_DEPTH and _deeper(value, MAX_DEPTH):
        raise BadInput("JSON", tr("is nested too deeply"))
    if _HALF_CHARACTER.search(text):
        return _whole_characters(value)
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise BadInput("JSON", tr("the key {key} stands twice", key=repr(next(name for name in names if names.count(name) > 1))))
    return found


def _fraction(text: str) -> Decimal:
    if len(text) > MAX_DIGITS:
        raise BadInput("JSON", tr("a number has too many digits"))
    value = Decimal(text)
    if (value and abs(value.adjusted()) > _MAX_EXPONENT) or abs(int(value.as_tuple().exponent)) > _MAX_EXPONENT:
        raise BadInput("JSON", tr("the number {text} is out of range", text=text))
    return value


def _whole(text: str) -> int:
    if len(text) > _MAX_EXPONENT:
        raise BadInput("JSON", tr("a number has too many digits"))
    return int(text)


def _no_constant(text: str) -> NoReturn:
    raise BadInput("JSON", tr("{text} is not a number", text=text))


_DECODER = json.JSONDecoder(parse_float=_fraction, parse_int=_whole, parse_constant=_no_constant, object_pairs_hook=_without_duplicates)


def _deeper(value: object, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return left == 0 or any(_deeper(each, left - 1) for each in (value.values() if isinstance(value, dict) else value))


def _whole_characters(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """The value with U+FFFD for each half of a character; a key that holds one is refused, since it may become another key."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole_characters(each) for each in value]
    if not isinstance(value, dict):
        return value
    if any(map(_HALF.search, value)):
        raise BadInput("JSON", tr("a key holds half a character"))
    return {key: _whole_characters(each) for key, each in value.items()}


def dumps(value: object) -> bytes:
    """Compact UTF-8 JSON; the same value always gives the same bytes. Raises ValueError, TypeError."""
    return text(value).encode()


def text(value: object) -> str:
    """As `dumps`, before encoding."""
    return str(_ENCODER.encode(value))


def _mapping(value: object) -> dict[str, object]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"JSON has no form for {type(value).__name__}")


_ENCODER = simplejson.JSONEncoder(
    ensure_ascii=False, use_decimal=True, allow_nan=False, separators=(",", ":"), default=_mapping, namedtuple_as_object=False
)
