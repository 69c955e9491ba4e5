"""The triage of an error group, read once. Every figure has its window and sample."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, TypeVar

from typing_extensions import override

from trigdash.backends.base import BackendError, NotFound, Unsupported
from trigdash.model.clean import clean
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.query import Query, keep
from trigdash.service.now.readings import read_pages, reason_of, whole
from trigdash.service.runs.placement import is_plain
from trigdash.service.triage.beginning import Beginning, beginning_of
from trigdash.service.triage.separator import Separator, tell_apart
from trigdash.service.triage.spread import Placed, Spread, spread_of_shapes, spread_over

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.error_group import ErrorGroup
    from trigdash.model.run import Run
    from trigdash.model.run_row import RunRow

T = TypeVar("T")

ROWS = 100
"""Runs of each kind, failing and good, whose attributes are compared: a request for all of them."""
PAYLOADS = 12
"""Runs of each kind whose payloads are read: a request per run."""
WINDOW = "7d"
"""The window of counted runs, and of lists without another one."""


@dataclass(frozen=True, slots=True)
class TaskRuns:
    """Finished runs of the error's task within WINDOW, before and since the error began."""

    before: int
    since: int


@dataclass(frozen=True, slots=True)
class Triage:
    """What the newest runs of an error and good runs of its task show."""

    error: ErrorGroup
    beginning: Beginning | None = None
    runs: TaskRuns | None = None
    failing: tuple[RunRow, ...] = ()
    """The newest, ROWS at most: the sample of the spread."""
    good: tuple[RunRow, ...] = ()
    spread: tuple[Spread, ...] = ()
    payloads: tuple[int, int] = (0, 0)
    """Failing and good runs whose payloads were read."""
    separator: Separator | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    """deployments, runs, placement → why it could not be read, in words."""
    opened: Mapping[str, Run] = field(default_factory=dict, repr=False)
    """Single runs that were read: they have ended, so once is enough."""


async def triage(backend: Backend, error_id: str, before: Triage | None = None) -> Triage:
    """Read an error's newest runs and good ones of its task. Raises BackendError if the error or
    its runs cannot be read; other parts that cannot be read are in `refused`."""
    from trigdash.backends.operations import groups, project  # loads models

    error = await backend.call(groups.get_error(error_id))
    refused: dict[str, str] = {}
    beginning = None
    if error.first_seen is not None:
        listed = read_pages(backend, project.list_deployments)
        pages = await _or_why(listed, "deployments", refused)
        beginning = beginning_of(error.first_seen, pages.rows if pages is not None else ())
    runs = None
    if beginning is not None:
        runs = await _or_why(_task_runs(backend, error, beginning), "runs", refused)
    failing = (await backend.runs(RunFilter(error=error.id), size=ROWS)).rows[:ROWS]
    tasks = (error.task_identifier,)
    completed = RunFilter(tasks=tasks, statuses=("COMPLETED",))
    good = (await backend.runs(completed, size=ROWS)).rows[:ROWS]
    placed = await _or_why(_placed(backend, (*failing, *good)), "placement", refused) or {}
    opened = dict(before.opened) if before is not None else {}
    bad_runs = await _opened(backend, failing, opened)
    good_runs = await _opened(backend, await _comparable(backend, failing, good, completed), opened)
    shapes = spread_of_shapes(bad_runs, good_runs)
    return Triage(
        error,
        beginning,
        runs,
        tuple(failing),
        tuple(good),
        (*spread_over(failing, good, placed), *([shapes] if shapes is not None else [])),
        (len(bad_runs), len(good_runs)),
        tell_apart(bad_runs, good_runs),
        refused,
        {run.id: run for run in (*bad_runs, *good_runs)},
    )


@dataclass(frozen=True, slots=True)
class TriageQuery(Query[Triage]):
    """The triage of one error group."""

    error_id: str

    EVERY_S: ClassVar[float] = 60.0
    """A read takes at most seven requests, and one for each run whose payload was not read yet."""

    @override
    async def fetch(self, backend: Backend, previous: Triage | None) -> Triage:
        return keep(previous, await triage(backend, self.error_id, previous))

    @override
    def concerns(self, target: str) -> bool:
        return target == self.error_id


async def _or_why(part: Awaitable[T], name: str, refused: dict[str, str]) -> T | None:
    """A part of the answer, or None and the reason why it could not be read."""
    try:
        return await part
    except BackendError as error:
        refused[name] = reason_of(error)
        return None


async def _task_runs(backend: Backend, error: ErrorGroup, beginning: Beginning) -> TaskRuns:
    if not is_plain(error.task_identifier):
        raise Unsupported("its task's name cannot be asked for")
    later = f"countIf(triggered_at >= '{beginning.since:%Y-%m-%d %H:%M:%S}')"
    statement = (
        f"SELECT count() AS runs, {later} AS later FROM runs "
        f"WHERE task_identifier = '{error.task_identifier}' AND is_finished"
    )
    rows = await backend.query(statement, WINDOW)
    runs, since = (whole(rows[0].get(name)) if rows else 0 for name in ("runs", "later"))
    return TaskRuns(runs - since, since)


async def _placed(backend: Backend, rows: Iterable[RunRow]) -> Placed:
    ids = ", ".join(f"'{row.id}'" for row in rows if is_plain(row.id))
    if not ids:
        return {}
    statement = (
        "SELECT run_id, queue, machine, attempt_count FROM runs "
        f"WHERE run_id IN ({ids}) LIMIT {2 * ROWS}"
    )
    return {
        clean(str(row.get("run_id"))): {
            "queue": clean(str(row.get("queue") or "")).removeprefix("task/"),
            "machine": clean(str(row.get("machine") or "")),
            "attempt": str(whole(row.get("attempt_count")) or ""),
        }
        for row in await backend.query(statement, WINDOW)
    }


async def _comparable(
    backend: Backend, failing: Sequence[RunRow], good: Sequence[RunRow], completed: RunFilter
) -> Sequence[RunRow]:
    """Good runs of the failing versions only, since older code may have handled the same
    payload."""
    versions = {row.version for row in failing if row.version}
    same = [row for row in good if row.version in versions] if versions else list(good)
    if len(same) >= PAYLOADS or not versions:
        return same
    narrowed = replace(completed, versions=tuple(sorted(versions)))
    return (await backend.runs(narrowed, size=PAYLOADS)).rows


async def _opened(backend: Backend, rows: Sequence[RunRow], known: Mapping[str, Run]) -> list[Run]:
    """The first runs in full; deleted ones are left out."""
    found = []
    for row in rows[:PAYLOADS]:
        try:
            found.append(known.get(row.id) or await backend.run(row.id))
        except NotFound:
            continue
    return found
