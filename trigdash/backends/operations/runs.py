"""Runs: additions of servers from 4.7.4 on, such as a replay with changes and a paged trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from trigdash.backends.operation import PROJECT, Credential, Effect, Operation, cursor_page
from trigdash.backends.operations.shapes import sent
from trigdash.model.capability import Capability
from trigdash.model.listing import Listing
from trigdash.model.run import parse_triggered_run
from trigdash.model.run_page import parse_runs
from trigdash.model.run_row import RunRow
from trigdash.model.trace_pages import TracePage, parse_trace_page
from trigdash.model.wire import Wire, parse

PAGE_SPANS = 10_000
"""The most spans of a page of a trace."""


class _Packet(Wire):
    presigned_url: str


_PACKET = TypeAdapter(_Packet)
_DASHBOARDS = TypeAdapter(dict[str, Any])


def replay_run(run_id: str, changes: Mapping[str, Any]) -> Operation[str]:
    """Start a run again with changes, and return the new run's id. Omitted parts stay as they were.
    With an idempotency key, repeating the request returns the same run, so it is safe to send
    again."""
    effect = Effect.REPEATABLE if "idempotencyKey" in changes else Effect.ONCE
    path = ("v1", "runs", run_id, "replay")
    return sent(Capability.REPLAY, path, dict(changes), _id, effect=effect)


def _id(body: bytes) -> str:
    return parse_triggered_run(body).id


def project_runs(environment: str, after: str | None) -> Operation[Listing[RunRow]]:
    """A page of the runs of one environment, by its slug or the name of its branch. Recorded: of
    several environments only the first is listed, and none or an unknown one is a 500."""
    return Operation(
        Capability.PROJECT_RUNS,
        ("v1", "projects", PROJECT, "runs"),
        _runs,
        params=(("filter[env]", environment), *cursor_page(after)),
        credential=Credential.PERSON,
    )


def _runs(body: bytes) -> Listing[RunRow]:
    page = parse_runs(body)
    return Listing(page.rows, page.next, unreadable=len(page.odd), is_cut=page.is_cut)


def trace_page(run_id: str, after: str | None) -> Operation[TracePage | None]:
    """A page of the trace of a root run, after a cursor (from 4.7.4 on). None from a server without
    pages, which ignores the parameters and sends the tree again."""
    path = ("v1", "runs", run_id, "trace")
    params = cursor_page(after, PAGE_SPANS)
    return Operation(Capability.TRACE, path, parse_trace_page, params=params)


def packet_address(run_id: str, part: str) -> Operation[str]:
    """A new address of a payload or output that is stored separately (from 4.6.2 on). NotFound if
    it is stored with the run, if the run does not exist, and from an older server."""
    path = ("v1", "runs", run_id, "packets", part)
    return Operation(Capability.RELATED, path, _presigned)


def _presigned(body: bytes) -> str:
    return parse(_PACKET, body).presigned_url


def takes_replay_changes() -> Operation[bool]:
    """Whether the server reads the body of a replay. An older one answers 200 and ignores the
    changes. A server of 4.7.5 or later returns the type of its dashboards."""
    return Operation(Capability.QUERY, ("v1", "query", "dashboards"), _has_types)


def _has_types(body: bytes) -> bool:
    listed = parse(_DASHBOARDS, body).get("dashboards")
    rows = listed if isinstance(listed, list) else []
    return any(isinstance(row, dict) and "type" in row for row in rows)
