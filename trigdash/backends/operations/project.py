"""What belongs to a project: tasks, deployments, environment variables, alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trigdash.backends.operation import (
    ENVIRONMENT,
    PROJECT,
    Credential,
    Effect,
    Operation,
    cursor_page,
)
from trigdash.backends.operations.reports import query_rows
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.capability import Capability
from trigdash.model.deployment import Deployment, Promoted
from trigdash.model.listing import Listing, object_parser
from trigdash.model.project import Alert, CurrentWorker, TaskFigures, Variable
from trigdash.model.run import TriggeredRun, parse_triggered_run

PERIOD = "7d"
_BAD = "'Failed', 'Crashed', 'System failure', 'Timed out', 'Expired'"
_STATEMENT = f"""\
SELECT task_identifier, count() AS runs, countIf(status IN ({_BAD})) AS failed,
 countIf(status = 'Executing') AS running, countIf(status = 'Queued') AS queued,
 quantile(0.5)(execution_duration) AS p50, quantile(0.95)(execution_duration) AS p95,
 any(queue) AS queue, any(machine) AS machine
FROM runs GROUP BY task_identifier ORDER BY failed / runs DESC, runs DESC LIMIT 5000"""


def task_figures(page: str | None = None) -> Operation[Listing[TaskFigures]]:
    """The tasks that ran within PERIOD, highest failure rate first."""
    return query_rows(_STATEMENT, TaskFigures, PERIOD)


def current_worker() -> Operation[CurrentWorker]:
    """The tasks that the current version declares. Needs an access token."""
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


_PATH = ("v1", "deployments")
list_deployments = listed(Capability.DEPLOYMENTS, _PATH, Deployment, cursor_page)
get_deployment = got(Capability.DEPLOYMENTS, _PATH, Deployment)


def current_deployment() -> Operation[Deployment]:
    """The deployment that new runs use; NotFound if none is promoted."""
    return get_deployment("current")


def promote(version: str) -> Operation[Promoted]:
    """Make new runs use a version; an older one is a rollback. The path has the version, not the id
    (recorded)."""
    return sent(
        Capability.DEPLOYMENT_WRITES,
        (*_PATH, version, "promote"),
        parser=object_parser(Promoted),
        params=(("allowRollbacks", "true"),),
    )


_VARIABLES_PATH = ("v1", "projects", PROJECT, "envvars", ENVIRONMENT)
_WRITES = Capability.VARIABLE_WRITES
list_variables = listed(
    Capability.VARIABLES, _VARIABLES_PATH, Variable, credential=Credential.EITHER
)


def list_variables_of(environment: str) -> Operation[Listing[Variable]]:
    """The variables of another environment of the project, by its name in paths: `staging`. Needs
    an access token: for an environment's key, the server returns the variables of that key's
    environment."""
    path = (*_VARIABLES_PATH[:-1], environment)
    return listed(Capability.VARIABLES, path, Variable, credential=Credential.PERSON)(None)


get_variable = got(Capability.VARIABLES, _VARIABLES_PATH, Variable, credential=Credential.EITHER)


def create_variable(name: str, value: str, is_secret: bool) -> Operation[None]:
    """Set a variable; overwrites one of that name (recorded)."""
    body = {"name": name, "value": value, "isSecret": is_secret}
    return sent(_WRITES, _VARIABLES_PATH, body, credential=Credential.EITHER)


def update_variable(name: str, value: str) -> Operation[None]:
    """Change the value of a variable."""
    return sent(
        _WRITES,
        (*_VARIABLES_PATH, name),
        {"value": value},
        method="PUT",
        credential=Credential.EITHER,
    )


def delete_variable(name: str) -> Operation[None]:
    """Delete a variable."""
    return sent(_WRITES, (*_VARIABLES_PATH, name), method="DELETE", credential=Credential.EITHER)


def import_variables(variables: Mapping[str, str], override: bool) -> Operation[None]:
    """Set many variables at once: all of them, or none if one exists and `override` is off
    (recorded)."""
    body = {"variables": dict(variables), "override": override}
    return sent(_WRITES, (*_VARIABLES_PATH, "import"), body, credential=Credential.EITHER)


_ALERTS_PATH = ("v1", "projects", PROJECT, "monitoring-alerts")
list_alerts = listed(
    Capability.ALERTS,
    _ALERTS_PATH,
    Alert,
    rows_under="alerts",
    params=(("environment", ENVIRONMENT),),
    credential=Credential.PERSON,
    since="4.7",
)
get_alert = got(Capability.ALERTS, _ALERTS_PATH, Alert, under="alert", credential=Credential.PERSON)


def resolve_alert(alert_id: str) -> Operation[None]:
    """End an alert."""
    return sent(
        Capability.ALERT_WRITES,
        (*_ALERTS_PATH, alert_id),
        {"action": "resolve"},
        credential=Credential.PERSON,
    )
