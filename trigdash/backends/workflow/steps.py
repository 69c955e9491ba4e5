"""Steps as spans: the trace, the log and the span that the screens already support. They have the
form of Trigger.dev's API, so that there is one reader of traces and one of logs. A span's message
is the step's id, which a restart needs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from trigdash.backends.workflow.answers import DetailAnswer, Step
from trigdash.model.event import EventLog, parse_events
from trigdash.model.span import SpanDetail, parse_span
from trigdash.model.status import status
from trigdash.model.trace import Trace, parse_trace

Json = dict[str, Any]

LONGEST_MS = 100 * 366 * 86_400_000
"""A hundred years: the end of a longer step could not be represented as a date."""


def steps_trace(run: DetailAnswer) -> Trace:
    """The steps on the run's own time axis, below one span for the workflow."""
    root = run_span_id(run.id)
    begin = run.started_at or run.created_at
    final = status(run.status).is_final
    end = run.completed_at or begin
    span = {
        "id": root,
        "runId": run.id,
        "data": {
            "message": run.workflow_id,
            "startTime": _iso(begin),
            "duration": _nanoseconds(end - begin) if final else 0,
            "isError": status(run.status).kind.value in {"failed", "lapsed"},
            "isPartial": not final,
            "isCancelled": run.status == "cancelled",
            "level": "TRACE",
            "events": [],
        },
        "children": [
            {
                "id": step_span_id(run.id, number, step),
                "parentId": root,
                "runId": run.id,
                "data": _span_data(step, when) | {"startTime": _iso(when)},
                "children": [],
            }
            for number, step, when in _placed(run.step_results, begin)
        ],
    }
    trace = {"traceId": root * 2, "isTruncated": False, "rootSpan": span}
    return parse_trace(json.dumps({"trace": trace}).encode())


def steps_log(run_id: str, steps: Sequence[Step], begin: datetime) -> EventLog:
    """The steps as the entries of a log."""
    entries = [
        _span_data(step, when)
        | {
            "spanId": step_span_id(run_id, number, step),
            "parentId": run_span_id(run_id),
            "runId": run_id,
            "style": {},
            "startTime": str(int(when.timestamp() * 1_000) * 1_000_000),
            "kind": "INTERNAL",
        }
        for number, step, when in _placed(steps, begin)
    ]
    return parse_events(json.dumps({"events": entries}).encode())


def step_detail(run: DetailAnswer, span_id: str) -> SpanDetail | None:
    """The step of a span with its input, output and error; None for any other span."""
    for number, step, when in _placed(run.step_results, run.started_at or run.created_at):
        if step_span_id(run.id, number, step) == span_id:
            return _detail(run, step, when, span_id)
    if span_id == run_span_id(run.id):
        return _run_detail(run, span_id)
    return None


def run_span_id(run_id: str) -> str:
    """The id of the run's span."""
    return sha256(run_id.encode()).hexdigest()[:16]


def step_span_id(run_id: str, number: int, step: Step) -> str:
    """The id of a step's span, which is the same in each poll."""
    return sha256(f"{run_id}/{number}/{step.step_id}".encode()).hexdigest()[:16]


def _placed(steps: Sequence[Step], begin: datetime) -> list[tuple[int, Step, datetime]]:
    """Number, step and start. A step without a start (a skipped one) is placed at the end of the
    previous one."""
    placed = []
    for number, step in enumerate(steps):
        when = step.started_at or begin
        placed.append((number, step, when))
        length_ms = min(max(step.duration_ms, 0), LONGEST_MS)
        begin = step.completed_at or when + timedelta(milliseconds=length_ms)
    return placed


def _span_data(step: Step, when: datetime) -> Json:
    failed = step.status == "error"
    level = "TRACE" if step.status != "skipped" else "DEBUG"
    data: Json = {
        "message": step.step_id,
        "duration": step.duration_ms * 1_000_000,
        "isError": failed,
        "isPartial": step.status not in {"success", "error", "skipped"},
        "isCancelled": False,
        "level": level,
        "events": [],
        "attemptNumber": step.attempt,
    }
    if step.error:
        told = {"type": step.error.code, "message": step.error.message}
        at = step.completed_at or when
        data["events"] = [
            {"name": "exception", "time": _iso(at), "properties": {"exception": told}}
        ]
    return data


def _detail(run: DetailAnswer, step: Step, when: datetime, span_id: str) -> SpanDetail:
    data = _span_data(step, when)
    properties: Json = {"status": step.status, "attempt": step.attempt, "input": step.input}
    properties["output"] = step.output
    return _span(run, span_id, data, when, properties | {"parentId": run_span_id(run.id)})


def _run_detail(run: DetailAnswer, span_id: str) -> SpanDetail:
    data: Json = {"message": run.workflow_id, "duration": (run.duration_ms or 0) * 1_000_000}
    properties = {"status": run.status, "trigger": run.trigger_type, "input": run.input}
    return _span(run, span_id, data, run.started_at or run.created_at, properties)


def _span(
    run: DetailAnswer, span_id: str, data: Json, when: datetime, properties: Json
) -> SpanDetail:
    body = data | {
        "spanId": span_id,
        "parentId": properties.pop("parentId", None),
        "runId": run.id,
        "startTime": _iso(when),
        "durationMs": data["duration"] / 1e6,
        "entityType": "step",
        "properties": properties,
    }
    return parse_span(json.dumps(body).encode())


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _nanoseconds(span: timedelta) -> int:
    return max(0, span // timedelta(microseconds=1)) * 1_000
