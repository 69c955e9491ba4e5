"""Traces as the API shows them, in the two dialects of the two event stores.

ClickHouse (the cloud): durations in nanoseconds, engine lines, `isTruncated`. Postgres (self-hosted
by default): trace durations in milliseconds, `taskSlug` and `properties`, no engine lines, and
span durations a millionth of the truth (all recorded).
"""

from typing import Any

from trigdash.simulator.world import content
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.spans import Span, exception_event
from trigdash.simulator.world.texts import iso
from trigdash.simulator.world.trace import family, spans_of

CLICKHOUSE_RECORDS = 5_000
POSTGRES_RECORDS = 10_000
# The record that closes a root carries the creation time; one older than this is replaced by the
# time of writing, so that the root seems to have taken no time at all.
START_MAX_AGE_MS = 300_000
MESSAGE_LENGTH = 256
"""Traces cut messages to this length; single spans and events do not."""
_SHOWN_TRIGGERED = 50


def duration_ms(span: Span) -> int:
    """How long a span took according to ClickHouse; 0 while it is open."""
    if span.end_ms is None:
        return 0
    length_ms = span.end_ms - span.start_ms
    if span.id == span.run.span_id and length_ms > START_MAX_AGE_MS:
        return 0
    return length_ms


def trace(run: Run, now_ms: int, store: str) -> dict[str, Any]:
    """The tree below the run's own span, its descendants' spans included."""
    postgres = store == "postgres"
    spans = [span for member in family(run) for span in spans_of(member, now_ms)]
    if postgres:
        spans = [span for span in spans if not span.engine]
        _postgres_events(spans)
    root_id = run.span_id
    spans.sort(key=lambda span: (span.id != root_id, _place(span, postgres)))
    kept, truncated = _fit(spans, POSTGRES_RECORDS if postgres else CLICKHOUSE_RECORDS)
    nodes = {span.id: _node(span, postgres) for span in kept}
    for span in kept:
        above = nodes.get(span.parent_id or "")
        if span.id != root_id and above is not None:
            above["children"].append(nodes[span.id])
    body: dict[str, Any] = {"traceId": run.trace_id, "rootSpan": nodes[root_id]}
    if not postgres:
        body["isTruncated"] = truncated
    return {"trace": body}


def _place(span: Span, postgres: bool) -> int:
    """By the first record: a first attempt comes before lines that are older than it (recorded)."""
    return span.start_ms if postgres or span.heard_ms is None else span.heard_ms


def _fit(spans: list[Span], records: int) -> tuple[list[Span], bool]:
    for place, span in enumerate(spans):
        records -= span.records
        if records < 0:
            return spans[:place], True
    return spans, False


def _node(span: Span, postgres: bool) -> dict[str, Any]:
    node: dict[str, Any] = {"id": span.id}
    if span.parent_id is not None:
        node["parentId"] = span.parent_id
    node["runId"] = span.run.id
    node["data"] = _postgres_data(span) if postgres else _clickhouse_data(span)
    node["children"] = []
    return node


def _clickhouse_data(span: Span) -> dict[str, Any]:
    data: dict[str, Any] = {
        "message": span.message[:MESSAGE_LENGTH],
        "duration": 100 if span.engine else duration_ms(span) * 1_000_000,
        "isError": span.is_error,
        "isPartial": span.end_ms is None,
        "isCancelled": span.is_canceled,
        "startTime": iso(span.start_ms),
        "level": span.level,
        "events": span.events,
    }
    if span.attempt is not None:
        data["attemptNumber"] = span.attempt
    return data


def _postgres_data(span: Span) -> dict[str, Any]:
    length_ms = 0 if span.end_ms is None else span.end_ms - span.start_ms
    data: dict[str, Any] = {
        "message": span.message[:MESSAGE_LENGTH],
        "taskSlug": span.run.task_id,
        "events": span.events,
        "startTime": iso(span.start_ms),
        "duration": length_ms,
        "isError": span.is_error,
        "isPartial": span.end_ms is None,
        "isCancelled": span.is_canceled,
        "level": span.level,
    }
    if span.properties and span.is_log:
        data["properties"] = span.properties
    return data


