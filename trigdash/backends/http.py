"""The one request loop: authenticate, wait at the rate gate, send, retry, map errors, redact.

Nothing else imports httpx. Redirects are never followed, so credentials go nowhere but to the
configured server, and a write is sent exactly as often as its effect allows:

- READ: retried on 408, 429, 5xx and when no answer came, at most 3 times;
- REPEATABLE: a write that may safely arrive twice; retried like a read;
- ONCE: never retried. When its answer was lost the error says `outcome_unknown`.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import httpx

from trigdash import __version__
from trigdash.backends.address import is_loopback, why_refused
from trigdash.backends.base import (
    BackendError,
    CannotReach,
    RateLimited,
    Unreadable,
    Unsupported,
    polling,
)
from trigdash.backends.operation import Effect
from trigdash.backends.rate import Governor, Urgency
from trigdash.backends.refusal import refusal, reset_time, whole_number
from trigdash.clock import Clock
from trigdash.secret import Secret

USER_AGENT = f"trigdash/{__version__}"

TIMEOUTS = httpx.Timeout(connect=5.0, read=30.0, write=15.0, pool=10.0)
"""A trace of 5,000 spans takes seconds to begin; a connection does not."""
LIMITS = httpx.Limits(max_connections=10, max_keepalive_connections=5, keepalive_expiry=60.0)

MAX_RETRIES = 3
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0
RETRY_FOR_S = 15.0
"""No retry once the tries themselves took this long: a hanging server is reported, not hidden."""
LONGEST_LIMIT_WAIT_S = 30.0
"""A rate limit that resets later than this is reported instead of waited for."""

MAX_BODY_BYTES = 64 * 1024 * 1024
"""The largest recorded body has 3.3 MB; beyond this a server is broken or hostile."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""What happens before a request leaves this machine."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """One call of an API."""

    method: str
    path: str
    """Below the server's address, percent-encoded, beginning with a slash."""
    params: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    """JSON."""
    effect: Effect = Effect.READ
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """A credential, how it is sent, and the bucket that its requests are drawn from."""

    secret: Secret
    governor: Governor
    header: str = "Authorization"
    scheme: str = "Bearer "
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request, such as the version of the API that is spoken."""


class HttpClient:
    """Sends requests to one server. Raises BackendError only."""

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        *,
        allow_http: bool = False,
        random: Random | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        reason = why_refused(self._base_url, allow_http=allow_http)
        if reason:
            raise CannotReach(reason)
        self._clock = clock
        self._random = random or Random()
        self._client = _client(self._base_url)
        self._downloads: httpx.AsyncClient | None = None

    async def send(self, request: Request, access: Access) -> bytes:
        """The body of a 2xx answer, retried as the request's effect allows."""
        tried_s = 0.0
        retries = 0
        while True:
            await access.governor.admit(_urgency(request))
            began_s = self._clock.monotonic()
            try:
                return await self._attempt(request, access)
            except BackendError as error:
                tried_s += self._clock.monotonic() - began_s
                spent = retries >= MAX_RETRIES or tried_s > RETRY_FOR_S
                if spent or request.effect is Effect.ONCE or not error.may_pass:
                    raise
                pause_s = self._pause_s(error, retries)
                if pause_s is None:
                    raise
            retries += 1
            await self._clock.wait(pause_s)

    async def download(self, url: str, limit_bytes: int) -> bytes:
        """A presigned document: https (or loopback) only, without credentials, capped in size."""
        reason = why_refused(url)
        if reason:
            raise CannotReach(f"the document's address is refused: {reason}")
        if self._downloads is None:
            self._downloads = _client(url)
        try:
            async with self._downloads.stream("GET", url) as answer:
                body = await _read(answer, limit_bytes)
        except httpx.HTTPError as error:
            raise _cannot_reach(error, Effect.READ) from None
        except httpx.InvalidURL:
            raise CannotReach("the document's address is not one") from None
        if not answer.is_success:
            # The body may quote the signed address.
            raise refusal(answer.status_code, {}, b"", once=False, now=self._clock.now())
        return body

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        if self._downloads is not None:
            await self._downloads.aclose()

    async def _attempt(self, request: Request, access: Access) -> bytes:
        headers = _headers(request, access)
        # Joined by hand: the client's own joining would normalise percent-encoded paths.
        url = httpx.URL(self._base_url + request.path, params=request.params or None)
        try:
            async with self._client.stream(
                request.method, url, headers=headers, content=request.body
            ) as answer:
                body = await _read(answer, MAX_BODY_BYTES)
        except httpx.HTTPError as error:
            raise _cannot_reach(error, request.effect) from None
        except Unreadable as error:
            error.outcome_unknown = request.effect is Effect.ONCE
            raise
        self._note_rate(answer, access.governor)
        if answer.is_success:
            return body
        once = request.effect is Effect.ONCE
        now = self._clock.now()
        secrets = (access.secret,)
        raise refusal(answer.status_code, answer.headers, body, once=once, now=now, secrets=secrets)

    def _note_rate(self, answer: httpx.Response, governor: Governor) -> None:
        headers = answer.headers
        limit = whole_number(headers.get("x-ratelimit-limit"))
        remaining = whole_number(headers.get("x-ratelimit-remaining"))
        governor.note(limit, remaining, reset_time(headers, None, self._clock.now()))

    def _pause_s(self, error: BackendError, retries: int) -> float | None:
        """Seconds until the next try: full jitter over a doubling pause, or until the rate limit
        resets; None when that is too far away."""
        jittered_s = self._random.uniform(0, min(FIRST_PAUSE_S * 2**retries, LONGEST_PAUSE_S))
        if not isinstance(error, RateLimited) or error.resets_at is None:
            return jittered_s
        reset_s = (error.resets_at - self._clock.now()).total_seconds()
        if reset_s > LONGEST_LIMIT_WAIT_S:
            return None
        return max(0.0, reset_s) + jittered_s


