"""The world as tables that can be queried: runs, and what queues and environments went through."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from trigdash.simulator.http.telemetry import llm_metrics, llm_models, metrics
from trigdash.simulator.trql import Loader, Window
from trigdash.simulator.world import content, queue_history
from trigdash.simulator.world import runs as journal
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.index import RunFilter
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.world import World

_SDK_VERSION = "4.5.12"


def loaders(world: World, environments: Sequence[Environment]) -> dict[str, Loader]:
    """Every table, over the environments that a query's scope covers."""
    return {
        "runs": partial(_runs, world, environments),
        "queue_metrics": partial(_queue_metrics, world, environments),
        "queue_metrics_by_key": partial(_queue_metrics, world, environments),
        "env_metrics": partial(_env_metrics, world, environments),
        "metrics": partial(_telemetry, metrics, world, environments),
        "llm_metrics": partial(_telemetry, llm_metrics, world, environments),
        "llm_models": partial(_telemetry, llm_models, world, environments),
    }


def _runs(
    world: World, environments: Sequence[Environment], columns: Sequence[str], window: Window
) -> Iterator[Sequence[object]]:
    getters = [_RUN[name] for name in columns]
    wanted = RunFilter(from_ms=window.start_ms, to_ms=window.end_ms - 1)
    project = world.project.ref
    for env in environments:
        for run in env.runs.select(wanted):
            yield tuple(project if get is _project else get(run) for get in getters)


def _project(run: Run) -> object:
    raise AssertionError("the project is the same for every run")


def _first(run: Run, kind: int) -> int | None:
    return next((time_ms for time_ms, each, _ in run.entries() if each == kind), None)


def _queued_ms(run: Run) -> int | None:
    return _first(run, journal.QUEUED)


def _executed_ms(run: Run) -> int | None:
    return _first(run, journal.STARTED)


def _between(start_ms: int | None, end_ms: int | None) -> int | None:
    return None if start_ms is None or end_ms is None else max(0, end_ms - start_ms)


def _output(run: Run) -> str:
    found = content.output(run)
    return "" if found is content.ABSENT else json.dumps(found, separators=(",", ":"))


def _error(run: Run) -> str:
    found = content.error(run) if run.is_final and run.error is not None else None
    return "" if found is None else json.dumps(found, separators=(",", ":"))


_RUN: Mapping[str, Callable[[Run], object]] = {
    "run_id": lambda run: run.id,
    "environment": lambda run: run.env.slug,
    "project": _project,
    "environment_type": lambda run: run.env.type,
    "attempt_count": lambda run: run.attempt,
    "status": lambda run: run.status,
    "is_finished": lambda run: run.is_final,
    "task_identifier": lambda run: run.task_id,
    "queue": lambda run: run.queue.name,
    "batch_id": lambda run: run.batch.id if run.batch else "",
    "root_run_id": lambda run: run.root.id if run.parent else "",
    "parent_run_id": lambda run: run.parent.id if run.parent else "",
    "depth": lambda run: run.depth,
    "is_root_run": lambda run: run.parent is None,
    "is_child_run": lambda run: run.parent is not None,
    "idempotency_key": lambda run: run.user_key or run.idempotency_key or "",
    "idempotency_key_scope": lambda run: "run" if run.user_key else "",
    "region": lambda run: run.region or "",
    "triggered_at": lambda run: run.created_ms,
    "queued_at": _queued_ms,
    "dequeued_at": lambda run: run.started_ms,
    "executed_at": _executed_ms,
    "completed_at": lambda run: run.finished_ms,
    "delay_until": lambda run: run.delayed_ms,
    "has_delay": lambda run: run.delayed_ms is not None,
    "expired_at": lambda run: run.expired_ms,
    "ttl": lambda run: run.ttl or "",
    "execution_duration": lambda run: _between(_executed_ms(run), run.finished_ms),
    "total_duration": lambda run: _between(run.created_ms, run.finished_ms),
    "queued_duration": lambda run: _between(_queued_ms(run), run.started_ms),
    "usage_duration": lambda run: run.active_ms,
    "compute_cost": lambda run: run.cost_cents / 100,
    "invocation_cost": lambda run: run.base_cost_cents / 100,
    "total_cost": lambda run: (run.cost_cents + run.base_cost_cents) / 100,
    "output": _output,
    "error": _error,
    "tags": lambda run: list(run.tags),
    "task_version": lambda run: run.version or "",
    "sdk_version": lambda run: _SDK_VERSION if run.version else "",
    "cli_version": lambda run: _SDK_VERSION if run.version else "",
    # Recorded: empty until the run has started.
    "machine": lambda run: run.machine if run.started_ms is not None else "",
    "is_test": lambda run: run.is_test,
    "is_warm_start": lambda run: None if run.started_ms is None else run.seed % 3 > 0,
    "concurrency_key": lambda run: run.concurrency_key or "",
    "max_duration": lambda run: run.task.max_duration_s if run.task else None,
    "bulk_action_group_ids": lambda run: [run.bulk] if run.bulk else [],
}


