"""Traces: the spans and log lines of a run, drawn from its journal and its seed when asked for.

Nothing of a trace is stored. A span that has begun keeps its id, place and start for ever; it gets
its end when the run has come that far.
"""

from dataclasses import dataclass, field
from typing import Any

from trigdash.simulator import content
from trigdash.simulator import runs as journal
from trigdash.simulator.durations import iso
from trigdash.simulator.ids import mix, span_id
from trigdash.simulator.runs import Run
from trigdash.simulator.steps import Placed, lay_out

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
_ENDS_WORK = {
    journal.BLOCKED,
    journal.FAILED,
    journal.ENDED,
    journal.CANCEL_ASKED,
    journal.CANCELED,
}
_BEGINS_WORK = {journal.STARTED, journal.CONTINUED, journal.RESUMED}
_BLOCKING = frozenset({"wait", "token", "child", "batch"})
_STYLES: dict[str, dict[str, Any]] = {
    "db": {"icon": "database"},
    "http": {"icon": "tabler-world"},
    "span": {"icon": "trace"},
    "wait": {"icon": "wait"},
    "token": {"icon": "wait"},
    "child": {"icon": "trigger"},
    "batch": {"icon": "trigger"},
    "fire": {"icon": "trigger"},
}


@dataclass(slots=True)
class Span:
    """A span or a log line; `end_ms` is None while it is open, `engine` marks the engine's."""

    id: str
    parent_id: str | None
    run: Run
    message: str
    start_ms: int
    end_ms: int | None
    level: str = "TRACE"
    is_error: bool = False
    is_cancelled: bool = False
    attempt: int | None = None
    engine: bool = False
    style: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    entity: str | None = None
    ai: dict[str, Any] | None = None
    triggered: list[Run] = field(default_factory=list)

    @property
    def is_log(self) -> bool:
        return self.level != "TRACE" and not self.engine

    @property
    def records(self) -> int:
        """How many records the store holds for it: a start and an end, or one line."""
        return 1 if self.engine or self.is_log or self.end_ms is None else 2


@dataclass(slots=True)
class Attempt:
    """One attempt as the journal tells it: when it worked, and how it ended."""

    number: int
    start_ms: int
    worked: list[tuple[int, int | None]] = field(default_factory=list)
    end_ms: int | None = None
    error: int | str | None = None
    retry_until_ms: int | None = None
    retried: bool = False

    def active_ms(self, now_ms: int) -> int:
        return sum((now_ms if end is None else end) - start for start, end in self.worked)

    def starts_at(self, offset_ms: int) -> int | None:
        """The wall time at which some amount of compute was exceeded."""
        for start, end in self.worked:
            if end is None or offset_ms < end - start:
                return start + offset_ms
            offset_ms -= end - start
        return self.end_ms

    def ends_at(self, offset_ms: int) -> int | None:
        """The wall time at which some amount of compute was reached."""
        for start, end in self.worked:
            if end is None or offset_ms <= end - start:
                return start + offset_ms
            offset_ms -= end - start
        return self.end_ms


def attempts_of(run: Run) -> list[Attempt]:
    """The attempts that a run's journal tells of."""
    attempts: list[Attempt] = []
    for time_ms, kind, argument in run.entries():
        current = attempts[-1] if attempts else None
        if kind == journal.STARTED:
            if current is not None and current.retried:
                current.retry_until_ms = time_ms
            attempts.append(Attempt(argument, time_ms, [(time_ms, None)]))
        elif current is None:
            continue
        elif kind in _BEGINS_WORK:
            current.worked.append((time_ms, None))
        elif kind in _ENDS_WORK:
            if current.worked[-1][1] is None:
                current.worked[-1] = (current.worked[-1][0], time_ms)
            if kind == journal.FAILED:
                current.error, current.end_ms = argument, time_ms
            elif kind == journal.ENDED and current.end_ms is None:
                current.end_ms = time_ms
                current.error = run.error
        elif kind in {journal.RETRY_SOON, journal.RETRY_LATER}:
            current.retried = True
    return attempts


