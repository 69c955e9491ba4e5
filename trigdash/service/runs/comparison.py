"""The comparison of two runs, read once and compared once, for the screen and the command."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from trigdash.backends.base import BackendError, NotFound
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.query import Query
from trigdash.service.now.readings import read_pages
from trigdash.service.runs.diff import (
    Change,
    Divergence,
    Slower,
    align,
    differing,
    first_divergence,
    json_changes,
    only_in,
    shape,
    slower_spans,
)
from trigdash.service.runs.placement import RunPlacement, RunPlacementQuery, period_since
from trigdash.service.runs.trace_reading import whole_trace

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.deployment import Deployment
    from trigdash.model.run import Run
    from trigdash.model.trace import Trace
    from trigdash.service.cache.store import Store

LOOKED_AT = 6
"""Successful runs whose payloads are read: a request each."""
LOOK_BACK = timedelta(days=30)

MOST_ONLY = 20
"""Names of spans without a partner that are listed."""


class NoGoodRun(NotFound):
    """No recent run of a task succeeded, so there is nothing to compare with."""

    def __init__(self, task: str) -> None:
        super().__init__(task, status=404)
        self._task = task

    @override
    def message(self) -> str:
        return f"no good run of {self._task} in the {LOOK_BACK.days} days before"


async def last_good_run(backend: Backend, run: Run) -> tuple[Run, bool] | None:
    """The newest successful run of the same task before this one, preferably with a payload of the
    same shape, and whether its payload has that. None where no run succeeded. Raises
    BackendError."""
    before = RunFilter(
        statuses=("COMPLETED",),
        tasks=(run.task_identifier,),
        since=run.created_at - LOOK_BACK,
        until=run.created_at,
    )
    page = await backend.runs(before, size=LOOKED_AT)
    wanted = shape(run.payload)
    newest: Run | None = None
    for row in page.rows:
        if row.id == run.id:
            continue
        found = await backend.run(row.id)
        if shape(found.payload) == wanted:
            return found, True
        newest = newest or found
    return (newest, False) if newest is not None else None


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two runs diverge, with the duration of each there."""

    kind: str
    """See `Divergence`."""
    path: tuple[str, ...]
    span_a: str | None
    span_b: str | None
    a_ms: float | None
    b_ms: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different between run A and run B."""

    a: Run
    b: Run
    same_shape: bool | None
    """Whether both payloads have one shape; None where B was chosen by hand."""
    parting: Parting | None
    slower: tuple[Slower, ...]
    """Spans of both whose own durations differ, largest difference first."""
    only_a: tuple[tuple[str, int], ...]
    only_b: tuple[tuple[str, int], ...]
    """Messages of spans that only B has, with counts."""
    payload: tuple[Change, ...]
    metadata: tuple[Change, ...]
    output: tuple[Change, ...]
    facts: tuple[Change, ...]
    same: tuple[tuple[str, str], ...]
    """Facts that are the same for both."""
    between: tuple[Deployment, ...] | None
    """Deployments after B's version up to A's; None if they could not be read."""
    spans: tuple[int, int]
    pairs: int
    is_cut: bool
    """Whether the server cut a trace; spans missing there are not compared."""


async def compare(
    backend: Backend, clock: Clock, run_id: str, other: str | None = None
) -> Comparison:
    """Compare a run with another, or with the last good one of its task. Raises BackendError;
    NoGoodRun where there is none."""
    a = await backend.run(run_id)
    same_shape: bool | None = None
    if other is None:
        found = await last_good_run(backend, a)
        if found is None:
            raise NoGoodRun(a.task_identifier)
        b, same_shape = found
    else:
        b = await backend.run(other)
    trace_a, trace_b = await asyncio.gather(whole_trace(backend, a.id), whole_trace(backend, b.id))
    placed = [await _placed(backend, run, clock.now()) for run in (a, b)]
    between = await _between(backend, a, b) if a.version != b.version else ()
    return comparison(a, b, trace_a, trace_b, same_shape, placed, between)


def comparison(
    a: Run,
    b: Run,
    trace_a: Trace,
    trace_b: Trace,
    same_shape: bool | None = None,
    placed: Sequence[RunPlacement] = (RunPlacement(), RunPlacement()),
    between: tuple[Deployment, ...] | None = None,
) -> Comparison:
    """The differences, from the given data. Pure."""
    alignment = align(trace_a, trace_b)
    facts = _facts(a, b, placed)
    return Comparison(
        a,
        b,
        same_shape,
        _parting(trace_a, trace_b, first_divergence(trace_a, trace_b, alignment)),
        tuple(slower_spans(trace_a, trace_b, alignment)),
        tuple(only_in(trace_a, alignment.pairs)[:MOST_ONLY]),
        tuple(only_in(trace_b, alignment.back)[:MOST_ONLY]),
        tuple(json_changes(a.payload, b.payload)),
        tuple(json_changes(a.metadata, b.metadata)),
        tuple(json_changes(a.output, b.output)),
        tuple(differing(facts)),
        tuple((name, str(left)) for name, left, right in facts if left == right and left),
        between,
        (len(trace_a), len(trace_b)),
        len(alignment.pairs),
        trace_a.truncated or trace_b.truncated,
    )


@dataclass(frozen=True, slots=True)
class DiffQuery(Query[Comparison]):
    """The comparison of a run with another, or with the last successful one of its task."""

    run_id: str
    other: str | None
    clock: Clock

    EVERY_S: ClassVar[float] = 30.0

    @override
    async def read(self, backend: Backend) -> Comparison:
        return await compare(backend, self.clock, self.run_id, self.other)

    @override
    def is_final(self, data: Comparison, store: Store, now: datetime) -> bool:
        return data.a.status.is_final and data.b.status.is_final


async def _placed(backend: Backend, run: Run, now: datetime) -> RunPlacement:
    query = RunPlacementQuery(run.id, period_since(run.created_at, now))
    try:
        return await query.fetch(backend, None)
    except BackendError:
        return RunPlacement(is_refused=True)


async def _between(backend: Backend, a: Run, b: Run) -> tuple[Deployment, ...] | None:
    """Deployments after the older run's version up to the newer one's."""
    from trigdash.backends.operations.project import list_deployments  # loads models

    try:
        listed: tuple[Deployment, ...] = (await read_pages(backend, list_deployments)).rows
    except BackendError:
        return None
    at = {each.version: each.deployed_at for each in listed if each.deployed_at}
    ends = sorted(moment for run in (a, b) if (moment := at.get(run.version or "")) is not None)
    if len(ends) < 2:
        return None
    found = [each for each in listed if each.deployed_at and ends[0] < each.deployed_at <= ends[1]]
    return tuple(sorted(found, key=lambda each: each.deployed_at or ends[0]))


def _facts(a: Run, b: Run, placed: Sequence[RunPlacement]) -> list[tuple[str, Any, Any]]:
    names = ("version", "region", "attempt_count", "is_test", "tags", "ttl", "trigger_function")
    told = [(name, getattr(a, name), getattr(b, name)) for name in names]
    for name in ("queue_name", "machine", "concurrency_key"):
        left, right = (getattr(each, name) for each in placed)
        if left and right:  # An attribute that was not requested for one of them is no difference.
            told.append((name.removesuffix("_name"), left, right))
    return told


def _parting(a: Trace, b: Trace, found: Divergence | None) -> Parting | None:
    if found is None:
        return None
    row_a, row_b = found.row_a, found.row_b
    return Parting(
        found.kind,
        found.path,
        None if row_a is None else a.ids[row_a],
        None if row_b is None else b.ids[row_b],
        None if row_a is None else a.duration_ns[row_a] / 1e6,
        None if row_b is None else b.duration_ns[row_b] / 1e6,
    )
