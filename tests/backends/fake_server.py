"""A server that says what a test told it to, and remembers what it was asked.

It speaks just enough HTTP/1.1 by itself, so that it can also break it.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.recorded import Recorded

_NOT_REPEATED = {"content-length", "content-encoding", "transfer-encoding", "connection"}


@dataclass(frozen=True)
class Reply:
    """One answer of the fake server."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    """Take the request and close the connection without a word."""
    claims_bytes: int | None = None
    """A Content-Length that may not be true."""
    stalls: bool = False
    """Send all but the last byte of the body, and then nothing until the client goes."""
    hangs: bool = False
    """Take the request and say nothing until the client goes."""

    @classmethod
    def of(cls, answer: Recorded | object, status: int = 200, **headers: str) -> Reply:
        """A recorded answer, or any JSON."""
        if isinstance(answer, Recorded):
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in _NOT_REPEATED}
            return cls(answer.status, answer.body, kept)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(answer).encode(), named)


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    raw_path: str
    """As on the wire, without the query."""
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class FakeServer:
    """`answer()` what to say, then look at `seen`. The last answer of a route repeats."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.seen: list[Seen] = []
        self._news = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self.gate: asyncio.Barrier | None = None
        """Where set, each answer waits until as many requests are here as it has places."""
        self._replies: dict[tuple[str, str], list[Reply]] = {}
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"https://localhost:{port}" if self._tls else f"http://127.0.0.1:{port}"

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._writers)

    def answer(self, method: str, path: str, *replies: Reply) -> None:
        self._replies[method, path] = list(replies)

    def paths(self) -> list[str]:
        return [f"{one.method} {one.raw_path}" for one in self.seen]

    async def __aenter__(self) -> FakeServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self.until(lambda: not self._writers)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when something is so of what was seen or of the open connections."""
        while not is_so():
            self._news.clear()
            await self._news.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._news.set()
        try:
            while seen := await _request(reader):
                self.seen.append(seen)
                self._news.set()
                if self.gate is not None:
                    await self.gate.wait()
                reply = self._next(seen)
                if reply.hang_up:
                    break
                response = _response(reply)
                if reply.stalls or reply.hangs:
                    writer.write(b"" if reply.hangs else response[:-1])
                    await reader.read()
                    break
                writer.write(response)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)
            self._news.set()

    def _next(self, seen: Seen) -> Reply:
        replies = self._replies.get((seen.method, seen.raw_path))
        if not replies:
            return Reply.of({"error": "Not found"}, status=404)
        return replies.pop(0) if len(replies) > 1 else replies[0]


async def _request(reader: asyncio.StreamReader) -> Seen | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    params = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Seen(method, parts.path, params, headers, body)


def _response(reply: Reply) -> bytes:
    length = len(reply.body) if reply.claims_bytes is None else reply.claims_bytes
    headers = {"Content-Type": "application/json"} | reply.headers
    lines = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + reply.body


class FakeClock:
    """A clock whose waits take no time, and which remembers them."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._elapsed_s = 0.0
        self._start = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        return self._elapsed_s

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._elapsed_s += seconds
        await asyncio.sleep(0)
