"""Connections to one server: a request out, an answer back, bounded in time and in size.

Nothing else imports httpx. Each exchange runs in a task of its own, which is never canceled from
outside: a cancellation that reaches httpx while it connects or closes costs a connection of its
pool for good. When nobody waits for an exchange any more:

- one that is not sent yet ends where it would be sent, by an exception that httpx clears up after;
- one that is sent may end within a moment, which keeps its connection in use. After that its own
  cancel scope ends it: httpx shields its closing from that.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import anyio
import httpx

from trigdash import __version__
from trigdash.backends.base import BackendError, CannotReach, Misconfigured, Unreadable
from trigdash.backends.certificates import check_certificates, trust_extra
from trigdash.backends.proxy import Proxy, proxy_for
from trigdash.backends.refusal import whole_number
from trigdash.backends.trouble import system_reason, tls_reason
from trigdash.model.clean import clean

USER_AGENT = f"trigdash/{__version__}"

TIMEOUTS = httpx.Timeout(connect=5.0, read=30.0, write=15.0, pool=10.0)
"""A trace of 5,000 spans takes seconds to begin; a connection does not."""
LIMITS = httpx.Limits(max_connections=10, max_keepalive_connections=5, keepalive_expiry=60.0)

LINGER_S = 1.0
"""Seconds that an exchange has to end by itself once nobody waits for it."""
MOST_LINGERING = 4
"""Exchanges that nobody waits for and that may hold a connection at the same time."""
CLOSE_S = 2.0
"""Seconds that closing waits for exchanges to notice it."""

_NO_HANDSHAKE = f"no TLS handshake within {TIMEOUTS.connect:g} s; is its address http://?"

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""What happens before a request leaves this machine."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request as it goes over the wire, and the bounds of its answer."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    limit_bytes: int
    """Size of the longest body that is read."""
    within_s: float
    """Seconds for the whole answer, however it trickles in."""
    unsent: Callable[[], None] = lambda: None
    """Called when nobody waited for it any more before it was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes


class Transport:
    """A pool of connections to one server. Raises BackendError only."""

    def __init__(self, url: str, timeouts: httpx.Timeout = TIMEOUTS) -> None:
        """Raises Misconfigured when a setting of this machine cannot be used: a proxy, a
        certificate file, the address itself."""
        self._url = url
        self._proxy = proxy_for(url)
        self._timeouts = timeouts
        self._pool = self._new_pool()
        self._retiring: dict[asyncio.Task[None], _Pool] = {}
        self._lingering: deque[_Exchange] = deque()

    async def exchange(self, outgoing: Outgoing) -> Answer:
        """The answer. A BackendError's `outcome_unknown` says whether the request may have
        arrived, whatever its effect."""
        pool = self._pool
        try:
            return await self._through(pool, outgoing)
        except _PoolExhausted:
            # Nothing was sent: another pool is as good, and a broken one does not cut us off.
            self._replace(pool)
        try:
            return await self._through(self._pool, outgoing)
        except _PoolExhausted:
            raise CannotReach("too many requests at once") from None

    async def aclose(self) -> None:
        """Close all connections; what is under way ends without an answer."""
        self._retire(self._pool)
        for pool in self._retiring.values():
            for exchange in pool.exchanges:
                exchange.leave(0)
        await asyncio.wait(tuple(self._retiring), timeout=CLOSE_S)

    async def _through(self, pool: _Pool, outgoing: Outgoing) -> Answer:
        exchange = _Exchange(pool.client, outgoing, self._proxy)
        pool.exchanges.add(exchange)
        exchange.task.add_done_callback(lambda _: pool.exchanges.discard(exchange))
        try:
            return await asyncio.shield(exchange.task)
        except asyncio.CancelledError:
            self._linger(exchange)
            raise

    def _linger(self, exchange: _Exchange) -> None:
        """Nobody waits for an exchange any more: give it a moment, and the oldest ones none."""
        exchange.leave(LINGER_S)
        self._lingering.append(exchange)
        while self._lingering and self._lingering[0].task.done():
            self._lingering.popleft()
        while len(self._lingering) > MOST_LINGERING:
            self._lingering.popleft().leave(0)

    def _replace(self, pool: _Pool) -> None:
        """Open a new pool, and close an exhausted one as soon as what it still does has ended."""
        if pool is self._pool:
            self._pool = self._new_pool()
            self._retire(pool)

    def _retire(self, pool: _Pool) -> None:
        task = asyncio.create_task(pool.close_when_idle(), name="close connections")
        self._retiring[task] = pool
        task.add_done_callback(self._retiring.pop)

    def _new_pool(self) -> _Pool:
        try:
            client = self._new_client()
        except (httpx.InvalidURL, ValueError, ImportError):
            what = f"{self._proxy.variable} ({self._proxy.shown})" if self._proxy else "the address"
            raise Misconfigured(f"{what} cannot be used") from None
        return _Pool(client)

    def _new_client(self) -> httpx.AsyncClient:
        """The environment is read by `proxy_for` and `_tls_context`, which name what cannot be
        used; httpx itself reads nothing of it."""
        httpx.URL(self._url)
        # Reading the certificate store takes 18 ms: plain http gets an empty one, which would
        # trust nobody.
        tls = _tls_context() if _needs_tls(self._url, self._proxy) else _trust_nobody()
        return httpx.AsyncClient(
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            timeout=self._timeouts,
            limits=LIMITS,
            follow_redirects=False,
            verify=tls,
            proxy=_httpx_proxy(self._proxy, tls) if self._proxy else None,
            trust_env=False,
        )


