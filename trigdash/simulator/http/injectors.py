"""The faults that chaos injects: what happens to one request, from a reset to 200 MB of blanks."""

import asyncio
import gzip
import json
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from starlette.types import Receive, Send

from trigdash.simulator.http.replies import unknown_path

Headers = list[tuple[bytes, bytes]]

HUGE_BYTES = 200 * 1024 * 1024
_CHUNK = b" " * 65_536
_HOUR_S = 3_600
_ELSEWHERE = "http://elsewhere.example.test"
_PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass(slots=True)
class InnerAnswer:
    """What the application answered."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    def without(self, *names: bytes) -> Headers:
        """The headers without some."""
        return [pair for pair in self.headers if pair[0].lower() not in names]


@dataclass(slots=True)
class Exchange:
    """One request under a fault: it can be acted upon, answered, and cut off."""

    method: str
    path: str
    query: bytes
    luck: random.Random
    seconds: float
    act: Callable[[bytes | None], Awaitable[InnerAnswer]]
    receive: Receive
    send: Send
    refuse: Callable[[float], None]
    now: datetime

    async def start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": list(headers)})

    async def chunk(self, body: bytes, more: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def answer(self, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        """A whole answer."""
        await self.start(status, [(b"content-length", b"%d" % len(body)), *headers])
        await self.chunk(body, more=False)

    async def give(self, answer: InnerAnswer) -> None:
        """The application's own answer."""
        await self.start(answer.status, answer.headers)
        await self.chunk(answer.body, more=False)

    async def reset(self) -> None:
        """Cut the connection with a reset: ASGI cannot express it, so use uvicorn's transport."""
        transport = getattr(getattr(self.send, "__self__", None), "transport", None)
        if transport is None:
            return
        raw = transport.get_extra_info("socket")
        if raw is not None:
            linger = struct.pack("ii", 1, 0)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
        await self.receive()


JSON = (b"content-type", b"application/json; charset=utf-8")
HTML = (b"content-type", b"text/html; charset=utf-8")


async def _reset(exchange: Exchange) -> None:
    await exchange.reset()


async def _refuse(exchange: Exchange) -> None:
    """The server takes no connection for a while."""
    exchange.refuse(exchange.seconds)
    await exchange.reset()


async def _lose(exchange: Exchange) -> None:
    """Act, and let the answer never arrive."""
    await exchange.act(None)
    await exchange.reset()


async def _stall(exchange: Exchange) -> None:
    await asyncio.sleep(exchange.seconds)
    await exchange.give(await exchange.act(None))


async def _stall_inside(exchange: Exchange) -> None:
    answer = await exchange.act(None)
    half = len(answer.body) // 2
    await exchange.start(answer.status, answer.headers)
    await exchange.chunk(answer.body[:half])
    await asyncio.sleep(exchange.seconds)
    await exchange.chunk(answer.body[half:], more=False)


