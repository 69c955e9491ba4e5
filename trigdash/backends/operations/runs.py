"""Runs: a replay with changes (from server 4.7.4 on), and how to tell who takes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from trigdash.backends.operation import Effect, Operation
from trigdash.backends.operations.shapes import sent
from trigdash.model.capability import Capability
from trigdash.model.run import parse_triggered_run
from trigdash.model.wire import parse

_DASHBOARDS = TypeAdapter(dict[str, Any])


def replay_run(run_id: str, changes: Mapping[str, Any]) -> Operation[str]:
    """Start a run again with changes; the new run's id. What is left out stays as it was. With an
    idempotency key the same request gives the same run, so that it may be sent again."""
    effect = Effect.REPEATABLE if "idempotencyKey" in changes else Effect.ONCE
    path = ("v1", "runs", run_id, "replay")
    return sent(Capability.REPLAY, path, dict(changes), _id, effect=effect)


def _id(body: bytes) -> str:
    return parse_triggered_run(body).id


def takes_replay_changes() -> Operation[bool]:
    """Whether the server reads the body of a replay. An older one answers 200 and drops the
    changes. A server of 4.7.5 or later tells the type of its dashboards."""
    return Operation(Capability.QUERY, ("v1", "query", "dashboards"), _has_types)


def _has_types(body: bytes) -> bool:
    listed = parse(_DASHBOARDS, body).get("dashboards")
    rows = listed if isinstance(listed, list) else []
    return any(isinstance(row, dict) and "type" in row for row in rows)