def _client(url: str) -> httpx.AsyncClient:
    """A client for a server. Reading the certificate store takes 18 ms: for plain http it gets an
    empty one, which would trust nobody. `SSL_CERT_FILE` counts everywhere; proxies of the
    environment are not for this machine."""
    plain = url.startswith("http://")
    return httpx.AsyncClient(
        headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
        timeout=TIMEOUTS,
        limits=LIMITS,
        follow_redirects=False,
        verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else httpx.create_ssl_context(),
        trust_env=not is_loopback(url),
    )


def _urgency(request: Request) -> Urgency:
    if request.effect is not Effect.READ:
        return Urgency.WRITE
    return Urgency.POLL if polling.get() else Urgency.READ


def _headers(request: Request, access: Access) -> dict[str, str]:
    """Raises Unsupported for what no header can carry: the `…` of an example in a key, a line end
    within it, a branch with an umlaut."""
    headers = dict(access.headers) | dict(request.headers)
    headers[access.header] = access.scheme + access.secret.reveal()
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise Unsupported(f"{name} is no name of a header")
        if not (value.isascii() and value.isprintable()):
            what = "the key" if name == access.header else name
            raise Unsupported(f"{what} holds a character that cannot be sent")
    return headers


async def _read(answer: httpx.Response, limit_bytes: int) -> bytes:
    """The body, refused as soon as it is known to be too long."""
    announced = whole_number(answer.headers.get("content-length"))
    if announced is not None and announced > limit_bytes:
        raise _too_long(limit_bytes, answer.status_code)
    parts = []
    length = 0
    async for part in answer.aiter_bytes():
        length += len(part)
        if length > limit_bytes:
            raise _too_long(limit_bytes, answer.status_code)
        parts.append(part)
    return b"".join(parts)


def _too_long(limit_bytes: int, status: int) -> Unreadable:
    return Unreadable(f"longer than {limit_bytes / 1_000_000:g} MB", status=status)


def _cannot_reach(error: httpx.HTTPError, effect: Effect) -> BackendError:
    unknown = effect is Effect.ONCE and not isinstance(error, _NOT_SENT)
    if isinstance(error, httpx.DecodingError):
        return Unreadable("broken compression", outcome_unknown=unknown)
    return CannotReach(_why(error), outcome_unknown=unknown)


def _why(error: httpx.HTTPError) -> str:
    """Trouble of the network in a few words, never with an address that may be signed."""
    text = str(error).lower()
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection within {TIMEOUTS.connect:g} s"
    if isinstance(error, httpx.PoolTimeout):
        return "too many requests at once"
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {TIMEOUTS.read:g} s"
    if isinstance(error, httpx.ProxyError):
        return "the proxy refuses"
    if "certificate" in text:
        return "its certificate is not trusted"
    if "name or service" in text or "nodename" in text or "name resolution" in text:
        return "unknown host"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    return "the connection broke"
