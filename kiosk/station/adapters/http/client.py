"""PlatformClient: the kiosk's one HTTP client of the platform. JSON out and in, exact both ways, one deadline around each request.
`HttpPlans` asks it for the station's plans, `HttpTelemetry` reports readings: `POST` and `GET /api/v1/assets/{asset_id}/telemetry`.

What happens on each kind of failure:

- What may pass by itself or be mended by a technician raises LinkDown with the reason: no network, no answer in time, 5xx, 429, 408, 425,
  a token that is missing, unreadable or refused (401, 403), a certificate that is not trusted or cannot be read, an answer that is no
  JSON, too long, or sends elsewhere (redirects are not followed: the token is for this platform alone).
- An address that the platform does not know, or not for this (404, 405), raises NotFound.
- A request that will never be taken as it is (400, 413, 422 and every other 4xx, and what is of another station) raises BadInput with the
  platform's own reason.

The library is imported and the certificates are read at the first request, in a thread: that takes a tenth of a second, and the kiosk's
start has no use for it. Proxies and tokens of the environment are not used.
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput, LinkDown, NotFound
from kiosk.domain.language import mark, tr
from kiosk.domain.plan.service_plan import ToldPlans
from kiosk.shared.certificates import end_of, tls_fault
from kiosk.shared.hosts import is_loopback
from kiosk.shared.secret_files import read_secret
from kiosk.wire.completion_answers import mapping
from kiosk.wire.exact_json import Raw, dumps, loads
from kiosk.wire.plan_documents import QUERY, page_of
from kiosk.wire.telemetry_documents import latest_of

ADDRESS = "/graphql"

PAGE = 50  # what else the kiosk does waits some ten milliseconds while so many are stored


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAddress:
    """Where the platform is: `url` is scheme, host and port; the bearer token is read from `token_file` at each request, so that it may
    change; `tls_ca` is the authority that vouches for an https address, None for the system's; `allow_plain` lets the token pass a network
    unencrypted; `timeout_seconds` bounds a request.
    """

    url: str
    token_file: Path | None = None
    tls_ca: Path | None = None
    allow_plain: bool = False
    timeout_seconds: float = 10.0

    @property
    def is_private(self) -> bool:
        """Whether nobody can read on its way what is sent there: it is encrypted, or passes no network."""
        url = urlsplit(self.url)
        return url.scheme == "https" or is_loopback(url.hostname or "")

    @property
    def shows_token(self) -> bool:
        """Whether a token would pass a network unencrypted."""
        return self.token_file is not None and not self.is_private


class PlatformClient:
    """For one event loop. Connections are kept for the next request. `certificate_ends` is when the platform's certificate ends, once it
    has answered over TLS."""

    def __init__(self, address: PlatformAddress) -> None:
        self.address = address
        self.certificate_ends: datetime | None = None
        self._client: AsyncClient | None = None
        self._making = asyncio.Lock()

    async def get(self, path: str, *, timeout_seconds: float | None = None) -> Any:  # noqa: ANN401  any JSON value
        """The document at `path`, which begins with a slash and is quoted. Raises LinkDown, NotFound, BadInput."""
        return await self._ask("GET", path, None, timeout_seconds)

    async def post(self, path: str, document: object, *, timeout_seconds: float | None = None) -> Any:  # noqa: ANN401  any JSON value
        """The answer to `document`, None where it is empty. Raises LinkDown, NotFound, BadInput."""
        return await self._ask("POST", path, dumps(document), timeout_seconds)

    async def put(self, path: str, document: object) -> Any:  # noqa: ANN401  any JSON value
        """The answer to `document`, put at `path`. Raises LinkDown, NotFound, BadInput."""
        return await self._ask("PUT", path, dumps(document), None)

    async def date(self) -> str:
        """The platform's time, as the Date of an answer says it, whatever else the answer says; "" where it says none. Raises LinkDown."""
        client, seconds = await self._ready(), self.address.timeout_seconds
        from httpx import HTTPError, InvalidURL

        try:
            async with asyncio.timeout(seconds):
                answer = await client.get("/healthz", timeout=seconds)
        except (HTTPError, InvalidURL, OSError) as error:  # a TimeoutError is an OSError
            raise LinkDown(f"{self.address.url}: {_fault(error)}") from error
        return str(answer.headers.get("date", ""))

    async def close(self) -> None:
        """Close every connection; the next request would open new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, method: str, path: str, body: bytes | None, timeout_seconds: float | None) -> Any:  # noqa: ANN401  as above
        seconds = timeout_seconds or self.address.timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                status, answer = await self._send(method, path, body, seconds)
        except TimeoutError as error:
            raise LinkDown(tr("no answer from {address} in {seconds} s", address=self.address.url, seconds=f"{seconds:g}")) from error
        return _answer(path, status, answer)

    async def _send(self, method: str, path: str, body: bytes | None, seconds: float) -> tuple[int, bytes]:
        client = await self._ready()
        from httpx import HTTPError, InvalidURL

        try:
            async with client.stream(method, path, content=body, headers=_JSON | self._proof(), timeout=seconds) as response:
                stream = response.extensions.get("network_stream")
                self.certificate_ends = end_of(stream.get_extra_info("ssl_object")) if stream is not None else None
                return response.status_code, await _read(response)
        except (HTTPError, InvalidURL, OSError) as error:  # an OSError comes through where a proxy or the resolver is odd
            raise LinkDown(f"{self.address.url}: {_fault(error)}") from error

    def _proof(self) -> dict[str, str]:
        file = self.address.token_file
        if file is None:
            return {}
        if self.address.shows_token and not self.address.allow_plain:
            raise LinkDown(tr("{url} is not https: the token is not sent, unless [platform] allow_plain = true", url=self.address.url))
        try:
            token = read_secret(file).strip()
        except BadInput as error:
            raise LinkDown(f"{error.where} {error.reason}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise LinkDown(tr("the token in {file} cannot be read ({why})", file=file, why=error)) from error
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise LinkDown(tr("{file} holds no token", file=file))
        return {"Authorization": f"Bearer {token}"}

    async def _ready(self) -> "AsyncClient":
        async with self._making:
            if self._client is None:
                self._client = await asyncio.to_thread(_make, self.address)
            return self._client


class HttpPlans:
    """Implements the port PlanFeed for one station."""

    def __init__(self, client: PlatformClient, station_id: str, page: int = PAGE) -> None:
        self._client, self._station_id, self._page = client, station_id, page

    async def changes(self, since: str) -> ToldPlans:
        question = {"query": QUERY, "variables": {"station": self._station_id, "since": since or None, "first": self._page}}
        answer = mapping(await self._client.post(ADDRESS, question))
        if errors := answer.get("errors"):
            raise _error(errors)
        return await asyncio.to_thread(page_of, answer.get("data"))


class HttpTelemetry:
    """The `ReadingChannel` of the ports."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def report(self, battery_id: str, documents: Sequence[str]) -> tuple[str, ...]:
        """One reading goes as it is, several as a batch; a platform that says nothing of one has taken it."""
        path = _telemetry_path(battery_id)
        if len(documents) == 1:
            await self._client.post(path, Raw(documents[0]))
            return ("",)
        outcomes = mapping(await self._client.post(path, {"readings": [Raw(each) for each in documents]})).get("outcomes")
        if not isinstance(outcomes, list) or len(outcomes) != len(documents):
            return ("",) * len(documents)
        return tuple(
            str(each.get("reason") or "the platform gives no reason") if each.get("outcome") == "refused" else ""
            for each in map(mapping, outcomes)
        )

    async def latest(self, battery_id: str, timeout_seconds: float) -> KnownReading | None:
        try:
            return latest_of(await self._client.get(f"{_telemetry_path(battery_id)}/latest", timeout_seconds=timeout_seconds))
        except NotFound:
            return None


