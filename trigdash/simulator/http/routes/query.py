"""POST /api/v1/query and its two companions."""

import asyncio
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from trigdash.simulator import trql
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import invalid, json_body, type_name, want_object
from trigdash.simulator.http.routing import FORBIDDEN, Call, Route
from trigdash.simulator.http.tables import loaders
from trigdash.simulator.trql import catalog
from trigdash.simulator.world.environments import Environment

_CHUNK = 2_000
_SCOPES = ("organization", "project", "environment")


async def _query(call: Call) -> object:
    body = want_object(json_body(call.body))
    text = _text(body, "query")
    scope = _choice(body, "scope", _SCOPES, "environment")
    form = _choice(body, "format", ("json", "csv"), "json")
    given = [_optional(body, name) for name in ("period", "from", "to")]
    now = datetime.fromtimestamp(call.world.now_ms / 1000, UTC)
    window = trql.window_of(now, *given)
    try:
        plan = await asyncio.to_thread(trql.plan, text, window)
        _allow(call, scope, list(plan.reads))
        rows = await _rows(plan, loaders(call.world, _environments(call, scope)), window)
        answer = await asyncio.to_thread(
            trql.execute, plan, rows, now, "csv" if form == "csv" else "json"
        )
    except trql.QueryRefused as problem:
        raise Refusal(400, str(problem)) from None
    return {"format": answer.format, "results": answer.results}


async def _rows(
    plan: trql.QueryPlan, tables: dict[str, trql.Loader], window: trql.Window
) -> dict[str, list[trql.Row]]:
    """The rows that a plan reads, a few thousand at a time: others wait for the loop too."""
    found: dict[str, list[trql.Row]] = {}
    for name, rows in trql.fetch(plan, tables, window).items():
        found[name] = []
        while chunk := list(islice(rows, _CHUNK)):
            found[name] += chunk
            await asyncio.sleep(0)
    return found


def _environments(call: Call, scope: str) -> list[Environment]:
    """The organization has one project."""
    return [call.env] if scope == "environment" else list(call.world.environments.values())


def _allow(call: Call, scope: str, tables: list[str]) -> None:
    """A public token needs every table, and never sees beyond its environment."""
    if call.scopes is None:
        return
    if scope != "environment":
        raise Refusal(403, FORBIDDEN)
    for table in tables:
        call.require(f"read:query:{table}")


def _text(body: dict[str, Any], name: str) -> str:
    if name not in body:
        raise invalid("Required", name)
    if not isinstance(body[name], str):
        raise invalid(f"Expected string, received {type_name(body[name])}", name)
    return str(body[name])


def _optional(body: dict[str, Any], name: str) -> str | None:
    return None if body.get(name) is None else _text(body, name)


def _choice(body: dict[str, Any], name: str, choices: tuple[str, ...], default: str) -> str:
    value = body.get(name, default)
    if value not in choices:
        listed = " | ".join(f"'{choice}'" for choice in choices)
        raise invalid(f"Invalid enum value. Expected {listed}, received '{value}'", name)
    return str(value)


def _schema(call: Call) -> object:
    call.require("read:query")
    return catalog.schema()


ROUTES = [
    Route("POST", "/api/v1/query", _query, auth="public", cors=True, wrong_method=400),
    Route("GET", "/api/v1/query/schema", _schema, auth="public", cors=True),
]