def spans_of(run: Run, now_ms: int) -> list[Span]:
    """The run's own spans and lines, without those of its children, by start."""
    root = _root(run)
    spans = [root, *_engine_lines(run, root)]
    for attempt in attempts_of(run):
        spans.extend(_attempt_spans(run, attempt, root, now_ms))
    if root.end_ms is not None:
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
        span.is_cancelled = run.status == "CANCELED"
        span.is_error = run.status not in {"CANCELED", "COMPLETED_SUCCESSFULLY"}
        error = content.error(run)
        if span.is_error and error is not None:
            span.properties = {"error": error}
    return span


def _still_stopping(run: Run) -> bool:
    """A cancelled run whose worker has not stopped: its spans stay open until then (recorded)."""
    asked = any(entry & 0xFF == journal.CANCEL_ASKED for entry in run.journal)
    return asked and run.finished_ms is None


def _engine_lines(run: Run, root: Span) -> list[Span]:
    return [
        Span(
            span_id(run.seed, 900, number),
            root.id,
            run,
            f"[engine] {_ENGINE[kind]}",
            time_ms + 3,
            time_ms + 3,
            "DEBUG",
            engine=True,
        )
        for number, (time_ms, kind, _) in enumerate(run.entries())
        if kind in _ENGINE
    ]


def _attempt_spans(run: Run, attempt: Attempt, root: Span, now_ms: int) -> list[Span]:
    number = attempt.number
    file = run.task.file if run.task else "src/trigger/task.ts"
    codepath = {"style": "codepath", "items": [{"text": file}, {"text": f"{run.task_id}"}]}
    failed = attempt.error is not None
    outer = Span(
        span_id(run.seed, number, 1000), root.id, run, f"Attempt {number}",
        _within(attempt, attempt.start_ms + 14), attempt.end_ms, is_error=failed, attempt=number,
        style={"icon": "attempt", "accessory": codepath},
        properties={"warm_start": number > 1}, entity="attempt",
    )  # fmt: skip
    inner = Span(
        span_id(run.seed, number, 1001), outer.id, run, "run()",
        _within(attempt, attempt.start_ms + 24), attempt.end_ms, is_error=failed, attempt=number,
        style={"icon": "task-fn-run"},
    )  # fmt: skip
    spans = [outer, inner, *_step_spans(run, attempt, inner, now_ms)]
    if failed:
        _explain(run, attempt, spans)
    if attempt.retried:
        spans.append(
            Span(
                span_id(run.seed, number, 1002),
                root.id,
                run,
                f"Retry #{number} delay",
                attempt.end_ms or attempt.start_ms,
                attempt.retry_until_ms,
                style={"icon": "play"},
            )
        )
    return spans


def _within(attempt: Attempt, time_ms: int) -> int:
    return time_ms if attempt.end_ms is None else min(time_ms, attempt.end_ms)


def step_span_id(run: Run, attempt: int, index: int) -> str:
    """The span of one step of an attempt."""
    return span_id(run.seed, attempt, 2000 + index)


def _step_spans(run: Run, attempt: Attempt, inner: Span, now_ms: int) -> list[Span]:
    """The steps that the attempt has come to."""
    if run.task is None:
        return []
    plan = run.plan if attempt.number == run.attempt else None
    fails = isinstance(attempt.error, int) if plan is None else plan.ends == "error"
    total_ms = attempt.active_ms(now_ms) if plan is None else plan.total_ms
    reached_ms = attempt.active_ms(now_ms)
    spans: list[Span] = []
    blocks = 0
    for placed in lay_out(run.task.steps, run.seed, attempt.number, total_ms, fails):
        if placed.start_ms > reached_ms:
            continue
        pause = None
        if placed.step.kind in _BLOCKING:
            if blocks >= len(attempt.worked) or attempt.worked[blocks][1] is None:
                continue
            begin = attempt.worked[blocks][1]
            end = attempt.worked[blocks + 1][0] if blocks + 1 < len(attempt.worked) else None
            pause = (begin or 0, end)
            blocks += 1
        spans.append(_step_span(run, attempt, placed, inner, reached_ms, pause))
    return spans


