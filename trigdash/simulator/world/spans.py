"""Spans and log lines, and those of one attempt: the steps that it has reached."""

import re
from dataclasses import dataclass, field
from typing import Any

from trigdash.simulator.world import content
from trigdash.simulator.world.attempts import Attempt
from trigdash.simulator.world.ids import mix, span_id
from trigdash.simulator.world.plan import broken_step, whole_ms
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.steps import Placed, lay_out
from trigdash.simulator.world.texts import iso

_BLOCKING = frozenset({"wait", "token", "child", "batch"})
_HTTP_STATUS = re.compile(r"\b[45]\d\d\b")
# How attempts end before their time.
_ENDS = {"CRASHED": "crash", "TIMED_OUT": "timeout", "SYSTEM_FAILURE": "system"}
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
    """A span or a log line. `end_ms` is None while it is open; `engine` marks platform lines."""

    id: str
    parent_id: str | None
    run: Run
    message: str
    start_ms: int
    end_ms: int | None
    level: str = "TRACE"
    is_error: bool = False
    is_canceled: bool = False
    attempt: int | None = None
    engine: bool = False
    style: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    entity: str | None = None
    ai: dict[str, Any] | None = None
    triggered: list[Run] = field(default_factory=list)
    # When the store first recorded it, if before its start: this orders a trace.
    heard_ms: int | None = None

    @property
    def is_log(self) -> bool:
        return self.level != "TRACE" and not self.engine

    @property
    def records(self) -> int:
        """How many records the store holds for it: a start and an end, or one line."""
        return 1 if self.engine or self.is_log or self.end_ms is None else 2


def attempt_spans(run: Run, attempt: Attempt, root: Span, now_ms: int) -> list[Span]:
    number = attempt.number
    file = run.task.file if run.task else "src/trigger/task.ts"
    codepath = {"style": "codepath", "items": [{"text": file}, {"text": f"{run.task_id}"}]}
    failed = attempt.error is not None
    outer = Span(
        span_id(run.seed, number, 1000), root.id, run, f"Attempt {number}",
        _within(attempt, attempt.start_ms + 14), attempt.end_ms, is_error=failed, attempt=number,
        style={"icon": "attempt", "accessory": codepath},
        properties={"warm_start": number > 1}, entity="attempt",
        events=_start_events(attempt, file) if number == 1 else [],
    )  # fmt: skip
    inner = Span(
        span_id(run.seed, number, 1001), outer.id, run, "run()",
        _within(attempt, attempt.start_ms + 24), attempt.end_ms, is_error=failed, attempt=number,
        style={"icon": "task-fn-run"},
    )  # fmt: skip
    if number == 1 and attempt.dequeued_ms is not None:
        outer.heard_ms = min(outer.start_ms, attempt.dequeued_ms + 10)
    spans = [outer, inner, *_step_spans(run, attempt, inner, now_ms)]
    if failed and run.status == "TIMED_OUT" and number == run.attempt:
        _leave_open(spans)
    elif failed:
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


_BOOT_SHARES = (("create_attempt", 0.22), ("fork", 0.6), ("bootstrap", 0.13), ("import", 0.05))
"""What the time from the dequeuing to the start of the first attempt goes into."""


def created_after_ms(boot_ms: int) -> int:
    """How long after the dequeuing the engine has made the first attempt."""
    return int(boot_ms * _BOOT_SHARES[0][1])


def _start_events(attempt: Attempt, file: str) -> list[dict[str, Any]]:
    """What the start of a process consisted of; durations in milliseconds (recorded)."""
    if attempt.dequeued_ms is None:
        return []
    time_ms = attempt.dequeued_ms
    boot_ms = attempt.start_ms - time_ms
    events = [_start_event(time_ms, {"duration": 0, "event": "dequeue"})]
    for name, share in _BOOT_SHARES:
        properties: dict[str, Any] = {"duration": int(boot_ms * share), "event": name}
        if name == "import":
            built = file.removesuffix(".ts") + ".mjs"
            entry = {"entryPoint": f"/app/.trigger/app/build/{built}", "file": file}
            properties = entry | properties
        events.append(_start_event(time_ms, properties))
        time_ms += int(boot_ms * share)
    return events