def _postgres_events(spans: list[Span]) -> None:
    """Postgres keeps the reason on the run's own span: the error, or who canceled."""
    for span in spans:
        if span.id != span.run.span_id or span.end_ms is None:
            continue
        error = content.error(span.run) or {"message": "Cancelled"}
        if span.is_error:
            span.events = [exception_event(error, span.end_ms)]
        elif span.is_canceled:
            properties = {"reason": error["message"]}
            span.events = [
                {"name": "cancellation", "time": iso(span.end_ms), "properties": properties}
            ]


def events(run: Run, now_ms: int, store: str) -> dict[str, Any]:
    """The run's own spans and lines as a flat list, without the engine's."""
    spans = [span for span in spans_of(run, now_ms) if not span.engine]
    if store == "postgres":
        _postgres_events(spans)
        closed = [span for span in spans if span.end_ms is not None]
        return {"events": [_postgres_event(span) for span in closed[::2] + closed[1::2]]}
    return {"events": [_event(span) for span in spans]}


def _event(span: Span) -> dict[str, Any]:
    return {
        "spanId": span.id,
        "parentId": span.parent_id,
        "runId": span.run.id,
        "message": span.message,
        "style": span.style,
        "events": span.events,
        "startTime": str(span.start_ms * 1_000_000),
        "duration": duration_ms(span) * 1_000_000,
        "isError": span.is_error,
        "isPartial": span.end_ms is None,
        "isCancelled": span.is_canceled,
        "kind": "UNSPECIFIED",
        "attemptNumber": span.attempt,
        "level": span.level,
    }


def _postgres_event(span: Span) -> dict[str, Any]:
    length_ms = 0 if span.end_ms is None else span.end_ms - span.start_ms
    kind = "SERVER" if span.id == span.run.span_id else "INTERNAL"
    return {
        "spanId": span.id,
        "parentId": span.parent_id,
        "runId": span.run.id,
        "idempotencyKey": None,
        "message": span.message,
        "style": {},
        "startTime": str(span.start_ms * 1_000_000),
        "duration": length_ms * 1_000_000,
        "isError": span.is_error,
        "isPartial": False,
        "isCancelled": span.is_canceled,
        "kind": kind,
        "level": span.level,
        "events": span.events,
        "environmentType": span.run.env.type,
        "taskSlug": span.run.task_id,
        "attemptNumber": span.attempt,
    }


def span_detail(run: Run, span_id: str, now_ms: int, store: str) -> dict[str, Any] | None:
    """One span with its properties; None when the run has no such span."""
    span = next((each for each in spans_of(run, now_ms) if each.id == span_id), None)
    if span is None:
        return None
    length = duration_ms(span) if store == "clickhouse" else duration_ms(span) / 1_000_000
    body: dict[str, Any] = {
        "spanId": span.id,
        "parentId": span.parent_id,
        "runId": run.id,
        "message": span.message,
        "isError": span.is_error,
        "isPartial": span.end_ms is None,
        "isCancelled": span.is_canceled,
        "level": span.level,
        "startTime": iso(span.start_ms),
        "durationMs": 0.0001 if span.engine else length,
    }
    if span.properties:
        body["properties"] = span.properties
    if span.events:
        body["events"] = span.events
    if span.entity is not None:
        body["entityType"] = span.entity
    if span.ai is not None:
        body["ai"] = span.ai
    if span.triggered:
        body["triggeredRuns"] = [_triggered(child) for child in span.triggered[:_SHOWN_TRIGGERED]]
    return body


def _triggered(run: Run) -> dict[str, str]:
    """A triggered run; its status is always the server's own (recorded)."""
    return {
        "runId": run.id,
        "taskIdentifier": run.task_id,
        "status": run.status,
        "createdAt": iso(run.created_ms),
    }