def _step_span(
    run: Run, attempt: Attempt, placed: Placed, inner: Span, reached_ms: int,
    pause: tuple[int, int | None] | None,
) -> Span:  # fmt: skip
    step = placed.step
    if pause is not None:
        start_ms, end_ms = pause
    else:
        start_ms = attempt.starts_at(placed.start_ms) or attempt.start_ms
        end_ms = attempt.ends_at(placed.end_ms) if placed.end_ms <= reached_ms else attempt.end_ms
    start_ms = max(start_ms, inner.start_ms)
    is_log = step.kind == "log"
    parent = inner.id if placed.inside is None else step_span_id(run, attempt.number, placed.inside)
    span = Span(
        step_span_id(run, attempt.number, placed.index), parent, run, step.text, start_ms,
        start_ms if is_log else (None if end_ms is None else max(end_ms, start_ms)),
        step.level, is_error=placed.failed and attempt.error is not None, attempt=attempt.number,
        style=_STYLES.get(step.kind, {}), properties=dict(step.attributes),
    )  # fmt: skip
    if step.kind in {"wait", "token"}:
        span.entity = "waitpoint"
    elif step.kind == "ai":
        _tell_of_model(span, mix(run.seed, attempt.number, placed.index))
    elif step.kind in {"child", "batch", "fire"}:
        anchor = attempt.number << 8 | placed.index
        span.triggered = [child for child in run.children or () if child.anchor == anchor]
    return span


def _tell_of_model(span: Span, seed: int) -> None:
    model = str(span.properties.get("model"))
    tokens_in, tokens_out = 120 + seed % 900, 20 + seed % 380
    duration_ms = 0 if span.end_ms is None else span.end_ms - span.start_ms
    pills = [
        {"text": model, "icon": "tabler-cube"},
        {"text": str(tokens_in + tokens_out), "icon": "tabler-hash"},
    ]
    span.style = {"icon": "ai-provider-openai", "accessory": {"style": "pills", "items": pills}}
    span.ai = {
        "model": model, "provider": "openai", "operationName": "ai.generateText.doGenerate",
        "inputTokens": tokens_in, "outputTokens": tokens_out, "totalTokens": tokens_in + tokens_out,
        "inputCost": tokens_in * 1.5e-7, "outputCost": tokens_out * 6e-7,
        "totalCost": tokens_in * 1.5e-7 + tokens_out * 6e-7, "durationMs": duration_ms,
        "finishReason": "stop",
    }  # fmt: skip
    span.properties = {"gen_ai": {"request": {"model": model}, "system": "openai"}}


def _explain(run: Run, attempt: Attempt, spans: list[Span]) -> None:
    """Put the error on the attempt, on `run()` and on the step that threw, and log it there."""
    error = content.error(run, attempt.error) or {"message": "unknown"}
    end_ms = attempt.end_ms or attempt.start_ms
    event = exception_event(error, end_ms)
    broken = [span for span in spans if span.is_error]
    for span in broken:
        span.events = [event]
    for span in spans[:2]:
        span.properties = {**span.properties, "error": error}
    where = broken[-1] if isinstance(attempt.error, int) else spans[1]
    spans.append(
        Span(
            span_id(run.seed, attempt.number, 1003),
            where.id,
            run,
            error["message"][:256],
            end_ms,
            end_ms,
            "ERROR",
            is_error=True,
            attempt=attempt.number,
            properties={"error": {k: v for k, v in error.items() if k != "stackTrace"}},
        )
    )


def exception_event(error: dict[str, str], time_ms: int) -> dict[str, Any]:
    """The span event of an error (recorded)."""
    exception = {"message": error["message"]}
    if "name" in error:
        exception = {"type": error["name"], **exception}
    if "stackTrace" in error:
        exception["stacktrace"] = error["stackTrace"]
    return {"name": "exception", "time": iso(time_ms), "properties": {"exception": exception}}


def _close_open(spans: list[Span], root: Span) -> None:
    """Spans still open under a closed root end with it, cancelled if it is (the ancestor rule)."""
    for span in spans:
        if span.end_ms is None:
            span.end_ms = max(span.start_ms, root.end_ms or 0)
            span.is_cancelled = root.is_cancelled and not span.is_error
