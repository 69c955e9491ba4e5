"""The single request loop: authenticate, wait at the rate gate, send, retry, map errors, redact.

Redirects are never followed, so credentials go only to the configured server, and a write is sent
no more often than its effect allows:

- READ: retried on 408, 429, 5xx and without an answer, at most 3 times;
- REPEATABLE: a write that may safely arrive twice; retried like a read;
- ONCE: never retried.

When the answer to a write is lost, the error says `outcome_unknown`: the write may have happened.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode

from trigdash.backends.base import (
    BackendError,
    BadKey,
    CannotReach,
    Misconfigured,
    RateLimited,
    TooManyAtOnce,
    Unsupported,
    polling,
    retried_by_caller,
)
from trigdash.backends.error_response import (
    clock_ahead_s,
    error_from_response,
    link_refusal,
    reset_time,
    whole_number,
)
from trigdash.backends.exchange import Answer, Outgoing
from trigdash.backends.operation import Effect
from trigdash.backends.rate import Governor, Urgency
from trigdash.backends.target import Secret, why_refused
from trigdash.backends.transport import Transport, feed_transport
from trigdash.backends.waits import told_wait
from trigdash.clock import Clock

MAX_RETRIES = 3
MAX_RETRIES_BY_CALLER = 1
"""Retries when the caller repeats a read itself: one is enough for a broken connection."""
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0
RETRY_FOR_S = 15.0
"""No retry after the tries took this many seconds in total: a hanging server is reported, not
hidden."""
LONGEST_WAIT_S = 30.0
"""If a server requests a longer wait in seconds, that is reported instead of waiting."""
LONGEST_WAIT_BY_CALLER_S = 1.0
"""The same when the caller repeats the read; the screen then says until when."""

MAX_BODY_BYTES = 64 * 1024 * 1024
"""The largest recorded body has 3.3 MB; a larger one comes from a broken or hostile server."""
ANSWER_S = 60.0
"""Seconds for a whole answer, so that a body that trickles in fails, too."""
DOCUMENT_S = 180.0
"""The same for a document of up to 20 MB."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """One request to an API."""

    method: str
    path: str
    """The path below the server's address, percent-encoded, with a leading slash."""
    params: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    """JSON."""
    effect: Effect = Effect.READ
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """A credential, how it is sent, and the rate bucket of its requests."""

    secret: Secret
    governor: Governor
    header: str = "Authorization"
    scheme: str = "Bearer "
    renew: Callable[[Access], Awaitable[Access | None]] | None = None
    """Finds a replacement for a refused credential; returns None without one."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of every request, such as the API version."""
    lacks: str = ""
    """What is missing for the credential to work, in words."""


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
        """Raises Misconfigured if the address, a proxy or a certificate file is unusable."""
        self._base_url = base_url.strip().rstrip("/")
        reason = why_refused(self._base_url, allow_http=allow_http)
        if reason:
            raise Misconfigured(reason)
        self._allow_http = allow_http
        self._clock = clock
        self._random = random or Random()
        self._transport = Transport(self._base_url)
        self._feeds: Transport | None = None
        self.clock_ahead_s = 0.0
        """The least number of seconds by which this machine's clock is ahead of the server's; see
        Backend."""
        self._secrets: set[Secret] = set()
        """All secrets that were ever sent, since any answer may contain one, and none may be
        shown."""

    async def send(self, request: Request, access: Access) -> bytes:
        """The body of a 2xx answer, retried as the request's effect allows. A refused credential is
        renewed once if possible, since a refused request did nothing."""
        try:
            return await self._send(request, access)
        except BadKey:
            renewed = await _renewed(access)
            if renewed is None:
                raise
        return await self._send(request, renewed)

    async def _send(self, request: Request, access: Access) -> bytes:
        may_have_happened = False
        tried_s = 0.0
        retries = 0
        while True:
            await access.governor.admit(_urgency(request))
            began_s = self._clock.monotonic()
            try:
                return await self._attempt(request, access)
            except BackendError as error:
                # An earlier try may have arrived, regardless of this one.
                may_have_happened = may_have_happened or error.outcome_unknown
                error.outcome_unknown = may_have_happened
                tried_s += self._clock.monotonic() - began_s
                pause_s = self._pause_s(error, retries)
                is_once = request.effect is Effect.ONCE
                if pause_s is None or is_once or tried_s > RETRY_FOR_S:
                    raise
                why = error.message()
            retries += 1
            with told_wait(pause_s, why):
                await self._clock.wait(pause_s)

    async def listen(self, request: Request, access: Access) -> tuple[Mapping[str, str], bytes]:
        """Headers and body of a 2xx answer to a request that the server may hold open. It is not
        retried, and does not count or update the rate limit."""
        if self._feeds is None:
            self._feeds = feed_transport(self._base_url)
        answer = await self._feeds.exchange(self._outgoing(request, access))
        if 200 <= answer.status < 300:
            return answer.headers, answer.body
        raise self._refusal(answer, access, is_write=False)

    async def download(self, url: str, limit_bytes: int) -> bytes:
        """A presigned document: https (or loopback) only unless plain http is allowed, without
        credentials, capped in size."""
        reason = why_refused(url, allow_http=self._allow_http, is_document=True)
        if reason:
            raise Unsupported(f"the document is not fetched: {reason}")
        outgoing = Outgoing("GET", url, {}, None, limit_bytes, DOCUMENT_S)
        transport = Transport(url)
        try:
            answer = await transport.exchange(outgoing)
        except CannotReach as error:
            error.what = "the object store"
            raise
        finally:
            await transport.aclose()
        if not 200 <= answer.status < 300:
            # The body may quote the signed address.
            raise link_refusal(answer.status)
        return answer.body

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()
        if self._feeds is not None:
            await self._feeds.aclose()

    def _outgoing(
        self, request: Request, access: Access, unsent: Callable[[], None] = lambda: None
    ) -> Outgoing:
        self._secrets.add(access.secret)
        # Joined manually, since a library would normalize percent-encoded paths.
        query = f"?{urlencode(request.params, errors='replace')}" if request.params else ""
        return Outgoing(
            request.method,
            self._base_url + request.path + query,
            _headers(request, access),
            request.body,
            MAX_BODY_BYTES,
            ANSWER_S,
            unsent,
        )

    def _refusal(self, answer: Answer, access: Access, *, is_write: bool) -> BackendError:
        refused = error_from_response(
            answer.status,
            answer.headers,
            answer.body,
            is_write=is_write,
            now=self._clock.now(),
            secrets=self._secrets,
        )
        if isinstance(refused, BadKey) and access.lacks:
            refused.text = access.lacks
        return refused

    async def _attempt(self, request: Request, access: Access) -> bytes:
        outgoing = self._outgoing(request, access, access.governor.take_back)
        is_write = request.effect is not Effect.READ
        sent_at = self._clock.now()
        try:
            answer = await self._transport.exchange(outgoing)
        except BackendError as error:
            error.outcome_unknown = error.outcome_unknown and is_write
            raise
        self.clock_ahead_s = clock_ahead_s(answer.headers, sent_at, self._clock.now())
        self._observe_rate(answer, access.governor)
        if 200 <= answer.status < 300:
            access.governor.open()
            return answer.body
        refused = self._refusal(answer, access, is_write=is_write)
        if refused.retry_at is not None and not isinstance(refused, TooManyAtOnce):
            access.governor.close_until(refused.retry_at, refused.message())
        raise refused

    def _observe_rate(self, answer: Answer, governor: Governor) -> None:
        headers = answer.headers
        limit = whole_number(headers.get("x-ratelimit-limit"))
        remaining = whole_number(headers.get("x-ratelimit-remaining"))
        governor.observe(limit, remaining, reset_time(headers, None, self._clock.now()))

    def _pause_s(self, error: BackendError, retries: int) -> float | None:
        """Seconds until the next try: full jitter over a doubling pause, or until the time that the
        server names; None for no next try."""
        by_caller = retried_by_caller.get()
        if not error.may_pass or retries >= (MAX_RETRIES_BY_CALLER if by_caller else MAX_RETRIES):
            return None
        jittered_s = self._random.uniform(0, min(FIRST_PAUSE_S * 2**retries, LONGEST_PAUSE_S))
        if error.retry_at is None:
            # A server that limits requests without saying until when is not asked again at once.
            return None if isinstance(error, RateLimited) else jittered_s
        wait_s = max(0.0, (error.retry_at - self._clock.now()).total_seconds())
        longest_s = LONGEST_WAIT_BY_CALLER_S if by_caller else LONGEST_WAIT_S
        return wait_s + jittered_s if wait_s <= longest_s else None


async def _renewed(access: Access) -> Access | None:
    """A replacement for a refused access; None if there is none."""
    if access.renew is None:
        return None
    try:
        return await access.renew(access)
    except BackendError:
        return None


def _urgency(request: Request) -> Urgency:
    if request.effect is not Effect.READ:
        return Urgency.WRITE
    return Urgency.POLL if polling.get() else Urgency.READ


def _headers(request: Request, access: Access) -> dict[str, str]:
    """Raises Unsupported for values that a header cannot carry: a key with the `…` of an example or
    a line end, or a branch with an umlaut."""
    headers = dict(access.headers) | dict(request.headers)
    headers[access.header] = access.scheme + access.secret.reveal()
    if request.body is not None:
        headers.setdefault("Content-Type", "application/json")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise Unsupported(f"{name} is no name of a header")
        if not (value.isascii() and value.isprintable()):
            what = "the key" if name == access.header else name
            raise Unsupported(f"{what} holds a character that cannot be sent")
    return headers
