"""Tasks: how often they run and fail, how long they take, and starting one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trigdash.backends.operations import project as calls
from trigdash.model.capability import Capability
from trigdash.model.listing import Listing
from trigdash.model.project import CurrentWorker, TaskFigures
from trigdash.model.tag_text import split_tags
from trigdash.presentation.action import ActionInput, ActionSpec, Values, json_text, whole
from trigdash.presentation.cell import Cell
from trigdash.presentation.field import ResourceField, number, text
from trigdash.presentation.resource import Resource
from trigdash.presentation.units import UNKNOWN, duration, percent
from trigdash.service.actions.replay import made_run
from trigdash.service.actions.verification import newest_run_of, run_has_key


def _with_worker(page: Listing[TaskFigures], worker: CurrentWorker | None) -> Listing[TaskFigures]:
    """The tasks that ran, with the worker's declarations, and declared tasks that have not run."""
    if worker is None:
        return page
    declared = {task.slug: task for task in worker.tasks}
    ran = [row.model_copy(update={"worker": declared.pop(row.slug, None)}) for row in page.rows]
    idle = [TaskFigures(slug=slug, worker=task) for slug, task in declared.items()]
    return Listing((*ran, *idle), None, None, page.unreadable)


def _share(row: TaskFigures, now_ms: float) -> Cell:
    share = row.failed_share
    if share is None:
        return ((UNKNOWN, "faint"),)
    role = "faint" if not row.failed else "bad-strong" if share >= 0.1 else "bad"
    return ((percent(share), role),)


def _took(name: str, heading: str) -> ResourceField[TaskFigures]:
    def value(row: TaskFigures) -> float | None:
        found: float | None = getattr(row, name)
        return found

    def cell(row: TaskFigures, now_ms: float) -> Cell:
        ms = value(row)
        return ((UNKNOWN, "faint"),) if ms is None else ((duration(ms), "text"),)

    return ResourceField(f"_{name}", heading, value, cell, 10, "right", importance=80)


_OPTIONS: dict[str, Callable[[Any], Any]] = {
    "queue": lambda value: {"name": value},
    "machine": str,
    "delay": str,
    "ttl": str,
    "max-attempts": int,
    "priority": int,
    "concurrency-key": str,
    "idempotency-key": str,
    "version": str,
    "region": str,
    "tag": list,
}
_NAMES = {
    "max-attempts": "maxAttempts",
    "concurrency-key": "concurrencyKey",
    "idempotency-key": "idempotencyKey",
    "version": "lockToVersion",
    "tag": "tags",
}


def _options(values: Values) -> dict[str, Any]:
    """The options of a trigger, by the API's names."""
    return {
        _NAMES.get(name, name): make(values[name])
        for name, make in _OPTIONS.items()
        if name in values
    }


def _schema_start(row: TaskFigures) -> str:
    """An initial payload: the properties of the schema, empty."""
    schema = row.worker.payload_schema if row.worker else None
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return "{}"
    lines = ",\n".join(f'  "{name}": null' for name in properties)
    return f"{{\n{lines}\n}}"


_TRIGGER = ActionSpec[TaskFigures](
    "trigger",
    "N",
    "Trigger",
    Capability.TRIGGER,
    operation=lambda row, values: calls.trigger_task(
        row.slug, values.get("payload"), _options(values)
    ),
    done=lambda answer: answer.message,
    made=lambda answer, values: made_run(answer),
    verify=lambda row, values: (
        run_has_key(row.slug, values["idempotency-key"])
        if "idempotency-key" in values
        else newest_run_of(row.slug)
    ),
    consequence=lambda row, values: (
        f"Starts one run of {row.slug}{' with this payload' if 'payload' in values else ''}."
    ),
    inputs=(
        ActionInput("payload", "payload as JSON", json_text, start=_schema_start, is_long=True),
        ActionInput("queue", "queue"),
        ActionInput("machine", "machine, such as small-1x"),
        ActionInput("delay", "delay, such as 10m or a time"),
        ActionInput("ttl", "time to live in the queue, such as 1h"),
        ActionInput("max-attempts", "attempts at most", whole),
        ActionInput("priority", "priority in seconds", whole),
        ActionInput("concurrency-key", "concurrency key"),
        ActionInput("idempotency-key", "idempotency key"),
        ActionInput("version", "version, such as 20261121.3"),
        ActionInput("region", "region"),
        ActionInput("tag", "tags, with commas between", split_tags),
    ),
    makes_run=True,
)

RESOURCE = Resource[TaskFigures](
    name="tasks",
    singular="task",
    title="Tasks",
    needs=Capability.QUERY,
    fields=(
        text(
            "task_identifier",
            "task",
            20,
            grow=20,
            role="strong",
            importance=99,
            value=lambda row: row.slug,
        ),
        number("runs", "runs 7d", 9, importance=97),
        ResourceField(
            "_failedShare",
            "failed",
            lambda row: row.failed_share,
            _share,
            7,
            "right",
            importance=98,
        ),
        number("running", "running", role="running", importance=93),
        number("queued", "queued", role="queued", importance=94),
        _took("p50", "p50"),
        _took("p95", "p95"),
        text("queue", "queue", 20, role="dim", importance=60),
        text("machine", "machine", 10, role="dim", importance=50),
        text(
            "_source",
            "source",
            10,
            role="dim",
            importance=45,
            value=lambda row: row.worker.trigger_source.lower() if row.worker else None,
        ),
        text(
            "_file",
            "file",
            28,
            role="dim",
            importance=40,
            grow=20,
            value=lambda row: row.worker.file_path if row.worker else None,
        ),
        text(
            "_payloadSchema",
            "payload schema",
            30,
            is_shown=False,
            value=lambda row: row.worker.payload_schema if row.worker else None,
        ),
    ),
    page=calls.task_figures,
    key=lambda row: row.slug,
    beside=calls.current_worker,
    combine=_with_worker,
    by_id=lambda slug: TaskFigures(slug=slug),
    actions=(_TRIGGER,),
    sort=("failed", True),
    opens=lambda row: ("runs", f"task:{row.slug}"),
    every_s=30.0,
    empty=("No task has run in the last 7 days.", "A task appears with its first run."),
)
