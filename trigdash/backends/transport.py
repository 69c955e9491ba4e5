"""Connections to one server: a pool that loses no connection to abandoned requests, and that is
replaced when it is exhausted. A single exchange is in `exchange.py`; no other module imports httpx.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field

import httpx

from trigdash import __version__
from trigdash.backends.base import CannotReach, Misconfigured
from trigdash.backends.exchange import TIMEOUTS, Answer, Exchange, Outgoing, PoolExhausted
from trigdash.backends.proxy import Proxy, proxy_for
from trigdash.model.feed import MOST_FEEDS

USER_AGENT = f"trigdash/{__version__}"

LIMITS = httpx.Limits(max_connections=10, max_keepalive_connections=5, keepalive_expiry=60.0)

FEED_LIMITS = httpx.Limits(max_connections=MOST_FEEDS, max_keepalive_connections=MOST_FEEDS)

LINGER_S = 1.0
"""Seconds that an abandoned exchange gets to end by itself."""
MOST_LINGERING = 4
"""Abandoned exchanges that may hold a connection at the same time."""
CLOSE_S = 2.0
"""Seconds that closing waits for exchanges to end."""


class Transport:
    """A pool of connections to one server. Raises BackendError only."""

    def __init__(
        self,
        url: str,
        timeouts: httpx.Timeout = TIMEOUTS,
        limits: httpx.Limits = LIMITS,
        linger_s: float = LINGER_S,
    ) -> None:
        """Raises Misconfigured if a setting of this machine is unusable: a proxy, a certificate
        file, the address itself."""
        self._url = url
        self._proxy = proxy_for(url)
        self._timeouts = timeouts
        self._limits = limits
        self._linger_s = linger_s
        self._pool = self._new_pool()
        self._retiring: dict[asyncio.Task[None], _Pool] = {}
        self._lingering: deque[Exchange] = deque()

    async def exchange(self, outgoing: Outgoing) -> Answer:
        """Send a request, and return the answer. A BackendError's `outcome_unknown` says whether
        the request may have arrived, regardless of its effect."""
        pool = self._pool
        try:
            return await self._through(pool, outgoing)
        except PoolExhausted:
            # Nothing was sent, so a new pool can send it, and a broken pool does not block us.
            self._replace(pool)
        try:
            return await self._through(self._pool, outgoing)
        except PoolExhausted:
            raise CannotReach("too many requests at once") from None

    async def aclose(self) -> None:
        """Close all connections; requests in progress end without an answer."""
        self._retire(self._pool)
        for pool in self._retiring.values():
            for exchange in pool.exchanges:
                exchange.leave(0)
        await asyncio.wait(tuple(self._retiring), timeout=CLOSE_S)

    async def _through(self, pool: _Pool, outgoing: Outgoing) -> Answer:
        exchange = Exchange(pool.client, outgoing, self._proxy)
        pool.exchanges.add(exchange)
        exchange.task.add_done_callback(lambda _: pool.exchanges.discard(exchange))
        try:
            return await asyncio.shield(exchange.task)
        except asyncio.CancelledError:
            self._linger(exchange)
            raise

    def _linger(self, exchange: Exchange) -> None:
        """Let an abandoned exchange end within a moment; with too many of them, end the oldest
        now."""
        exchange.leave(self._linger_s)
        self._lingering.append(exchange)
        while self._lingering and self._lingering[0].task.done():
            self._lingering.popleft()
        while len(self._lingering) > MOST_LINGERING:
            self._lingering.popleft().leave(0)

    def _replace(self, pool: _Pool) -> None:
        """Open a new pool, and close the exhausted one as soon as its exchanges have ended."""
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
        """Environment variables are read by `proxy_for` and `_tls_context`, which name unusable
        ones; httpx itself reads none."""
        httpx.URL(self._url)
        # Reading the certificate store takes 18 ms, so plain http gets an empty one, which trusts
        # nobody.
        tls = _tls_context() if _needs_tls(self._url, self._proxy) else _trust_nobody()
        return httpx.AsyncClient(
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            timeout=self._timeouts,
            limits=self._limits,
            follow_redirects=False,
            verify=tls,
            proxy=_httpx_proxy(self._proxy, tls) if self._proxy else None,
            trust_env=False,
        )


def feed_transport(url: str) -> Transport:
    """A separate pool for requests that are held open. An abandoned one gives up its connection at
    once."""
    return Transport(url, limits=FEED_LIMITS, linger_s=0)


@dataclass(eq=False, slots=True)
class _Pool:
    client: httpx.AsyncClient
    exchanges: set[Exchange] = field(default_factory=set)

    async def close_when_idle(self) -> None:
        """Close all connections as soon as no request is in progress."""
        while self.exchanges:
            await asyncio.wait([exchange.task for exchange in self.exchanges])
        await self.client.aclose()


def _needs_tls(url: str, proxy: Proxy | None) -> bool:
    return not url.startswith("http://") or (proxy is not None and proxy.url.startswith("https:"))


def _httpx_proxy(proxy: Proxy, tls: ssl.SSLContext) -> httpx.Proxy:
    is_tls = proxy.url.startswith("https:")
    return httpx.Proxy(proxy.url, ssl_context=tls if is_tls else None)


def _trust_nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _tls_context() -> ssl.SSLContext:
    from trigdash.backends.certificates import check_certificates, trust_extra

    check_certificates()
    try:
        context = httpx.create_ssl_context()
    except OSError as problem:
        words = problem.strerror or type(problem).__name__
        raise Misconfigured(f"no certificates can be read ({words})") from None
    trust_extra(context)
    return context
