"""Error groups: failures of a task with the same cause, and what people decided about them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from trigdash.simulator.world import content
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.ids import mix, seed_of
from trigdash.simulator.world.index import RunFilter
from trigdash.simulator.world.records import Decision
from trigdash.simulator.world.runs import Run

FAILED = frozenset({"COMPLETED_WITH_ERRORS", "CRASHED", "SYSTEM_FAILURE", "TIMED_OUT"})
"""Runs that ended so belong to an error group; EXPIRED and CANCELED ones do not."""
_MINUTE_MS = 60_000
MOST_VERSIONS = 5
# Messages of the server's own error codes; the first is recorded.
_MESSAGES = {
    "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE": "Process exited with code 1",
    "TASK_PROCESS_OOM_KILLED": "Process ran out of memory",
    "MAX_DURATION_EXCEEDED": "Run exceeded its maximum compute time",
    "TASK_EXECUTION_ABORTED": "Execution was aborted",
}


@dataclass(slots=True)
class ErrorGroup:
    """One error group. `count` covers the requested runs, the times cover all."""

    fingerprint: str
    task_id: str
    kind: str
    message: str
    count: int = 0
    first_ms: int = 0
    last_ms: int = 0
    versions: list[str] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)


def fingerprint_of(run: Run) -> str | None:
    """16 hex digits that runs of a task with the same cause share; None for a run without one."""
    if run.status not in FAILED or run.error is None:
        return None
    if isinstance(run.error, str):
        return _digest(run.task_id, run.error, "")
    cause = content.fault(run, run.error)
    # The template, not the message: names and numbers in a message do not make another group.
    return _digest(run.task_id, cause.name, cause.message)


@lru_cache(maxsize=4096)
def _digest(task_id: str, kind: str, message: str) -> str:
    return f"{mix(seed_of(task_id), seed_of(kind), seed_of(message)):016x}"


def has_error(error_id: str) -> Callable[[Run], bool]:
    """Whether a run is behind the group of this id."""
    wanted = error_id.removeprefix("error_")
    return lambda run: fingerprint_of(run) == wanted


def groups(
    env: Environment, counts: Callable[[Run], bool] = lambda run: True
) -> dict[str, ErrorGroup]:
    """Every group of an environment by its fingerprint; `counts` decides which runs are counted."""
    found: dict[str, ErrorGroup] = {}
    for run in _failed_runs(env):
        fingerprint = fingerprint_of(run)
        if fingerprint is None:
            continue
        ended_ms = run.updated_ms if run.finished_ms is None else run.finished_ms
        group = found.get(fingerprint)
        if group is None:
            # The newest run comes first, and lends the group its message.
            group = found[fingerprint] = _begin(fingerprint, run, ended_ms)
        _take_in(group, run, ended_ms, counts(run))
    return found


def _failed_runs(env: Environment) -> Iterable[Run]:
    return env.runs.select(RunFilter(statuses=FAILED))


def _begin(fingerprint: str, run: Run, ended_ms: int) -> ErrorGroup:
    kind, message = _words(run)
    return ErrorGroup(fingerprint, run.task_id, kind, message, 0, ended_ms, ended_ms)


def _words(run: Run) -> tuple[str, str]:
    """Type and message; for the server's own failures the code is the type (recorded)."""
    if isinstance(run.error, str):
        return run.error, _MESSAGES.get(run.error, run.error)
    told = content.error(run) or {}
    # A thrown text counts as an Error (recorded).
    return told.get("name", "Error"), told.get("message", "")


def _take_in(group: ErrorGroup, run: Run, ended_ms: int, counted: bool) -> None:
    group.first_ms = min(group.first_ms, ended_ms)
    group.last_ms = max(group.last_ms, ended_ms)
    group.times_ms.append(ended_ms)
    group.count += counted
    if run.version and run.version not in group.versions and len(group.versions) < MOST_VERSIONS:
        group.versions.append(run.version)


def decision_on(env: Environment, group: ErrorGroup, now_ms: int) -> Decision:
    """What holds of a group now: a decision lapses when the error comes again all the same."""
    decision = env.error_decisions.get(group.fingerprint)
    if decision is None:
        return Decision()
    if _has_lapsed(decision, group, now_ms):
        del env.error_decisions[group.fingerprint]
        return Decision()
    return decision


def _has_lapsed(decision: Decision, group: ErrorGroup, now_ms: int) -> bool:
    if decision.resolved_ms is not None:
        return group.last_ms > decision.resolved_ms
    since_ms = decision.ignored_ms
    if since_ms is None:
        return False
    again = [moment for moment in group.times_ms if moment > since_ms]
    until_ms = decision.ignored_until_ms
    if until_ms is not None and now_ms >= until_ms and group.last_ms > until_ms:
        return True
    if decision.total_occurrences is not None and len(again) >= decision.total_occurrences:
        return True
    recent = sum(1 for moment in again if moment > now_ms - _MINUTE_MS)
    return decision.occurrence_rate is not None and recent > decision.occurrence_rate