def _telemetry_path(battery_id: str) -> str:
    return f"/api/v1/assets/{quoted_asset(battery_id)}/telemetry"


def quoted_asset(battery_id: str) -> str:
    """A battery's id as it stands in an address. Raises BadInput."""
    asset_id = normalise_id(battery_id)
    if not asset_id.strip("."):
        raise BadInput("asset_id", tr("cannot stand in an address"))  # dots alone mean something there
    return quote(asset_id, safe="")


def _error(errors: Any) -> BadInput | LinkDown:  # noqa: ANN401  any JSON value
    first = mapping(errors[0]) if isinstance(errors, list) else {}
    facts = mapping(first.get("extensions"))
    message = str(first.get("message") or tr("the platform gives no reason"))
    if facts.get("code") == "BadInput":
        return BadInput(str(facts.get("where")), str(facts.get("reason")))
    if facts.get("code") == "BadQuery":
        return BadInput(ADDRESS, message)
    return LinkDown(message)


if TYPE_CHECKING:
    from httpx import AsyncClient, Response

MAX_ANSWER_BYTES = 8_000_000  # a page of plans with their templates is a tenth of it
_MAX_REASON = 300
NOT_YOURS = "NOT_YOURS"  # the token is this kiosk's, and what was sent is of another station
_LATER = frozenset({401, 403, 408, 425, 429})
_UNKNOWN = frozenset({404, 405})
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def _make(address: PlatformAddress) -> "AsyncClient":
    from httpx import AsyncClient, Limits

    try:
        trust = ssl.create_default_context(cafile=address.tls_ca)
    except OSError as error:  # ssl.SSLError is one
        raise LinkDown(tr("the authority's certificate in {file} cannot be read ({why})", file=address.tls_ca, why=error)) from error
    return AsyncClient(
        base_url=address.url,
        verify=trust,
        timeout=address.timeout_seconds,
        limits=Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=30.0),
        trust_env=False,
    )


