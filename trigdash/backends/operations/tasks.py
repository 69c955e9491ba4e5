"""Tasks: figures from the query endpoint, declarations from the current worker."""

from __future__ import annotations

from typing import Any

from trigdash.backends.base import Capability
from trigdash.backends.operation import ENVIRONMENT, PROJECT, Credential, Effect, Operation
from trigdash.backends.operations.query import query_rows
from trigdash.backends.operations.shapes import sent
from trigdash.model.listing import Listing, object_parser
from trigdash.model.task import CurrentWorker, TaskFigures
from trigdash.model.triggered_run import TriggeredRun, parse_triggered_run

PERIOD = "7d"
_BAD = "'Failed', 'Crashed', 'System failure', 'Timed out', 'Expired'"
_STATEMENT = f"""\
SELECT task_identifier, count() AS runs, countIf(status IN ({_BAD})) AS failed,
 countIf(status = 'Executing') AS running, countIf(status = 'Queued') AS queued,
 quantile(0.5)(execution_duration) AS p50, quantile(0.95)(execution_duration) AS p95,
 any(queue) AS queue, any(machine) AS machine
FROM runs GROUP BY task_identifier ORDER BY runs DESC LIMIT 5000"""


def task_figures(page: str | None = None) -> Operation[Listing[TaskFigures]]:
    """The tasks that ran within PERIOD, the most runs first."""
    return query_rows(_STATEMENT, TaskFigures, PERIOD)


def current_worker() -> Operation[CurrentWorker]:
    """What the current version declares. Needs an access token."""
    return Operation(
        Capability.TASKS,
        ("v1", "projects", PROJECT, ENVIRONMENT, "workers", "current"),
        object_parser(CurrentWorker, "worker"),
        credential=Credential.PERSON,
    )


def trigger_task(task: str, payload: Any, options: dict[str, Any]) -> Operation[TriggeredRun]:
    """Start a run. Safe to send again only with an idempotency key."""
    effect = Effect.REPEATABLE if options.get("idempotencyKey") else Effect.ONCE
    body = {"payload": payload, "options": options}
    return sent(
        Capability.TRIGGER,
        ("v1", "tasks", task, "trigger"),
        body,
        parse_triggered_run,
        effect=effect,
    )
