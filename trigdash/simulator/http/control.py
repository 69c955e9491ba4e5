"""Around every served API: the date of the world, the log of writes, chaos, and its control.

`/simulator/…` returns what happened, without a credential: `writes`, `faults`, `plants` and
`world`. A POST to `/simulator/chaos` sets the rate, the seed and the plan. A POST to
`/simulator/world` with `{"held": true}` keeps the world as it is, so that two answers can be
compared; writes still act.
"""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trigdash.simulator.http.chaos import BadPlan, Chaos, read_plan
from trigdash.simulator.http.injectors import JSON, Exchange, InnerAnswer
from trigdash.simulator.http.requests import read_body
from trigdash.simulator.scenarios.describe import describe_data
from trigdash.simulator.world.world import World

_PREFIX = "/simulator/"
_READS = {"GET", "HEAD", "OPTIONS"}
# Posts that read.
_ASKING = ("/api/v1/query", "/analyze-query", "/api/v1/auth/", "/jwt")
# Headers under whose value two requests are one.
_KEYS = (b"idempotency-key", b"x-trigger-request-idempotency-key")
_MOST_WRITES = 100_000
_SHOWN_BODY = 2_000


@dataclass(slots=True)
class Write:
    """A write that the server received.

    `status` is the application's answer, None when the request did not reach it. `fault` is what
    the answer met.
    """

    number: int
    at: str
    method: str
    path: str
    query: str
    body: str
    idempotency_key: str | None
    status: int | None = None
    fault: str | None = None

    @property
    def acted(self) -> bool:
        return self.status is not None and self.status < 400


class Journal:
    """The writes that were received, by all APIs of a server."""

    def __init__(self) -> None:
        self.writes: deque[Write] = deque(maxlen=_MOST_WRITES)
        self._count = 0

    def note(self, scope: Scope, body: bytes, now: datetime) -> Write | None:
        """Log a request if it writes."""
        method, path = scope["method"], scope["path"]
        if method in _READS or any(part in path for part in _ASKING):
            return None
        headers = {name.lower(): value for name, value in scope["headers"]}
        key = next((headers[name] for name in _KEYS if name in headers), None)
        self._count += 1
        write = Write(
            self._count, now.isoformat(), method, path, scope["query_string"].decode("latin-1"),
            body[:_SHOWN_BODY].decode(errors="replace"),
            None if key is None else key.decode("latin-1"),
        )  # fmt: skip
        self.writes.append(write)
        return write


class Control:
    """An application with everything that is around it."""

    def __init__(
        self,
        app: ASGIApp,
        world: World,
        now: Callable[[], datetime],
        journal: Journal,
        chaos: Chaos,
        refuse: Callable[[float], None] = lambda seconds: None,
    ):
        self._app = app
        self._world = world
        self._now = now
        self._journal = journal
        self._chaos = chaos
        self._refuse = refuse
        self._setters = {"chaos": self._set, "world": self._hold}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        dated = _Dated(send, self._now)
        if scope["path"].startswith(_PREFIX):
            await self._control(scope, receive, dated)
            return
        method, path = scope["method"], scope["path"]
        chosen = self._chaos.choose(method, path) if path != "/healthcheck" else None
        if chosen is None and method in _READS:
            await self._app(scope, receive, dated)
            return
        body = await read_body(receive)
        write = self._journal.note(scope, body, self._now())
        if chosen is None:
            answered = _Watched(dated)
            await self._app(scope, _Given(body, receive), answered)
            if write is not None:
                write.status = answered.status
            return
        name, seconds, luck = chosen
        if write is not None:
            write.fault = name

        async def act(query: bytes | None) -> InnerAnswer:
            asked = scope if query is None else {**scope, "query_string": query}
            kept = _Kept()
            await self._app(asked, _Given(body, receive), kept)
            if write is not None:
                write.status = kept.answer.status
            return kept.answer

        exchange = Exchange(
            method, path, scope["query_string"], luck, seconds, act, receive, dated,
            self._refuse, self._now(),
        )  # fmt: skip
        await self._chaos.inject(name, exchange)

    async def _control(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(_PREFIX)
        status, told = 200, self._told(name)
        if name in self._setters and scope["method"] == "POST":
            try:
                self._setters[name](json.loads(await read_body(receive)))
                told = self._told(name)
            except (AttributeError, BadPlan, ValueError, TypeError) as problem:
                status, told = 400, {"error": str(problem)}
        elif told is None:
            status, told = 404, {"error": "writes, faults, plants, world or chaos"}
        text = json.dumps(told, ensure_ascii=False).encode()
        length = (b"content-length", b"%d" % len(text))
        await send({"type": "http.response.start", "status": status, "headers": [JSON, length]})
        await send({"type": "http.response.body", "body": text})

    def _told(self, name: str) -> Any:
        if name == "writes":
            writes = self._journal.writes
            return {"writes": [asdict(write) | {"acted": write.acted} for write in writes]}
        if name in {"faults", "chaos"}:
            return {
                "rate": self._chaos.rate,
                "seed": self._chaos.seed,
                "requests": self._chaos.requests,
                "injected": dict(self._chaos.counts),
            }
        if name == "world":
            return {"held": self._world.is_held}
        return describe_data(self._world) if name == "plants" else None

    def _hold(self, given: Any) -> None:
        """`{held}`. A released world catches up with its clock."""
        self._world.is_held = given.get("held") is True

    def _set(self, given: Any) -> None:
        """`{rate?, seed?, plan?}`; a plan replaces what is left of the one before."""
        self._chaos.rate = float(given.get("rate", self._chaos.rate))
        self._chaos.seed = int(given.get("seed", self._chaos.seed))
        if "plan" in given:
            self._chaos.plan = read_plan(json.dumps(given["plan"]))


class _Dated:
    """Sends messages, the first one with a date."""

    def __init__(self, send: Send, now: Callable[[], datetime]):
        self._send = send
        self._now = now
        # As of the method that it replaces: a fault cuts the connection behind it.
        self.__self__ = getattr(send, "__self__", None)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if all(name.lower() != b"date" for name, _ in headers):
                date = format_datetime(self._now(), usegmt=True).encode()
                message["headers"] = [*headers, (b"date", date)]
        await self._send(message)


class _Watched:
    """Sends messages and keeps the status."""

    def __init__(self, send: _Dated):
        self._send = send
        self.status: int | None = None
        self.__self__ = send.__self__

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class _Kept:
    """Keeps an answer instead of sending it."""

    def __init__(self) -> None:
        self.answer = InnerAnswer()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answer.status = message["status"]
            self.answer.headers = list(message.get("headers", ()))
        else:
            self.answer.body += message.get("body", b"")


class _Given:
    """Gives a body that was read already, then the messages of the connection."""

    def __init__(self, body: bytes, receive: Receive):
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}
