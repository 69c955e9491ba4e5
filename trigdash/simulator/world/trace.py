"""Traces: the spans and log lines of a run, generated from its journal and its seed on demand.

Nothing of a trace is stored. A span that began keeps its id, parent and start; it gets its end when
the run reaches it.
"""

from trigdash.simulator.world import content
from trigdash.simulator.world import runs as journal
from trigdash.simulator.world.attempts import attempts_of
from trigdash.simulator.world.ids import mix, span_id
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.spans import Span, attempt_spans, created_after_ms, step_span_id

_ENGINE = {
    journal.QUEUED: "QUEUED - Run was QUEUED",
    journal.DEQUEUED: "PENDING_EXECUTING - Run was dequeued for execution",
    journal.STARTED: "EXECUTING - Attempt created, starting execution",
    journal.RETRY_SOON: "EXECUTING - Attempt failed with a short delay, starting a new attempt",
    journal.RETRY_LATER: "QUEUED - Requeued the run after a failure",
    journal.BLOCKED: "EXECUTING_WITH_WAITPOINTS - Run was blocked by a waitpoint.",
    journal.SUSPENDED: "SUSPENDED - Run was suspended after creating a checkpoint.",
    journal.CONTINUED: "EXECUTING - Run was continued, whilst still executing.",
    journal.REQUEUED: "QUEUED - Run was QUEUED, because all waitpoints are completed",
    journal.RESUMED: "EXECUTING - Run was continued after being suspended",
    journal.CANCEL_ASKED: "PENDING_CANCEL - Run was cancelled",
    journal.CANCELED: "FINISHED - Run was cancelled, not finished",
}
_FINISHED = {
    "COMPLETED_SUCCESSFULLY": "FINISHED - Task completed successfully",
    "COMPLETED_WITH_ERRORS": "FINISHED - Run failed",
}
# The worker of a development environment polls every few seconds (recorded).
_SUBSCRIBED = "run:subscribe received by platform"
_UNSUBSCRIBED = "run:unsubscribe received by platform"
_ASKS_EACH_MS = (900, 9_000)
_MOST_ASKED = 2_000


def spans_of(run: Run, now_ms: int) -> list[Span]:
    """The run's own spans and lines, without those of its children, by start."""
    root = _root(run)
    spans = [root, *_engine_lines(run, root)]
    if run.env.type == "DEVELOPMENT":
        spans.extend(_platform_lines(run, root, now_ms))
    for attempt in attempts_of(run):
        spans.extend(attempt_spans(run, attempt, root, now_ms))
    if root.end_ms is not None and run.status != "TIMED_OUT":
        _close_open(spans, root)
    spans[1:] = sorted(spans[1:], key=lambda span: span.start_ms)
    return spans


def family(run: Run) -> list[Run]:
    """The run and its descendants that share its trace."""
    members = [run]
    for member in members:
        members.extend(child for child in member.children or () if child.in_parents_trace)
    return members


def _root(run: Run) -> Span:
    parent_id = None
    if run.parent is not None and run.in_parents_trace:
        parent_id = step_span_id(run.parent, run.anchor >> 8, run.anchor & 0xFF)
    span = Span(
        run.span_id, parent_id, run, run.task_id, run.created_ms, None,
        style={"icon": "task", "variant": "primary"},
    )  # fmt: skip
    if run.is_final and not _still_stopping(run):
        span.end_ms = run.finished_ms or run.updated_ms
        span.is_canceled = run.status == "CANCELED"
        span.is_error = run.status not in {"CANCELED", "COMPLETED_SUCCESSFULLY"}
        error = content.error(run)
        if span.is_error and error is not None:
            span.properties = {"error": error}
    return span


def _still_stopping(run: Run) -> bool:
    """A canceled run whose worker has not stopped: its spans stay open until then (recorded)."""
    asked = any(entry & 0xFF == journal.CANCEL_ASKED for entry in run.journal)
    return asked and run.finished_ms is None


def _engine_lines(run: Run, root: Span) -> list[Span]:
    entries = run.entries()
    lines = [
        _line(run, root, 900, number, f"[engine] {_ENGINE[kind]}", _told_ms(entries, number))
        for number, (_, kind, _) in enumerate(entries)
        if kind in _ENGINE
    ]
    finished = _FINISHED.get(run.status)
    if finished is not None and run.in_parents_trace and run.finished_ms is not None:
        lines.append(_line(run, root, 901, 0, f"[engine] {finished}", run.finished_ms))
    return lines


def _told_ms(entries: list[tuple[int, int, int]], number: int) -> int:
    """When the engine logged an entry. An attempt is created long before its process runs."""
    time_ms, kind, argument = entries[number]
    first = kind == journal.STARTED and argument == 1
    if first and number and entries[number - 1][1] == journal.DEQUEUED:
        dequeued_ms = entries[number - 1][0]
        return dequeued_ms + created_after_ms(time_ms - dequeued_ms)
    return time_ms + 3


def _line(run: Run, root: Span, group: int, number: int, text: str, time_ms: int) -> Span:
    """A line of the platform, not of the task: DEBUG, 100 ns long, without an attempt."""
    name = span_id(run.seed, group, number)
    return Span(name, root.id, run, text, time_ms, time_ms, "DEBUG", engine=True)


def _platform_lines(run: Run, root: Span, now_ms: int) -> list[Span]:
    """The polls of a development worker from the dequeue to the end (recorded)."""
    if run.started_ms is None:
        return []
    lines: list[Span] = []
    last_ms = now_ms if root.end_ms is None else root.end_ms
    low, high = _ASKS_EACH_MS
    time_ms = run.started_ms + 300
    while time_ms < last_ms and len(lines) < _MOST_ASKED:
        lines.append(_line(run, root, 902, len(lines), _SUBSCRIBED, time_ms))
        time_ms += low + mix(run.seed, 903, len(lines)) % (high - low)
    if root.end_ms is not None:
        lines.append(_line(run, root, 904, 0, _UNSUBSCRIBED, root.end_ms))
    return lines


def _close_open(spans: list[Span], root: Span) -> None:
    """Close the spans under a closed root, as canceled if it is (the ancestor rule)."""
    for span in spans:
        if span.end_ms is None:
            span.end_ms = max(span.start_ms, root.end_ms or 0)
            span.is_canceled = root.is_canceled and not span.is_error


__all__ = ["Span", "family", "spans_of"]
