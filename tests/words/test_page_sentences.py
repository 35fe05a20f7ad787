"""What stands on pages is said in the words of the glossary, in short sentences, and without what only programmers read.

Every sentence of the catalogue belongs to a page, to the terminal or to a technician, by the file that holds it; a new file has to be put
into one of the three. A reason is a part of a sentence ("Reason: the paper is out.") and is held to the same.
"""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from resources.make_words import extracted

MAX_WORDS = 12  # in one sentence; a placeholder is one word

PAGES = (
    "ui/",
    "kiosk/domain/adapter_fault.py",
    "kiosk/domain/approval.py",
    "kiosk/domain/battery/",
    "kiosk/domain/errors/",
    "kiosk/domain/keyboard.py",
    "kiosk/domain/messages/",
    "kiosk/domain/money/",
    "kiosk/domain/people.py",
    "kiosk/domain/read_obstacle.py",
    "kiosk/domain/swap/",
    "kiosk/domain/times.py",
    "kiosk/shared/formatting.py",
    "kiosk/station/adapters/bluetooth/",
    "kiosk/station/adapters/cups/",
    "kiosk/station/adapters/mqtt/",
    "kiosk/station/adapters/printing.py",
    "kiosk/station/services/",
    "kiosk/wire/customer_codes.py",
    "resources/training/",
)
ELSEWHERE = {  # by folder or file: who reads it
    "kiosk/bootstrap/": "the terminal: settings",
    "kiosk/cli/": "the terminal",
    "kiosk/settings": "the terminal: settings",
    "kiosk/training/": "the terminal: training cannot start",
    "kiosk/platform/": "the platform's operator and its pages, which have their own words",
    "kiosk/domain/templates/": "the platform's operator: versions of templates",
    "kiosk/domain/agent/": "an integrator: answers of the agent",
    "kiosk/domain/requests.py": "an integrator: answers of the agent",
    "kiosk/domain/plan/": "an integrator: what is wrong in a plan; its page says that the platform sent it with a mistake",
    "kiosk/domain/money/pay_code.py": "the terminal: settings",
    "kiosk/domain/panel.py": "a technician: doctor and the first page of a panel without room",
    "kiosk/domain/file_faults.py": "a technician: doctor and the first page, where the kiosk cannot start",
    "kiosk/station/adapters/record_files.py": "a technician: the light of the record",
    "kiosk/shared/": "a technician: the page of all parts, doctor, the log",
    "kiosk/wire/": "an integrator: what is wrong in a document",
    "kiosk/station/adapters/bluetooth/diagnosis.py": "a technician: doctor",
    "kiosk/station/adapters/bluetooth/simulated/": "the terminal: simulated batteries",
    "kiosk/station/adapters/bluetooth/protocols/": "the log, the terminal: faults of simulated batteries",
    "kiosk/station/adapters/http/": "a technician: the page of all parts, doctor, the log",
    "kiosk/station/adapters/mqtt/station_guard.py": "a technician: doctor, the log",
    "kiosk/station/adapters/station_identity.py": "a technician: the page of the link, doctor, the log",
    "kiosk/station/adapters/secret_folder.py": "the terminal: passwords of batteries",
    "kiosk/station/adapters/store/": "a technician: the first page, doctor, the log",
    "kiosk/station/services/health_checks.py": "a technician: the page of all parts",
    "kiosk/station/services/health_watch.py": "a technician: the page of all parts",
    "ui/__main__.py": "the terminal",
    "ui/window/demo.py": "the terminal",
}

NOT_SAID = (  # the glossary's "Words not to use", and what only programmers say
    *("book", "books", "booked", "booking", "bookings", "vouch", "vouches", "mend", "mends", "mended"),
    *("told", "heard", "remaining", "acknowledged", "synced", "token", "transaction", "tender", "asset", "deficit", "allocation"),
    *("old battery", "full battery", "battery in", "battery out", "ways on"),
    *("journal", "outbox", "completion", "cached", "cache", "template", "correlation"),
    *("JSON", "TOML", "CSV", "exception", "invalid", "payload", "traceback", "null", "schema", "parameter", "callback", "configuration"),
    *("broker", "MQTT", "topic", "TLS", "HTTP", "HTTPS", "URL", "UTC", "server", "socket", "database", "SQL", "D-Bus", "rfkill", "BlueZ"),
)
_NOT_SAID = re.compile(rf"\b({'|'.join(re.escape(each) for each in NOT_SAID)})\b(?! range)", re.IGNORECASE)
_CODE = re.compile(r"https?://\S+|www\.|(?<![\w/])~?\.?/\w+|\w\.(?:py|toml|json|db|conf|service)\b|\[\w+\]|\b\w+_\w+\b")
_HOLDS_CODE = re.compile(r"\{(?:file|folder|path|url|host|topic|status|error|strerror|cause)\}")
_PLACEHOLDER = re.compile(r"\{\w+\}")

