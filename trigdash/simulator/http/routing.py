"""Routes as data: a method, a path, the credentials it takes, and the function that answers.

A module of `routes/` lists its routes in `ROUTES`; `routes/__init__.py` lists the modules.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.responses import Response

from trigdash.simulator.http.ratelimit import API, Rate
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.state import ServerState
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.statuses import API_VERSION
from trigdash.simulator.world.world import World

INVALID_KEY = "Invalid API key"
INVALID_PAT = "Invalid PAT"


@dataclass(slots=True)
class Call:
    """An authorized request with everything an answer may need."""

    state: ServerState
    method: str
    path: str
    params: dict[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str
    # None where a personal access token was used, or no credential is needed.
    environment: Environment | None = None
    # The scopes of a public token; None for a secret key.
    scopes: tuple[str, ...] | None = None

    @property
    def world(self) -> World:
        return self.state.world

    @property
    def env(self) -> Environment:
        """The environment of the secret key or public token."""
        assert self.environment is not None
        return self.environment

    def knows(self, version: str) -> bool:
        """Whether the server is of this version or newer."""
        return self.state.knows(version)

    @property
    def versioned(self) -> bool:
        """Whether the client wants the newer vocabulary; unknown versions get the old one."""
        return self.headers.get("x-trigger-api-version") == API_VERSION

    def require(self, *scopes: str) -> None:
        """Refuse a public token that holds none of these scopes (403, recorded)."""
        if self.scopes is not None and not self.state.allows(self.scopes, scopes):
            raise Refusal(403, FORBIDDEN)


FORBIDDEN = {
    "error": "Unauthorized",
    "code": "unauthorized",
    "param": "access_token",
    "type": "authorization",
}

Answer = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation.

    `auth` is `key` (secret key), `public` (secret key or public token), `pat`, `any` (either kind)
    or `none`. `refusal` is the text of its 401. `cors` answers preflights and exposes the token
    headers. `wrong_method` is the status of an unknown method on this path: 405 on read-only
    routes, 400 where only an action exists (recorded).
    """

    method: str
    path: str
    answer: Answer
    auth: str = "key"
    refusal: str = INVALID_KEY
    cors: bool = False
    rate: Rate | None = API
    wrong_method: int = 405
    # The server version that brought the route; older ones do not know its path.
    since: str = "4.5"


class Router:
    """A tree of path segments; `{name}` takes one segment, percent-encoded slashes included."""

    def __init__(self, routes: Iterable[Route]):
        self._root: dict[str, Any] = {}
        for route in routes:
            self.add(route)

    def add(self, route: Route) -> None:
        node = self._root
        for part in route.path.strip("/").split("/"):
            node = node.setdefault("{}" if part.startswith("{") else part, {})
        node.setdefault("", {})[route.method] = route

    def find(self, raw_path: str) -> tuple[dict[str, Route], list[str]]:
        """The routes of a path by method, and its segments; no routes for an unknown path."""
        parts = raw_path.strip("/").split("/")
        node = _walk(self._root, parts, 0)
        return (node or {}).get("", {}), parts


def _walk(node: dict[str, Any], parts: list[str], depth: int) -> dict[str, Any] | None:
    if depth == len(parts):
        return node if "" in node else None
    for name in (parts[depth], "{}"):
        if name and name in node and (name != "{}" or parts[depth]):
            found = _walk(node[name], parts, depth + 1)
            if found is not None:
                return found
    return None


def params_of(route: Route, parts: list[str]) -> dict[str, str]:
    """The values of a route's `{names}`, decoded once."""
    names = route.path.strip("/").split("/")
    return {
        name[1:-1]: unquote(part)
        for name, part in zip(names, parts, strict=True)
        if name.startswith("{")
    }


__all__ = ["Answer", "Call", "Response", "Route", "Router", "params_of"]