def _width_ms(window: Window) -> int:
    """Ten seconds, as on the real server, for short windows; coarser for long ones."""
    hours = (window.end_ms - window.start_ms) / 3_600_000
    return 10_000 if hours <= 2 else 60_000 if hours <= 24 else 300_000


def _queue_metrics(
    world: World, environments: Sequence[Environment], columns: Sequence[str], window: Window
) -> Iterator[Sequence[object]]:
    for env in environments:
        common = {"environment": env.slug, "project": world.project.ref, "concurrency_key": ""}
        gathered = queue_history.gather(env, window.start_ms, window.end_ms)
        whole = _whole(env, window, gathered)
        for name, changes in gathered.items():
            limit = queue_history.limit_of(env, name)
            for start_ms, bucket in _swept(changes, window, limit).items():
                row = common | _figures(start_ms, bucket) | {
                    "queue": name,
                    "max_limit": limit,
                    "max_env_limit": env.limits.concurrency,
                    "max_env_queued": whole[start_ms].peak_queued,
                    "max_env_running": whole[start_ms].peak_running,
                }  # fmt: skip
                yield tuple(row[column] for column in columns)


def _swept(
    changes: list[queue_history.Change], window: Window, limit: int
) -> dict[int, queue_history.Bucket]:
    return queue_history.sweep(changes, window.start_ms, window.end_ms, _width_ms(window), limit)


def _whole(
    env: Environment, window: Window, gathered: dict[str, list[queue_history.Change]]
) -> dict[int, queue_history.Bucket]:
    """The environment as if it were one queue."""
    every = [change for changes in gathered.values() for change in changes]
    return _swept(every, window, env.limits.concurrency)


def _figures(start_ms: int, bucket: queue_history.Bucket) -> dict[str, Any]:
    return {
        "bucket_start": start_ms,
        "enqueue_delta": bucket.enqueued,
        "started_delta": bucket.started,
        "ack_delta": bucket.ended,
        "nack_delta": 0,
        "dlq_delta": 0,
        "throttled_count": bucket.throttled,
        "max_queued": bucket.peak_queued,
        "max_running": bucket.peak_running,
        "max_ck_backlogged": 0,
        "max_ck_wait_ms": 0,
        "wait_ms_sum": sum(bucket.wait_ms),
        "wait_ms_count": len(bucket.wait_ms),
        "wait_quantiles": bucket.wait_ms,
    }


def _env_metrics(
    world: World, environments: Sequence[Environment], columns: Sequence[str], window: Window
) -> Iterator[Sequence[object]]:
    for env in environments:
        gathered = queue_history.gather(env, window.start_ms, window.end_ms)
        for start_ms, bucket in _whole(env, window, gathered).items():
            row = _figures(start_ms, bucket) | {
                "environment": env.slug,
                "project": world.project.ref,
                "max_env_queued": bucket.peak_queued,
                "max_env_running": bucket.peak_running,
                "max_env_limit": env.limits.concurrency,
            }
            yield tuple(row[column] for column in columns)


def _telemetry(
    make: Callable[[Iterable[Run]], Iterator[dict[str, Any]]],
    world: World,
    environments: Sequence[Environment],
    columns: Sequence[str],
    window: Window,
) -> Iterator[Sequence[object]]:
    wanted = RunFilter(from_ms=window.start_ms, to_ms=window.end_ms - 1)
    for env in environments:
        common = {
            "environment": env.slug,
            "environment_type": env.type,
            "project": world.project.ref,
        }
        for row in make(env.runs.select(wanted)):
            whole = common | row
            yield tuple(whole[column] for column in columns)