EXCEPTIONS = {  # a sentence, and why it stands as it is
    "No cached plan has the id {key}": "asked for at the terminal only",
    "No completion has the id {key}": "asked for at the terminal only",
    "No refused completion has the id {key}": "asked for at the terminal only",
    "No template has the id {key}": "asked for at the terminal and at the platform only",
    "The template {template_id} takes no new plans and no changes": "the platform's operator",
    "Choose an active template.": "the platform's operator",
    "Or make a new template beside this one.": "the platform's operator",
    "Its status is {status}.": "the platform's operator: the status of a template",
    "Another window works on the data in {folder}.": "the terminal; the page says `why_on_pages`",
    "Anybody may speak on this broker": "the technician needs the word",
    "Anybody may speak on this broker.": "the technician needs the word",
    "Tell the technician: the broker's access list must allow it.": "the technician needs the word",
    "could be read on its way to the platform: [platform] url must begin with https": "the terminal: a password of a battery",
    "a pattern has at most {limit} counts that are open, such as + or {{4,8}}": "the terminal: settings",
    "the pattern cannot be read: {error}": "the terminal: settings",
}


def _place(location: str, places: object) -> str:
    """The longest of the places that a file belongs to, or ""."""
    assert isinstance(places, tuple | dict)
    return max((each for each in places if location.startswith(each)), key=len, default="")


def is_on_pages(location: str) -> bool:
    """Whether what this file says stands on pages: the nearer of the two lists counts."""
    return len(_place(location, PAGES)) > len(_place(location, ELSEWHERE))


@cache
def catalogue() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every sentence of the code with the files that hold it; of one that is counted both forms."""
    return tuple(
        (sentence, tuple(name for name, _line in message.locations))
        for message in extracted()
        if message.id
        for sentence in ((message.id,) if isinstance(message.id, str) else message.id)
    )


def page_sentences() -> Iterator[str]:
    return (sentence for sentence, files in catalogue() if any(is_on_pages(each) for each in files))


def plain_words(text: str) -> str:
    return _PLACEHOLDER.sub("it", text)


def longest(text: str) -> int:
    """How many words the longest sentence of a text has; a sign between words, such as a dash, is none."""
    sentences = re.split(r"[.?!](?:\s|$)", plain_words(text))
    return max(sum(any(sign.isalnum() for sign in word) for word in each.split()) for each in sentences)


def faults(text: str) -> list[str]:
    """What is wrong with a sentence of a page."""
    plain = plain_words(text)
    long = [f"{longest(text)} words"] if longest(text) > MAX_WORDS else []
    return long + [found[0] for look, said in ((_NOT_SAID, plain), (_CODE, plain), (_HOLDS_CODE, text)) for found in look.finditer(said)]


def test_every_file_with_sentences_says_who_reads_them() -> None:
    unknown = {name for _sentence, files in catalogue() for name in files if not _place(name, PAGES) and not _place(name, ELSEWHERE)}
    assert not unknown


def test_pages_speak_in_short_sentences_and_in_words_of_the_glossary() -> None:
    wrong = {sentence: found for sentence in page_sentences() if sentence not in EXCEPTIONS and (found := faults(sentence))}
    assert not wrong, "\n".join(f"{sentence!r}: {', '.join(found)}" for sentence, found in wrong.items())


def test_each_exception_is_still_said_and_still_one() -> None:
    on_pages = set(page_sentences())
    assert all(sentence in on_pages and faults(sentence) for sentence in EXCEPTIONS)


def test_the_walk_meets_most_of_the_catalogue() -> None:
    """Extraction or the lists above could otherwise hide everything."""
    assert sum(1 for _each in page_sentences()) > 900


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("One two three four five six seven eight nine ten eleven twelve thirteen.", ["13 words"]),
        ("One two three four five six seven. Eight nine ten eleven twelve thirteen.", []),
        ("{a} {b} {c} – {kwh} kWh, read again.", []),
        ("The swap is booked.", ["booked"]),
        ("The notebook is Booked", ["Booked"]),
        ("Correct [scanner] adapter.", ["[scanner]"]),
        ("Stored in /etc/kiosk.", ["/etc"]),
        ("See https://example.org", ["https", "https://example.org"]),
        ("Stored in {file}.", ["{file}"]),
        ("{battery_id} holds {kwh} kWh", []),
        ("PAYMENT_USED came", ["PAYMENT_USED"]),
    ],
)
def test_what_a_page_may_not_say_is_found(sentence: str, found: list[str]) -> None:
    assert faults(sentence) == found
