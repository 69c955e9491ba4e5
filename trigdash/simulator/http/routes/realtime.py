"""Realtime feeds of a run, of runs by tag and of a batch, held open until something changes."""

import asyncio
import re
from typing import Any

from trigdash.simulator.http.feeds import (
    SCHEMA,
    UP_TO_DATE,
    Feed,
    Select,
    handle_of,
    message,
)
from trigdash.simulator.http.replies import Refusal, Reply
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world.index import RunFilter
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.texts import duration_ms

_HOLD_MS = 20_000
"""How long a live request waits for a change; the real server waits 20 s, give or take."""
_LOOK_S = 0.1
_DAY_MS = 86_400_000
_MOST_ROWS = 1_000
_TAG = re.compile(r"[^'\"\\{},]{1,128}")


async def _run_feed(call: Call) -> object:
    """`GET /realtime/v1/runs/{run}`"""
    run = call.env.runs.by_id.get(call.params["run"])
    if run is None:
        raise Refusal(404, "Not found", x_should_retry="false")
    call.require(
        f"read:runs:{run.id}",
        f"read:tasks:{run.task_id}",
        *(f"read:tags:{tag}" for tag in run.tags),
        *((f"read:batch:{run.batch.id}",) if run.batch else ()),
    )
    return await _serve(call, f"run-{run.id.removeprefix('run_')}", lambda: [run])


async def _tag_feed(call: Call) -> object:
    """`GET /realtime/v1/runs?tags=`: runs that have every tag, unlike the filter of lists."""
    tags = sorted(tag for tag in call.query.get("tags", "").split(",") if tag)
    if any(_TAG.fullmatch(tag) is None for tag in tags):
        raise Refusal(400, "Invalid tags")
    call.require("read:runs", *(f"read:tags:{tag}" for tag in tags))
    back_ms = min(duration_ms(call.query.get("createdAt", "")) or _DAY_MS, _DAY_MS)
    since_ms = call.world.now_ms - back_ms
    index = call.env.runs

    def select() -> list[Run]:
        wanted = RunFilter(tags=frozenset(tags[:1]) or None, from_ms=since_ms)
        fitting = [run for run in index.select(wanted) if set(tags) <= set(run.tags)]
        return list(reversed(fitting[:_MOST_ROWS]))

    name = handle_of("runs", call.env.id, call.query.get("createdAt", ""), *tags)
    return await _serve(call, name, select)


async def _batch_feed(call: Call) -> object:
    """`GET /realtime/v1/batches/{batch}`"""
    batch = call.env.batches.get(call.params["batch"])
    if batch is None:
        raise Refusal(404, "Not found", x_should_retry="false")
    call.require(f"read:batch:{batch.id}")
    return await _serve(call, batch.id, lambda: batch.runs)


async def _serve(call: Call, name: str, select: Select) -> object:
    """All rows at offset -1, later what changed; a live request waits for that.

    Unknown handles and offsets are no error: all rows come again (recorded, native backend).
    """
    query, feeds = call.query, call.state.feeds
    offset = query.get("offset", "-1")
    handle = query.get("handle") or query.get("shape_id")
    handle, feed = feeds.open(name if offset == "-1" else handle or name, select)
    if query.get("live") == "true":
        await _until_changed(call, feed, offset)
    messages = _messages(call, feed, "" if offset == "-1" else offset)
    told = _headers(call, handle, feed.remember(call.world.now_ms))
    return Reply([*messages, UP_TO_DATE], 200, told)


async def _until_changed(call: Call, feed: Feed, offset: str) -> None:
    """Wait until a row is other than at the offset, or long enough."""
    due_ms = call.state.now_ms() + _HOLD_MS
    while not feed.changes(offset) and call.state.now_ms() < due_ms:
        await asyncio.sleep(_LOOK_S)
        call.state.catch_up()


def _messages(call: Call, feed: Feed, offset: str) -> list[dict[str, Any]]:
    skipped = set(call.query.get("skipColumns", "").split(","))
    now_ms = call.world.now_ms
    lost = call.query.get("live") == "true" and not feed.knows(offset)
    return [
        message("update" if lost else operation, run, now_ms, call.versioned, skipped)
        for operation, run in feed.changes(offset)
    ]


def _headers(call: Call, handle: str, offset: str) -> dict[str, str]:
    """Today's names with the protocol's version header, yesterday's without it (recorded)."""
    told = {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "*",
        "cache-control": "no-store",
    }
    today = "x-trigger-electric-version" in call.headers
    told["electric-offset" if today else "electric-chunk-last-offset"] = offset
    told["electric-handle" if today else "electric-shape-id"] = handle
    if call.query.get("live") == "true":
        told["electric-cursor"] = str(call.state.now_ms() // 1000)
    else:
        told["electric-schema"] = SCHEMA
    return told


ROUTES = [
    Route("GET", "/realtime/v1/runs/{run}", _run_feed, "public", cors=True, rate=None),
    Route("GET", "/realtime/v1/runs", _tag_feed, "public", cors=True, rate=None),
    Route("GET", "/realtime/v1/batches/{batch}", _batch_feed, "public", cors=True, rate=None),
]
