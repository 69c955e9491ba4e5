"""A world in which everything is too large, served by itself: `python -m tests.bench.big_world`.

It stands still and keeps its answers, so that what is measured is the dashboard and not the server.
It prints one line of JSON when ready: where it is, and the ids of what is large.
"""

import asyncio
import gc
import json
import sys
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.http.routes import error_groups
from trigdash.simulator.scenarios.definitions import GIANT
from trigdash.simulator.world.limits import Concurrency, LimitDeclaration
from trigdash.simulator.world.scenario import ScenarioEvent
from trigdash.simulator.world.steps import lines, log, span
from trigdash.simulator.world.tasks import Task, TaskError
from trigdash.simulator.world.world import World

LIMITS, ERRORS, LINES, ATTRIBUTE_BYTES = 500, 10_000, 99_980, 131_072
_KEPT = ("/trace", "/events")
"""Ends of paths whose answers take the simulator seconds to make."""

_LONG = Task(
    "post-ledger", "src/trigger/ledger.ts", 0, 75_000, 0.1,
    steps=(log("Posting"), lines("Row posted", LINES), log("Posted")), failure=0.0,
)  # fmt: skip
_WIDE = Task(
    "write-report", "src/trigger/report.ts", 0, 2_000, 0.1,
    steps=(span("render", rendered="word " * (ATTRIBUTE_BYTES // 5)),), failure=0.0,
)  # fmt: skip
_BREAKING = Task(
    "import-rows", "src/trigger/rows.ts", 0, 20, 0.1, attempts=1, failure=1.0,
    steps=(span("read"),),
    faults=tuple(
        TaskError(f"RowError{number % 97}", f"row {number} of customer {{user}} is odd", "readRow")
        for number in range(ERRORS + 500)
    ),
)  # fmt: skip
_LIMITED = Task(
    "call-gateway", "src/trigger/gateway.ts", 0, 2_000, 0.1,
    concurrency=Concurrency(
        limits=tuple(LimitDeclaration(f"gateway-{n:03}", total=n % 7) for n in range(LIMITS))
    ),
)  # fmt: skip
BIG = replace(
    GIANT,
    tasks=(*GIANT.tasks, _LONG, _WIDE, _BREAKING, _LIMITED),
    past_errors=False,
    events=(
        *GIANT.events,
        ScenarioEvent(-50, "trigger", _BREAKING.id, ERRORS + 500),
        ScenarioEvent(-15, "trigger", _LONG.id),
        ScenarioEvent(-12, "trigger", _WIDE.id),
    ),
)
"""The giant scenario, and what it has no room for."""


class Keeping:
    """Answers that take long to make are made once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[tuple[str, bytes], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, from what is kept where it is asked for again."""
        if scope["type"] != "http" or not scope["path"].endswith(_KEPT):
            await self._app(scope, receive, send)
            return
        asked = scope["path"], scope["query_string"]
        if asked not in self._kept:
            said: list[Message] = []

            async def note(message: Message) -> None:
                said.append(message)

            await self._app(scope, receive, note)
            self._kept[asked] = said
        for message in self._kept[asked]:
            await send(message)


class BigHost(SimulatorHost):
    """A server that keeps what takes long."""

    @override
    async def _listen(self, app: ASGIApp, port: int) -> str:
        return await super()._listen(Keeping(app), port)


def _ids(world: World) -> dict[str, str]:
    """The runs and the batch that are large."""
    runs = world.env.runs.all
    newest = {run.task_id: run.id for run in runs}
    batch = max(world.env.batches.values(), key=lambda each: each.run_count)
    return {
        "batch": batch.id,
        "trace": newest[_LONG.id],
        "output": newest["export-archive"],
        "attribute": newest[_WIDE.id],
    }


def _tell_errors_apart(world: World) -> None:
    """Each failed run of the task gets an error of its own; the groups are made once."""
    ours = (run for run in world.env.runs.all if run.task_id == _BREAKING.id)
    failed = [run for run in ours if isinstance(run.error, int)]
    for number, run in enumerate(failed):
        run.error = number
    found = error_groups.groups(world.env)
    for group in found.values():
        group.count = len(group.times_ms)
    error_groups.groups = lambda env, counts=None: found  # type: ignore[assignment]


async def main() -> None:
    """Serve until ended."""
    gc.disable()
    host = BigHost(scenario=BIG, runs=1_000, speed=0.001, rate=Rate(0, 0))
    _tell_errors_apart(host.world)
    gc.freeze()
    async with host:
        ready: dict[str, Any] = {"url": host.url, "secret_key": host.secret_key}
        sys.stdout.write(json.dumps(ready | _ids(host.world)) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
