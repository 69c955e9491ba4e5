"""The life of a run as a line: delayed, queued, attempts, waits, the end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trigdash.model.attempts import Attempt, AttemptOutcome
from trigdash.model.moment import moment_of
from trigdash.model.span_event import SpanKind
from trigdash.model.status import Kind
from trigdash.presentation.cell import Cell, Piece, cell_width
from trigdash.presentation.units import duration

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.model.span_times import SpanTimes

Interval = tuple[int, int]
"""Start and end in nanoseconds."""

_TOLD_NS = 1_000_000
"""A wait shorter than a millisecond is not shown."""

_SOLID, _DASHED = "━", "╌"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stretch of a run's life. Times in nanoseconds."""

    words: str
    start_ns: int
    end_ns: int
    role: str
    is_solid: bool = False
    """Whether something was done; else it was waited for."""

    @property
    def length_ms(self) -> float:
        return max(self.end_ns - self.start_ns, 0) / 1e6


def waits_of(run_id: str, times: SpanTimes, now_ns: int) -> list[Interval]:
    """When a run waited for something, from its wait spans and the engine's lines. Recorded: a run
    that waits for a token has no span for it until it resumes."""
    trace = times.trace
    waits = []
    since: int | None = None
    telling = [row for row, kind in enumerate(trace.kind) if kind in _TELLING]
    for row in telling:
        if trace.run_id(row) != run_id:
            continue
        kind = trace.kind[row]
        start, message = trace.start_ns[row], trace.messages[row]
        if kind == _WAIT or (kind == _TRIGGER and "AndWait" in message):
            waits.append((start, times.end_ns(row, now_ns)))
        elif not trace.is_engine_state(row):
            continue
        elif "WAITPOINTS" in message or "SUSPENDED" in message:
            since = start if since is None else since
        elif since is not None:
            waits.append((since, start))
            since = None
    if since is not None:
        waits.append((since, min(times.end_ns(0, now_ns), now_ns)))
    return _merged(waits)


_WAIT, _TRIGGER, _ENGINE = SpanKind.WAIT.value, SpanKind.TRIGGER.value, SpanKind.ENGINE.value
_TELLING = frozenset((_WAIT, _TRIGGER, _ENGINE))


def stages_of(
    run: Run, attempts: Sequence[Attempt], waits: Iterable[Interval], now_ns: int
) -> list[Stage]:
    """The stages of a run's life up to its end, or up to now."""
    created = moment_of(run.created_at)
    end = max(end_of(run) if run.status.is_final else now_ns, created)
    known = [attempt for attempt in attempts if attempt.start_ns is not None]
    stages = _before_start(run, created, end, known)
    at = stages[-1].end_ns if stages else created
    if not known and run.started_at is not None:
        start = moment_of(run.started_at)
        # A run that is dequeued has been given to a worker that has not begun it.
        is_solid = run.status.word != "dequeued"
        stages.append(Stage(run.status.word, start, max(end, start), _run_role(run), is_solid))
        at = end
    for attempt in known:
        start = attempt.start_ns or 0
        if attempt.number > 1 and start > at:
            stages += _before_retry(at, start, attempt.delay_ns)
        stop = attempt.end_ns if attempt.end_ns is not None else end
        role = OUTCOME_ROLES[attempt.outcome]
        stages.append(Stage(f"attempt {attempt.number}", start, max(stop, start), role, True))
        at = max(stop, start)
    if not run.status.is_final and known and at < end and run.status.kind is Kind.QUEUED:
        stages.append(Stage("before the retry", at, end, "queued"))
    return [part for stage in stages for part in with_waits(stage, waits)]


def _before_retry(at: int, start: int, delay_ns: int | None) -> list[Stage]:
    """The time between two attempts: the retry delay of the task, then a regular start."""
    if delay_ns is None:
        return [Stage("before the retry", at, start, "queued")]
    until = min(at + delay_ns, start)
    stages = [Stage("retry delay", at, until, "queued")]
    if start - until >= _TOLD_NS:
        stages.append(Stage("starting", until, start, "dim"))
    return stages