async def _drip(exchange: Exchange) -> None:
    """A few bytes at a time."""
    answer = await exchange.act(None)
    await exchange.start(answer.status, answer.headers)
    pieces = 20
    size = max(1, -(-len(answer.body) // pieces))
    for start in range(0, len(answer.body), size):
        await exchange.chunk(answer.body[start : start + size])
        await asyncio.sleep(exchange.seconds / pieces)
    await exchange.chunk(b"", more=False)


async def _truncate(exchange: Exchange) -> None:
    answer = await exchange.act(None)
    await exchange.start(answer.status, answer.headers)
    await exchange.chunk(answer.body[: len(answer.body) // 2])
    await exchange.reset()


async def _break_gzip(exchange: Exchange) -> None:
    answer = await exchange.act(None)
    packed = bytearray(gzip.compress(answer.body))
    middle = len(packed) // 2
    packed[middle : middle + 8] = bytes(8)
    kept = answer.without(b"content-length", b"content-encoding")
    await exchange.start(answer.status, [*kept, (b"content-encoding", b"gzip")])
    await exchange.chunk(bytes(packed), more=False)


async def _html(exchange: Exchange) -> None:
    await exchange.answer(502, _PAGE, HTML)


async def _down(exchange: Exchange) -> None:
    """500, 502, 503 or 504, with `Retry-After` or without."""
    status = exchange.luck.choice((500, 502, 503, 504))
    after = (b"retry-after", b"%d" % exchange.luck.randint(1, 3))
    headers = [after] if exchange.luck.random() < 0.5 else []
    await exchange.answer(status, b'{"error":"Something went wrong"}', JSON, *headers)


async def _fail_after_acting(exchange: Exchange) -> None:
    await exchange.act(None)
    await exchange.answer(502, b'{"error":"Bad Gateway"}', JSON)


async def _limit(exchange: Exchange) -> None:
    """429 with headers that can be used, with none, or with nonsense."""
    kind = exchange.luck.randrange(3)
    headers = [
        [(b"retry-after", b"1"), (b"x-ratelimit-limit", b"750"), (b"x-ratelimit-remaining", b"0")],
        [],
        [(b"retry-after", b"soon"), (b"x-ratelimit-reset", b"never")],
    ][kind]
    await exchange.answer(429, b'{"error":"Rate limit exceeded"}', JSON, *headers)


async def _unauthorized(exchange: Exchange) -> None:
    await exchange.answer(401, b'{"error":"Invalid API key"}', JSON)


async def _forbidden(exchange: Exchange) -> None:
    body = b'{"error":"Unauthorized","code":"unauthorized","param":"access_token"}'
    await exchange.answer(403, body, JSON)


async def _missing(exchange: Exchange) -> None:
    """404, also for what was just listed."""
    await exchange.answer(404, b'{"error":"Not found"}', JSON, (b"x-should-retry", b"true"))


async def _unknown_path(exchange: Exchange) -> None:
    page = unknown_path({}, False)
    await exchange.answer(page.status_code, bytes(page.body), HTML)


async def _wrong_type(exchange: Exchange) -> None:
    answer = await exchange.act(None)
    kind = exchange.luck.choice((b"text/html", b"application/octet-stream", b"image/png"))
    kept = answer.without(b"content-type")
    await exchange.start(answer.status, [*kept, (b"content-type", kind)])
    await exchange.chunk(answer.body, more=False)


async def _empty(exchange: Exchange) -> None:
    """An empty 200, after acting."""
    await exchange.act(None)
    await exchange.answer(200, b"", JSON)


async def _repeat_page(exchange: Exchange) -> None:
    """The first page again instead of the requested one."""
    parts = [part for part in exchange.query.split(b"&") if not part.startswith(b"page%5Ba")]
    kept = b"&".join(part for part in parts if not part.startswith(b"page[a"))
    await exchange.give(await exchange.act(kept))


async def _shuffle_page(exchange: Exchange) -> None:
    """The items of a list in another order."""
    answer = await exchange.act(None)
    packed = any(pair[0].lower() == b"content-encoding" for pair in answer.headers)
    try:
        body = json.loads(gzip.decompress(answer.body) if packed else answer.body)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        await exchange.give(answer)
        return
    exchange.luck.shuffle(body["data"])
    text = json.dumps(body, ensure_ascii=False).encode()
    kept = answer.without(b"content-length", b"content-encoding")
    await exchange.start(answer.status, [*kept, (b"content-length", b"%d" % len(text))])
    await exchange.chunk(text, more=False)


async def _skew(exchange: Exchange) -> None:
    """The server's clock seems to be off, either way."""
    answer = await exchange.act(None)
    seconds = exchange.luck.choice((-1, 1)) * exchange.seconds
    date = format_datetime(exchange.now + timedelta(seconds=seconds), usegmt=True).encode()
    await exchange.start(answer.status, [*answer.without(b"date"), (b"date", date)])
    await exchange.chunk(answer.body, more=False)


async def _redirect(exchange: Exchange) -> None:
    where = f"{_ELSEWHERE}{exchange.path}".encode("latin-1", "replace")
    await exchange.answer(307, b"", (b"location", where))


async def _endless(exchange: Exchange) -> None:
    """A body that does not end until the client leaves, or for some seconds."""
    await exchange.start(200, [JSON])
    end = asyncio.get_running_loop().time() + exchange.seconds
    while asyncio.get_running_loop().time() < end:
        await exchange.chunk(_CHUNK)
        await asyncio.sleep(0.01)
    await exchange.reset()


async def _huge(exchange: Exchange) -> None:
    await exchange.start(200, [JSON, (b"content-length", b"%d" % HUGE_BYTES)])
    for _ in range(HUGE_BYTES // len(_CHUNK)):
        await exchange.chunk(_CHUNK)
        await asyncio.sleep(0)
    await exchange.chunk(b"", more=False)


async def _bomb(exchange: Exchange) -> None:
    """More headers than anybody can want."""
    bombs = [(b"x-bomb-%d" % number, b"x" * 4_000) for number in range(300)]
    await exchange.answer(200, b"{}", JSON, *bombs)


Injector = Callable[[Exchange], Awaitable[None]]
# How often each fault is chosen, and for how many seconds it lasts where it lasts.
KINDS: dict[str, tuple[int, float, Injector]] = {
    "reset": (8, 0, _reset), "refuse": (2, 1.0, _refuse), "lost": (8, 0, _lose),
    "stall": (4, 4.0, _stall), "stall_inside": (3, 3.0, _stall_inside), "drip": (4, 2.0, _drip),
    "truncate": (6, 0, _truncate), "broken_gzip": (4, 0, _break_gzip), "html": (5, 0, _html),
    "down": (10, 0, _down), "fail_after_acting": (5, 0, _fail_after_acting),
    "limited": (5, 0, _limit), "unauthorized": (2, 0, _unauthorized),
    "forbidden": (2, 0, _forbidden), "missing": (3, 0, _missing),
    "unknown_path": (2, 0, _unknown_path), "wrong_type": (4, 0, _wrong_type),
    "empty": (4, 0, _empty), "repeated_page": (5, 0, _repeat_page),
    "shuffled_page": (5, 0, _shuffle_page), "skew": (4, _HOUR_S, _skew),
    "redirect": (3, 0, _redirect), "endless": (1, 5.0, _endless), "huge": (1, 0, _huge),
    "header_bomb": (2, 0, _bomb),
}  # fmt: skip
