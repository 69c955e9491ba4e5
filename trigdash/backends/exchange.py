"""One HTTP exchange, in its own task, bounded in time and size.

The task is never canceled from outside: a cancellation that reaches httpx while it connects or
closes leaks a connection of its pool. When nobody waits for an exchange any more:

- one that is not sent yet ends where it would be sent, by an exception that httpx clears up after;
- one that is sent may end within a moment, which keeps its connection in use. After that its own
  cancel scope ends it: httpx shields its closing from that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass
from typing import Any, NoReturn

import anyio
import httpx

from trigdash.backends.base import BackendError, CannotReach, Unreadable
from trigdash.backends.error_response import whole_number
from trigdash.backends.proxy import Proxy
from trigdash.model.clean import clean

TIMEOUTS = httpx.Timeout(connect=5.0, read=30.0, write=15.0, pool=10.0)
"""The answer for a trace of 5,000 spans takes seconds to start; a connection does not."""

_NO_HANDSHAKE = f"no TLS handshake within {TIMEOUTS.connect:g} s; is its address http://?"

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Failures before a request leaves this machine."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request as it is sent, and the bounds of its answer."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    limit_bytes: int
    """Size of the longest body that is read."""
    within_s: float
    """Seconds for the whole answer, even if it trickles in."""
    unsent: Callable[[], None] = lambda: None
    """Called if it was abandoned before it was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a server, with any status."""

    status: int
    headers: Mapping[str, str]
    """Headers by names in any case."""
    body: bytes


class PoolExhausted(Exception):
    """No connection became free in time; the request was not sent."""


class _Unwanted(Exception):
    """Nobody waits any more for the request that is about to be sent."""


class Exchange:
    """One request in progress."""

    def __init__(self, client: httpx.AsyncClient, outgoing: Outgoing, proxy: Proxy | None) -> None:
        self._scope = anyio.CancelScope()
        self._is_sent = False
        self._is_handshaking = False
        self._is_unwanted = False
        self._client = client
        self._outgoing = outgoing
        self._proxy = proxy
        # A connection outlives who asked through it first: it holds nothing of the asker's context.
        self.task = asyncio.create_task(
            self._run(), name=f"exchange {outgoing.method}", context=Context()
        )
        self.task.add_done_callback(_retrieve)

    def leave(self, linger_s: float) -> None:
        """Abandon the request: end within the given seconds, and send nothing any more."""
        self._is_unwanted = True
        if self._is_sent:
            self._end_within(linger_s)

    def _end_within(self, seconds: float) -> None:
        self._scope.deadline = min(self._scope.deadline, anyio.current_time() + seconds)

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpx with each step: `connection.connect_tcp.started`, `http11.…`. An
        exception from here is safe before connecting and before sending."""
        if event.endswith(".start_tls.started"):
            self._is_handshaking = True
        is_sending = event.endswith(".send_request_headers.started")
        if self._is_unwanted and (is_sending or event.endswith(".connect_tcp.started")):
            raise _Unwanted
        # A tunnel through a proxy is requested first, separately.
        if is_sending and info["request"].method != b"CONNECT":
            self._is_sent = True
            self._end_within(self._outgoing.within_s)

    async def _run(self) -> Answer:
        outgoing = self._outgoing
        with self._scope:
            try:
                return await self._answer()
            except httpx.PoolTimeout:
                raise PoolExhausted from None
            except _Unwanted:
                outgoing.unsent()
                raise
            except httpx.ConnectTimeout as error:
                if self._is_handshaking:
                    raise CannotReach(_NO_HANDSHAKE) from None
                raise _failure(error, self._proxy) from None
            except httpx.HTTPError as error:
                raise _failure(error, self._proxy) from None
            except (httpx.InvalidURL, UnicodeError):
                raise CannotReach("it is not an address") from None
        raise CannotReach(
            f"the answer did not end within {outgoing.within_s:g} s", outcome_unknown=True
        )

    async def _answer(self) -> Answer:
        outgoing = self._outgoing
        request = self._client.build_request(
            outgoing.method,
            outgoing.url,
            headers=outgoing.headers,
            content=outgoing.content,
            extensions={"trace": self._trace},
        )
        answer = await self._client.send(request, stream=True)
        try:
            body = await _read(answer, outgoing.limit_bytes)
        finally:
            await answer.aclose()
        return Answer(answer.status_code, answer.headers, body)


def _retrieve(task: asyncio.Task[Answer]) -> None:
    """Retrieve the error of an abandoned exchange, so that asyncio does not log it."""
    if not task.cancelled():
        task.exception()


async def _read(answer: httpx.Response, limit_bytes: int) -> bytes:
    """Read the body; fails as soon as it is known to be too long."""
    announced = whole_number(answer.headers.get("content-length"))
    if announced is not None and announced > limit_bytes:
        _refuse_length(limit_bytes, answer.status_code)
    parts = []
    length = 0
    async for part in answer.aiter_bytes():
        length += len(part)
        if length > limit_bytes:
            _refuse_length(limit_bytes, answer.status_code)
        parts.append(part)
    return b"".join(parts)


def _refuse_length(limit_bytes: int, status: int) -> NoReturn:
    words = f"longer than {limit_bytes / 1_000_000:g} MB"
    raise Unreadable(words, status=status, outcome_unknown=True)


# Errors in words


def _failure(error: httpx.HTTPError, proxy: Proxy | None) -> BackendError:
    unknown = not isinstance(error, _NOT_SENT)
    if isinstance(error, httpx.DecodingError):
        return Unreadable("broken compression", outcome_unknown=unknown)
    return CannotReach(_why(error, proxy), outcome_unknown=unknown)


def _why(error: httpx.HTTPError, proxy: Proxy | None) -> str:
    """A network error in a few words, never with an address, which may be signed."""
    to_proxy = f" to the proxy {proxy.shown}" if proxy else ""
    if isinstance(error, httpx.ProxyError):
        return f"the proxy{f' {proxy.shown}' if proxy else ''} refuses: {clean(str(error))[:80]}"
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection{to_proxy} within {TIMEOUTS.connect:g} s"
    if isinstance(error, httpx.WriteTimeout):
        return f"the request could not be sent within {TIMEOUTS.write:g} s"
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {TIMEOUTS.read:g} s"
    from trigdash.backends.trouble import system_reason, tls_reason

    if reason := tls_reason(error):
        return reason
    reason = system_reason(error)
    if not isinstance(error, httpx.ConnectError):
        return "the connection broke"
    return f"no connection{to_proxy}{f': {reason}' if reason else ''}"