OUTCOME_ROLES = {
    AttemptOutcome.SUCCEEDED: "good",
    AttemptOutcome.FAILED: "bad",
    AttemptOutcome.CANCELED: "done",
    AttemptOutcome.RUNNING: "running",
    AttemptOutcome.UNKNOWN: "unknown",
}


def _before_start(run: Run, created: int, end: int, attempts: Sequence[Attempt]) -> list[Stage]:
    """Delayed, then queued until it was dequeued, then on its way to a worker."""
    stages = []
    queued = created
    if run.delayed_until is not None:
        queued = min(max(moment_of(run.delayed_until), created), end)
        stages.append(Stage("delayed", created, queued, "queued"))
    first = attempts[0].start_ns if attempts else None
    started = moment_of(run.started_at) if run.started_at is not None else None
    dequeued = next((at for at in (started, first) if at is not None), end)
    if dequeued - queued >= _TOLD_NS or (not stages and first is None and started is None):
        words = run.status.word if run.status.word == "pending version" else "queued"
        stages.append(Stage(words, queued, max(dequeued, queued), "queued"))
    if first is not None and started is not None and first > started:
        stages.append(Stage("starting", started, first, "dim"))
    return stages


def with_waits(stage: Stage, waits: Iterable[Interval]) -> list[Stage]:
    """A stage cut where the run waited within it."""
    if not stage.is_solid:
        return [stage]
    parts = []
    at = stage.start_ns
    for start, end in waits:
        start, end = max(start, at), min(end, stage.end_ns)
        if end <= start:
            continue
        if start > at:
            parts.append(replace(stage, start_ns=at, end_ns=start))
        parts.append(Stage("waiting", start, end, "waiting"))
        at = end
    if at < stage.end_ns or not parts:
        parts.append(replace(stage, start_ns=at))
    return parts


def _merged(waits: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(waits):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def end_of(run: Run) -> int:
    """When a run that is over ended, in nanoseconds."""
    return moment_of(run.finished_at or run.expired_at or run.updated_at)


def _run_role(run: Run) -> str:
    roles = {Kind.SUCCEEDED: "good", Kind.RUNNING: "running", Kind.WAITING: "waiting"}
    bad = run.status.kind in (Kind.FAILED, Kind.LAPSED)
    return roles.get(run.status.kind, "bad" if bad else "done")


def timeline_bar(stages: Sequence[Stage], width: int) -> Cell:
    """The stages side by side in proportion, each at least a column, in `width` columns."""
    if not stages or width <= 0:
        return ()
    shown = stages[:width]
    widths = _shares([stage.length_ms for stage in shown], width)
    return tuple(
        ((_SOLID if stage.is_solid else _DASHED) * columns, stage.role)
        for stage, columns in zip(shown, widths, strict=True)
    )


def _shares(lengths: Sequence[float], width: int) -> list[int]:
    """Whole columns in proportion to lengths: at least 1 each, `width` together."""
    total = sum(lengths) or 1.0
    shares = [max(1, round(length * width / total)) for length in lengths]
    while (excess := sum(shares) - width) != 0:
        largest = max(range(len(shares)), key=shares.__getitem__)
        shares[largest] = max(1, shares[largest] - excess)
    return shares


def timeline_legend(stages: Sequence[Stage], width: int) -> list[Cell]:
    """Each stage with how long it took, in as many lines as that needs."""
    lines: list[list[Piece]] = [[]]
    for stage in stages:
        mark = _SOLID if stage.is_solid else _DASHED
        entry: list[Piece] = [
            (f"{mark} ", stage.role),
            (f"{stage.words} ", "dim"),
            (duration(stage.length_ms), "text"),
        ]
        gap: list[Piece] = [("   ", "text")] if lines[-1] else []
        if lines[-1] and cell_width(lines[-1]) + cell_width(gap) + cell_width(entry) > width:
            lines.append([])
            gap = []
        lines[-1] += gap + entry
    return [tuple(line) for line in lines if line]