def _fault(error: BaseException) -> str:
    """What the library says; of TLS what OpenSSL says, which the library tells as one word among others."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        return tr("TLS failed: {reason}", reason=tls_fault(cause))
    return str(error) or type(error).__name__


async def _read(response: "Response") -> bytes:
    parts, size = [], 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise LinkDown(tr("the answer is longer than {bytes} bytes", bytes=MAX_ANSWER_BYTES))
    return b"".join(parts)


def _answer(path: str, status: int, answer: bytes) -> Any:  # noqa: ANN401  any JSON value
    if 200 <= status < 300:
        try:
            return loads(answer, most_bytes=MAX_ANSWER_BYTES) if answer.strip() else None
        except BadInput as error:  # most often the page of a network that wants somebody to log in
            raise LinkDown(tr("the answer is not the platform's: it {why}", why=error.reason)) from error
    code, reason = _error_of(answer)
    if code == NOT_YOURS:
        raise BadInput(path, reason)
    if status in _LATER or not 400 <= status < 500:
        # the platform's own reason is English
        raise LinkDown(tr(_WORDS.get(status, _OTHER), status=f"{status}, {reason}" if reason else status))
    if status in _UNKNOWN:
        raise NotFound("document of the platform", path)
    raise BadInput(path, reason or tr("the platform refuses it ({status})", status=status))


_WORDS = {
    401: mark("the platform does not take this kiosk's token ({status})"),
    403: mark("the platform does not let this kiosk in ({status})"),
    429: mark("the platform is too busy ({status})"),
    503: mark("the platform is not ready ({status})"),
}

_OTHER = mark("the platform answers ({status})")


def _error_of(answer: bytes) -> tuple[str, str]:
    """Code and sentence of `{"error": {"code", "message"}}`, "" where there is none."""
    try:
        error = mapping(mapping(loads(answer) if answer else None).get("error"))
    except BadInput:
        return "", ""
    code, message = error.get("code"), error.get("message")
    return str(code or ""), message[:_MAX_REASON].rstrip(".") if isinstance(message, str) else ""
