"""Mutated answers through the screens: the real app and backend, and a server that drifts."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from random import Random
from typing import Any, NoReturn, cast

from textual.pilot import Pilot

from tests.drift.mutation import mutated
from tests.fakes.clock import RunningClock
from tests.recorded import all_recorded
from tests.simulator.callers import Served
from tests.ui.harness import at_rest
from trigdash.backends.base import NotFound
from trigdash.backends.error_response import error_from_response
from trigdash.backends.http import Access, HttpClient, Request
from trigdash.backends.operation import Effect
from trigdash.backends.target import Secret, Target
from trigdash.backends.trigger.backend import TriggerBackend
from trigdash.config.options import Destination, UiSettings
from trigdash.presentation.registry import RESOURCES, load_resource
from trigdash.service.connection import Connection
from trigdash.ui.app import TrigdashApp
from trigdash.ui.routes import DETAIL_ROUTES, ROUTES

LONGEST = 60_000
NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
_ID = re.compile(r"^[a-z]+_[\w-]+$|^task%2F.*|^\d.*")


@dataclass
class DriftingHttp:
    """Stands in for the HTTP client: a simulated project without a socket, whose answers, and
    recorded ones in their place, are mutated while it drifts."""

    served: Served
    random: Random
    drifts: bool = False
    sent: Counter[str] = field(default_factory=Counter)
    """Mutated answers by the shape of what was asked."""
    clock_ahead_s: float = 0.0

    under_way: int = 0
    """Requests whose answer is not here."""

    async def send(self, request: Request, access: Access) -> bytes:
        self.under_way += 1
        try:
            return await self._send(request, access)
        finally:
            self.under_way -= 1

    async def _send(self, request: Request, access: Access) -> bytes:
        answer = await self.served(
            request.method,
            request.path,
            who=access.secret.reveal(),
            query=list(request.params),
            content=request.body,
            headers=dict(access.headers) | {"content-type": "application/json"},
        )
        body = answer.text.encode()
        if not 200 <= answer.status < 300:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            raise error_from_response(answer.status, headers, body, is_write=False, now=NOW)
        if not self.drifts or request.effect is not Effect.READ:
            return body
        return self.changed(_shape(request.method, request.path), body)

    def changed(self, shape: str, body: bytes) -> bytes:
        """What is answered in the place of a body to a request of a shape."""
        if shape.endswith("whoami") and self.random.random() < 0.9:
            return body  # asked on every screen
        self.sent[shape] += 1
        alike = [*_bodies_of(shape), body]
        return mutated(
            self.random.choice([one for one in alike if len(one) <= LONGEST]), self.random
        )

    async def listen(self, request: Request, access: Access) -> NoReturn:
        """No feed is there: what it would tell is polled, and mutated."""
        raise NotFound(status=404)

    async def download(self, url: str, limit_bytes: int) -> bytes:
        return mutated(b'{"a": [1, {"b": "c"}]}', self.random)

    async def aclose(self) -> None:
        """Nothing is open."""


def _shape(method: str, path: str) -> str:
    steps = ("*" if _ID.match(step) else step for step in path.split("/"))
    return f"{method} {'/'.join(steps)}"


def _bodies_of(shape: str) -> list[bytes]:
    return [
        answer.body
        for answer in all_recorded()
        if answer.is_success
        and answer.data is not None
        and answer.body
        and len(answer.body) <= LONGEST
        and _shape(answer.method, answer.path) == shape
    ]


@dataclass
class Looking:
    """The app on a drifting server."""

    app: TrigdashApp
    pilot: Pilot[Any]
    http: DriftingHttp
    after_key: Callable[[], object] = lambda: None

    async def rest(self) -> None:
        """Wait until every answer is here and shown."""
        while True:
            await at_rest(self.app)
            if not self.http.under_way:
                return
            await asyncio.sleep(0.001)

    async def press(self, key: str) -> None:
        await self.pilot.press(key)
        await self.rest()
        self.after_key()


Visit = Callable[[Looking], Awaitable[object]]

KEYS = ("ctrl+r", "down", "ctrl+r", "tab", "ctrl+r", "end", "ctrl+r")
"""Asks again and again, and looks around meanwhile."""


@asynccontextmanager
async def looking_at(http: DriftingHttp) -> AsyncIterator[Looking]:
    """Open the app on a server."""
    served = http.served
    where = Target(
        api_url="http://127.0.0.1",
        secret_key=Secret(served.world.env.secret_key),
        access_token=Secret(served.world.project.access_token),
        project=served.world.project.ref,
        environment="prod",
    )
    clock = RunningClock()

    async def opening(_: Destination) -> Connection:
        return Connection(TriggerBackend(where, cast(HttpClient, http), clock), clock)

    app = TrigdashApp(opening, UiSettings(server="127.0.0.1"), clock)
    async with app.run_test(size=(120, 40)) as pilot:
        while app.session.connection is None:
            await pilot.pause()
        yield Looking(app, pilot, http)


async def through_screens(sample: int, seed: int) -> Counter[str]:
    """Show about so many mutated answers, a screen after the other; the answers by shape. What is
    no error in words ends the app, and with it this."""
    http = DriftingHttp(Served(runs=80, version="4.8"), Random(seed))
    visits = await visits_of(http.served)
    async with looking_at(http) as looking:
        for visit in cycle(visits):
            await look(looking, visit, KEYS)
            if http.sent.total() >= sample:
                break
    return http.sent


async def look(looking: Looking, visit: Visit, keys: Sequence[str]) -> None:
    """Open a screen, let its server drift while keys are pressed, and leave it."""
    looking.http.drifts = False
    await visit(looking)
    await looking.rest()
    looking.http.drifts = True
    for key in keys:
        await looking.press(key)
    while len(looking.app.screen_stack) > 1:
        await looking.app.pop_screen()


STATUSES = ("COMPLETED_SUCCESSFULLY", "COMPLETED_WITH_ERRORS", "EXECUTING", "PENDING")


async def visits_of(served: Served, statuses: Sequence[str] = STATUSES) -> list[Visit]:
    """Every place there is, and what is opened over one."""
    return [*map(place, ROUTES), *await openings_of(served, statuses)]


async def openings_of(served: Served, statuses: Sequence[str] = STATUSES) -> list[Visit]:
    """Runs in several states with each tab, one thing of each kind, and one of each resource."""
    visits: list[Visit] = []
    for status in statuses:
        visits += [_detail("run", served.run(status).id, *["]"] * tab) for tab in range(5)]
    visits += [_detail(kind, await THINGS[kind](served)) for kind in DETAIL_ROUTES if kind != "run"]
    for name in RESOURCES:
        resource = load_resource(name)
        if resource.get is not None and (row_id := await _first(served, name)):
            visits.append(_thing(name, row_id))
    return visits


async def _failed(served: Served) -> str:
    return served.run("COMPLETED_WITH_ERRORS").id


async def _waiting(served: Served) -> str:
    return served.run("PENDING").id


async def _queue_of_waiting(served: Served) -> str:
    return f"task/{served.run('PENDING').queue.name}"


async def _error(served: Served) -> str:
    return await _first(served, "errors") or ""


async def _batch(served: Served) -> str:
    return await _first(served, "batches") or ""


async def _elsewhere(served: Served) -> str:
    return "stg"


THINGS: Mapping[str, Callable[[Served], Awaitable[str]]] = {
    "why": _waiting,
    "queue": _queue_of_waiting,
    "diff": _failed,
    "error": _error,
    "error_runs": _error,
    "split": _elsewhere,
    "compare": _elsewhere,
    "batch": _batch,
}
"""What is opened of each kind of thing; a kind that is missing fails whoever visits all."""


def place(name: str) -> Visit:
    return lambda looking: looking.app.go(name)


def _detail(kind: str, thing_id: str, *keys: str) -> Visit:
    async def visit(looking: Looking) -> None:
        looking.app.open_detail(kind, thing_id)
        await looking.rest()
        for key in keys:
            await looking.press(key)

    return visit


def _thing(name: str, row_id: str) -> Visit:
    async def visit(looking: Looking) -> None:
        looking.app.open_resource(name, row_id)

    return visit


async def _first(served: Served, name: str) -> str | None:
    resource = load_resource(name)
    operation = resource.page(None)
    names = {"{project}": served.world.project.ref, "{environment}": "prod"}
    path = "/api/" + "/".join(names.get(step, step) for step in operation.path)
    who = "pat" if "projects" in operation.path else "prod"
    query = [(key, names.get(value, value)) for key, value in operation.params]
    answer = await served(operation.method, path, who=who, query=query, body=operation.body)
    rows = operation.parser(answer.text.encode()).rows
    return resource.key(rows[0]) if rows else None
