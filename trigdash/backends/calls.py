"""Calls of an API, from a path to a value, with a cache of the newest answers. A poll that receives
the same bytes as before returns the same value without parsing: most polls of a quiet environment
end here.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import quote

from trigdash.backends.base import Unreadable
from trigdash.backends.http import Access, HttpClient, Request
from trigdash.backends.operation import Effect, Operation
from trigdash.model.json_text import json_compact

T = TypeVar("T")

_AnswerKey = tuple[Request, Callable[[bytes], Any]]
"""A request and its parser: two lists may parse the answer of one address differently."""

MAX_ANSWERS = 24
"""Answers kept for comparison; fewer queries are watched at once."""
MAX_ANSWER_BYTES = 4_000_000
"""Longer bodies are parsed again instead of being held twice in memory."""
LARGE_BYTES = 200_000
"""Bodies of this size or more are parsed in a thread, so that keys are handled meanwhile."""


def path(*steps: str) -> str:
    """A path of the API from its parts, each percent-encoded."""
    return "/api/" + "/".join(quote(step, safe="", errors="replace") for step in steps)


class Calls:
    """Sends requests and reads their answers."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._answers: OrderedDict[_AnswerKey, tuple[bytes, Any]] = OrderedDict()

    async def read(
        self,
        via: Access,
        where: str,
        parser: Callable[[bytes], T],
        params: tuple[tuple[str, str], ...] = (),
    ) -> T:
        """GET a value. Raises BackendError."""
        return await self._read(via, Request("GET", where, params), parser)

    async def read_once(self, via: Access, where: str, parser: Callable[[bytes], T]) -> T:
        """GET a value without keeping its bytes. Raises BackendError."""
        return await _parse(parser, await self._http.send(Request("GET", where), via))

    async def post_query(
        self, via: Access, where: str, parser: Callable[[bytes], T], body: Mapping[str, object]
    ) -> T:
        """POST a query that changes nothing. Raises BackendError."""
        return await self._read(via, Request("POST", where, body=_json(body)), parser)

    async def write(
        self,
        via: Access,
        where: str,
        parser: Callable[[bytes], T],
        *,
        effect: Effect,
        body: Mapping[str, object] | bytes | None = None,
        method: str = "POST",
        params: tuple[tuple[str, str], ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
    ) -> T:
        """Change something and read the answer; an unreadable one is an unknown outcome. Raises
        BackendError."""
        content = _json(body) if isinstance(body, Mapping) else body
        request = Request(method, where, params, content, effect, headers)
        answer = await self._http.send(request, via)
        try:
            return await _parse(parser, answer)
        except Unreadable as error:
            error.outcome_unknown = request.effect is not Effect.READ
            raise

    async def send(self, via: Access, where: str, operation: Operation[T]) -> T:
        """Send an operation, and return its answer. Raises BackendError."""
        content, headers = _content(operation)
        method, params, effect = operation.method, operation.params, operation.effect
        if operation.is_write:
            return await self.write(
                via,
                where,
                operation.parser,
                effect=effect,
                body=content,
                method=method,
                params=params,
                headers=headers,
            )
        request = Request(method, where, params, content, effect, headers)
        return await self._read(via, request, operation.parser)

    async def _read(self, via: Access, request: Request, parser: Callable[[bytes], T]) -> T:
        body = await self._http.send(request, via)
        key = (request, parser)
        known = self._answers.get(key)
        if known is not None and known[0] == body:
            self._answers.move_to_end(key)
            return cast(T, known[1])
        value = await _parse(parser, body)
        self._remember(key, body, value)
        return value

    def _remember(self, key: _AnswerKey, body: bytes, value: object) -> None:
        self._answers.pop(key, None)
        if len(body) <= MAX_ANSWER_BYTES:
            self._answers[key] = (body, value)
        while len(self._answers) > MAX_ANSWERS:
            self._answers.popitem(last=False)


async def _parse(parser: Callable[[bytes], T], body: bytes) -> T:
    try:
        if len(body) >= LARGE_BYTES:
            return await asyncio.to_thread(parser, body)
        return parser(body)
    except ValueError as problem:
        from trigdash.model.wire import mismatch

        # Not chained: a validation error quotes its input, which may be private.
        raise Unreadable(mismatch(problem, body)) from None


def _content(operation: Operation[Any]) -> tuple[bytes | None, tuple[tuple[str, str], ...]]:
    """The body of an operation, and its headers."""
    if operation.lines:
        kind = ("Content-Type", "application/x-ndjson")
        return b"\n".join(map(_json, operation.lines)) + b"\n", (*operation.headers, kind)
    return None if operation.body is None else _json(operation.body), operation.headers


def _json(body: Mapping[str, object]) -> bytes:
    return json_compact(body).encode()
