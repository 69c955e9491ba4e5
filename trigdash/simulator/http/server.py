"""One ASGI application that answers as the real server was recorded to answer.

Checks in the server's order: trailing slash, credential present, rate limit, path, method,
credential valid, then the route itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from inspect import isawaitable
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response

from trigdash.simulator.http import replies
from trigdash.simulator.http.faults import Fault
from trigdash.simulator.http.ratelimit import API, PUBLIC_TOKEN, Rate
from trigdash.simulator.http.replies import Refusal, Reply
from trigdash.simulator.http.requests import read_body
from trigdash.simulator.http.routes import all_routes
from trigdash.simulator.http.routing import Call, Route, Router, params_of
from trigdash.simulator.http.state import ServerState
from trigdash.simulator.world.environments import Environment

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_EXPOSED = {"access-control-expose-headers": "x-trigger-jwt,x-trigger-jwt-claims"}


class Server:
    """The ASGI application over a state."""

    def __init__(self, state: ServerState, routes: Iterable[Route] | None = None):
        self.state = state
        known = all_routes() if routes is None else routes
        self.router = Router(route for route in known if state.knows(route.since))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        method, path = scope["method"], scope["path"]
        fault = self.state.faults.next_for(method, path)
        if fault is not None:
            await self._misbehave(fault, scope, receive, send)
            return
        response = await self._respond(scope, await read_body(receive))
        await response(scope, receive, send)

    async def _misbehave(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        response: Response
        if fault.drop:
            if fault.act:
                await self._respond(scope, body)
            await _hang_up(receive, send)
            return
        if fault.garbage is not None:
            response = Response(fault.garbage, 200, media_type="application/json")
        elif fault.status is not None:
            text = {"error": "Something went wrong"} if fault.body is None else fault.body
            response = replies.json_response(text, fault.status, fault.headers, False)
        else:
            response = await self._respond(scope, body)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, body: bytes) -> Response:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        gzip = "gzip" in headers.get("accept-encoding", "")
        if scope["path"] == "/healthcheck":
            return replies.text_response(b"OK", "text/plain;charset=UTF-8", 200, {}, False)
        if raw_path.endswith("/") and raw_path != "/":
            return replies.moved(raw_path, scope["query_string"].decode("latin-1"))
        routes, parts = self.router.find(raw_path)
        # A HEAD is a GET without its body; uvicorn drops it.
        route = routes.get("GET" if scope["method"] == "HEAD" else scope["method"])
        cors = any(each.cors for each in routes.values())
        if scope["method"] == "OPTIONS" and cors:
            return _preflight(headers)
        self.state.catch_up()
        if route is not None and route.auth == "none":
            return await self._answer(route, parts, scope, headers, body, {}, gzip)
        credential = _credential(headers)
        if credential is None:
            return replies.no_credential()
        extra, refused = self._limit(credential, headers, route or _any(routes))
        if refused is not None:
            return refused
        if not routes:
            return replies.unknown_path(extra, gzip)
        if route is None:
            status = next(iter(routes.values())).wrong_method
            return replies.wrong_method(status, extra, gzip)
        if cors:
            extra |= _EXPOSED
        return await self._answer(route, parts, scope, headers, body, extra, gzip)

    def _limit(
        self, credential: str, headers: dict[str, str], route: Route | None
    ) -> tuple[dict[str, str], Response | None]:
        """The rate-limit headers, and a 429 when the bucket is empty."""
        state = self.state
        rate: Rate | None = API if route is None else route.rate
        if rate is None:
            return {}, None
        env = state.environment_of(credential, headers.get("x-trigger-branch"))
        owner = env.id if env is not None else credential
        if env is None and credential.count(".") == 2:
            rate = PUBLIC_TOKEN
        if rate is API:
            rate = state.limiter.api
        if not rate.size:
            return {}, None
        now_ms = state.now_ms()
        bucket = state.limiter.bucket(owner, rate, now_ms)
        allowed = bucket.take(now_ms)
        extra = bucket.headers()
        if allowed:
            return extra, None
        return extra, replies.too_many(rate.size, bucket.tokens, bucket.reset_ms, now_ms, extra)

    async def _answer(
        self, route: Route, parts: list[str], scope: Scope, headers: dict[str, str], body: bytes,
        extra: dict[str, str], gzip: bool,
    ) -> Response:  # fmt: skip
        try:
            env, scopes = self._let_in(route, headers)
            call = Call(
                self.state, route.method, scope["path"], params_of(route, parts),
                dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
                headers, body, _origin(scope, headers), env, scopes,
            )  # fmt: skip
            result = route.answer(call)
            if isawaitable(result):
                result = await result
        except Refusal as refusal:
            return replies.json_response(
                refusal.body, refusal.status, extra | refusal.headers, gzip
            )
        if isinstance(result, Response):
            return replies.completed(result, extra)
        if isinstance(result, Reply):
            told = extra | result.headers if result.tells_limits else result.headers
            return replies.json_response(result.body, result.status, told, gzip)
        return replies.json_response(result, 200, extra, gzip)

    def _let_in(
        self, route: Route, headers: dict[str, str]
    ) -> tuple[Environment | None, tuple[str, ...] | None]:
        """The environment and scopes of the caller, or a 401."""
        if route.auth == "none":
            return None, None
        credential = _credential(headers) or ""
        if route.auth in {"pat", "any"} and self.state.is_access_token(credential):
            return None, None
        if route.auth == "pat":
            known = credential.startswith("tr_pat_")
            raise Refusal(401, route.refusal if known else "Invalid or Missing PAT")
        branch = headers.get("x-trigger-branch")
        env = self.state.environment_of(credential, branch)
        if env is not None:
            return env, None
        incident = self.state.branch_trouble(credential, branch)
        if incident is not None:
            raise Refusal(401, incident)
        if route.auth == "public" and (found := self.state.public_token(credential)) is not None:
            return found
        public = credential.count(".") == 2 and route.auth == "public"
        raise Refusal(401, "Public Access Token is invalid" if public else route.refusal)


def _any(routes: dict[str, Route]) -> Route | None:
    """Any route of a path: rate limits apply to the path, not to the method."""
    return next(iter(routes.values()), None)


def _credential(headers: dict[str, str]) -> str | None:
    header = headers.get("authorization")
    return None if header is None else header.removeprefix("Bearer ").strip()


def _origin(scope: Scope, headers: dict[str, str]) -> str:
    return f"{scope.get('scheme', 'http')}://{headers.get('host', '127.0.0.1')}"


def _preflight(headers: dict[str, str]) -> Response:
    allowed = {
        "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
        "access-control-allow-origin": headers.get("origin", "*"),
        "access-control-max-age": "300",
        "Vary": "Origin, Access-Control-Request-Headers, Accept-Encoding",
    }
    wanted = headers.get("access-control-request-headers")
    if wanted is not None:
        allowed["access-control-allow-headers"] = wanted
    return replies.json_response({}, 200, allowed, False)


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the connection without an answer. ASGI cannot express it: use uvicorn's transport."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await receive()