class _PoolExhausted(Exception):
    """No connection became free in time; the request was not sent."""


class _Unwanted(Exception):
    """Nobody waits for the request that is about to be sent."""


@dataclass(eq=False, slots=True)
class _Pool:
    client: httpx.AsyncClient
    exchanges: set[_Exchange] = field(default_factory=set)

    async def close_when_idle(self) -> None:
        """Close all connections as soon as nothing is under way."""
        while self.exchanges:
            await asyncio.wait([exchange.task for exchange in self.exchanges])
        await self.client.aclose()


class _Exchange:
    """One request under way."""

    def __init__(self, client: httpx.AsyncClient, outgoing: Outgoing, proxy: Proxy | None) -> None:
        self._scope = anyio.CancelScope()
        self._is_sent = False
        self._is_handshaking = False
        self._is_unwanted = False
        self._client = client
        self._outgoing = outgoing
        self._proxy = proxy
        self.task = asyncio.create_task(self._run(), name=f"exchange {outgoing.method}")
        self.task.add_done_callback(_retrieve)

    def leave(self, linger_s: float) -> None:
        """Nobody waits for the answer: end within so many seconds, and send nothing any more."""
        self._is_unwanted = True
        if self._is_sent:
            self._end_within(linger_s)

    def _end_within(self, seconds: float) -> None:
        self._scope.deadline = min(self._scope.deadline, anyio.current_time() + seconds)

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpx tells of each step: `connection.connect_tcp.started`, `http11.…`. An exception
        from here is safe before connecting and before sending."""
        if event.endswith(".start_tls.started"):
            self._is_handshaking = True
        is_sending = event.endswith(".send_request_headers.started")
        if self._is_unwanted and (is_sending or event.endswith(".connect_tcp.started")):
            raise _Unwanted
        # A tunnel through a proxy is asked for first, in a request of its own.
        if is_sending and info["request"].method != b"CONNECT":
            self._is_sent = True
            self._end_within(self._outgoing.within_s)

    async def _run(self) -> Answer:
        outgoing = self._outgoing
        with self._scope:
            try:
                return await self._answer()
            except httpx.PoolTimeout:
                raise _PoolExhausted from None
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
    """Nobody may wait for it any more: its error is then of no interest."""
    if not task.cancelled():
        task.exception()


async def _read(answer: httpx.Response, limit_bytes: int) -> bytes:
    """The body, refused as soon as it is known to be too long."""
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


def _needs_tls(url: str, proxy: Proxy | None) -> bool:
    return not url.startswith("http://") or (proxy is not None and proxy.url.startswith("https:"))


def _httpx_proxy(proxy: Proxy, tls: ssl.SSLContext) -> httpx.Proxy:
    is_tls = proxy.url.startswith("https:")
    return httpx.Proxy(proxy.url, ssl_context=tls if is_tls else None)


def _trust_nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _tls_context() -> ssl.SSLContext:
    check_certificates()
    try:
        context = httpx.create_ssl_context()
    except OSError as problem:
        words = problem.strerror or type(problem).__name__
        raise Misconfigured(f"no certificates can be read ({words})") from None
    trust_extra(context)
    return context


# What went wrong, in words


def _failure(error: httpx.HTTPError, proxy: Proxy | None) -> BackendError:
    unknown = not isinstance(error, _NOT_SENT)
    if isinstance(error, httpx.DecodingError):
        return Unreadable("broken compression", outcome_unknown=unknown)
    return CannotReach(_why(error, proxy), outcome_unknown=unknown)


def _why(error: httpx.HTTPError, proxy: Proxy | None) -> str:
    """Trouble of the network in a few words, never with an address that may be signed."""
    to_proxy = f" to the proxy {proxy.shown}" if proxy else ""
    if isinstance(error, httpx.ProxyError):
        return f"the proxy{f' {proxy.shown}' if proxy else ''} refuses: {clean(str(error))[:80]}"
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection{to_proxy} within {TIMEOUTS.connect:g} s"
    if isinstance(error, httpx.WriteTimeout):
        return f"the request could not be sent within {TIMEOUTS.write:g} s"
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {TIMEOUTS.read:g} s"
    if reason := tls_reason(error):
        return reason
    reason = system_reason(error)
    if not isinstance(error, httpx.ConnectError):
        return "the connection broke"
    return f"no connection{to_proxy}{f': {reason}' if reason else ''}"