def _start_event(time_ms: int, properties: dict[str, Any]) -> dict[str, Any]:
    return {"name": "trigger.dev/start", "time": iso(time_ms), "properties": properties}


def _leave_open(spans: list[Span]) -> None:
    """Open spans of a run that exceeded its maximum duration never end (recorded)."""
    last_ms = spans[0].end_ms
    for span in spans:
        if span.end_ms == last_ms and not span.is_log:
            span.end_ms, span.is_error = None, False


def _within(attempt: Attempt, time_ms: int) -> int:
    return time_ms if attempt.end_ms is None else min(time_ms, attempt.end_ms)


def step_span_id(run: Run, attempt: int, index: int) -> str:
    """The span of one step of an attempt."""
    return span_id(run.seed, attempt, 2000 + index)


def _step_spans(run: Run, attempt: Attempt, inner: Span, now_ms: int) -> list[Span]:
    """The steps that the attempt has reached."""
    if run.task is None:
        return []
    plan = run.plan if attempt.number == run.attempt else None
    error = attempt.error if plan is None else plan.error
    reached_ms = attempt.active_ms(now_ms)
    total_ms = _whole_ms(run, attempt, reached_ms) if plan is None else plan.whole_ms
    broken = broken_step(run, error)
    spans: list[Span] = []
    stops = 0
    for placed in lay_out(run.task.steps, run.seed, attempt.number, total_ms, broken):
        if placed.start_ms > reached_ms:
            continue
        pause = None
        if placed.step.kind in _BLOCKING:
            begin = attempt.worked[stops][1]
            if begin is None:
                break
            stops += 1
            resumed = stops < len(attempt.worked)
            pause = (begin, attempt.worked[stops][0] if resumed else None)
        spans.append(_step_span(run, attempt, placed, inner, reached_ms, stops, pause))
        if pause is not None and pause[1] is None:
            break
    return spans


def _whole_ms(run: Run, attempt: Attempt, reached_ms: int) -> int:
    """The compute time over which the body of an attempt that is over was spread."""
    ends = _ENDS.get(run.status)
    if ends is None or not isinstance(attempt.error, str):
        return reached_ms
    return whole_ms(run, attempt.number, reached_ms, ends)


def _step_span(
    run: Run, attempt: Attempt, placed: Placed, inner: Span, reached_ms: int, stops: int,
    pause: tuple[int, int | None] | None,
) -> Span:  # fmt: skip
    step = placed.step
    if pause is not None:
        start_ms, end_ms = pause
    else:
        start_ms = attempt.starts_at(placed.start_ms, stops)
        end_ms = attempt.ends_at(placed.end_ms) if placed.end_ms <= reached_ms else attempt.end_ms
    start_ms = max(start_ms, inner.start_ms)
    is_log = step.kind in {"log", "lines"}
    parent = inner.id if placed.inside is None else step_span_id(run, attempt.number, placed.inside)
    span = Span(
        step_span_id(run, attempt.number, placed.index), parent, run, _words(placed), start_ms,
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
        span.events = [*span.events, event]
    for span in spans[:2]:
        span.properties = {**span.properties, "error": error}
    where = broken[-1] if isinstance(attempt.error, int) else spans[1]
    if "http" in where.properties:
        where.properties = {**where.properties, "http": _answered(where, error["message"])}
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


def _answered(call: Span, message: str) -> dict[str, Any]:
    """The HTTP part of a failed call, with the status in its error if any."""
    request = {"request": call.properties["http"]["request"]}
    status = _HTTP_STATUS.search(message)
    return request | ({"response": {"status_code": int(status[0])}} if status else {})


def exception_event(error: dict[str, str], time_ms: int) -> dict[str, Any]:
    """The span event of an error (recorded)."""
    exception = {"message": error["message"]}
    if "name" in error:
        exception = {"type": error["name"], **exception}
    if "stackTrace" in error:
        exception["stacktrace"] = error["stackTrace"]
    return {"name": "exception", "time": iso(time_ms), "properties": {"exception": exception}}


def _words(placed: Placed) -> str:
    """A step's text; the lines of a step that has many are numbered."""
    text = placed.step.text
    return text if placed.number is None else f"{text} {placed.number}"
