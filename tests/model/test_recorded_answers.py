"""Every recorded success of a modeled operation parses and loses nothing that we model."""

import json
from datetime import datetime
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from tests.recorded import Recorded, names_of, successes_of
from trigdash.model.batch import Batch
from trigdash.model.bulk import BulkAction, BulkActionsPage
from trigdash.model.clean import clean_text
from trigdash.model.environment import (
    Environment,
    EnvironmentAccess,
    Project,
    WhoamiEnvironment,
    WhoamiUser,
)
from trigdash.model.error_group import ErrorGroup, ErrorGroupsPage
from trigdash.model.queue import Queue, QueueMetrics, QueuesAnswer
from trigdash.model.run import Run
from trigdash.model.run_page import RunItemsPage
from trigdash.model.wire import parse

MODELLED: dict[Any, tuple[str, ...]] = {
    RunItemsPage: ("runs_list", "project_runs_list"),
    Run: ("runs_get_v3", "run_reschedule"),
    QueuesAnswer: ("queues_list",),
    Queue: ("queues_get", "queues_pause", "queues_resume", "queues_override", "queues_reset"),
    QueueMetrics: ("queues_metrics",),
    Batch: ("batches_get", "batches_get_v1", "batches_get_v2"),
    BulkAction: ("bulk_actions_get",),
    BulkActionsPage: ("bulk_actions_list",),
    ErrorGroup: ("errors_get", "errors_resolve", "errors_ignore", "errors_unresolve"),
    ErrorGroupsPage: ("errors_list",),
    WhoamiEnvironment: ("whoami_v1",),
    WhoamiUser: ("whoami_v2",),
    Project: ("projects_get",),
    tuple[Project, ...]: ("projects_list",),
    tuple[Environment, ...]: ("project_environments",),
    EnvironmentAccess: ("project_env_get",),
}

ANSWERS = [
    pytest.param(model, answer, id=answer.name)
    for model, operations in MODELLED.items()
    for answer in successes_of(*operations)
]


def test_there_are_recordings_of_every_modeled_operation() -> None:
    for operations in MODELLED.values():
        for operation in operations:
            assert names_of(operation), operation
    assert len(ANSWERS) > 200


@pytest.mark.parametrize(("model", "answer"), ANSWERS)
def test_a_recorded_answer_parses_and_serialises_without_loss(model: Any, answer: Recorded) -> None:
    adapter = TypeAdapter(model)
    value = parse(adapter, answer.body)
    again = json.loads(adapter.dump_json(value, by_alias=True))

    assert lost(value, answer.data, again) == []
    assert parse(adapter, json.dumps(again).encode()) == value


def lost(value: Any, sent: Any, again: Any, path: str = "$") -> list[str]:
    """Paths of modeled values that differ between what was sent and what we would send."""
    if isinstance(value, BaseModel):
        found = []
        for name, field in type(value).model_fields.items():
            alias = field.alias or name
            if sent.get(alias) is not None:
                where = f"{path}.{alias}"
                found += lost(getattr(value, name), sent[alias], again.get(alias), where)
        return found
    if isinstance(value, tuple) and len(sent) == len(value) == len(again):
        parts = zip(value, sent, again, strict=True)
        return [one for i, part in enumerate(parts) for one in lost(*part, f"{path}[{i}]")]
    if isinstance(value, datetime):
        same = datetime.fromisoformat(again) == datetime.fromisoformat(sent) == value
    elif isinstance(sent, str):
        # A worker's colors are in its error messages: text is shown without escape sequences.
        same = again in (sent, clean_text(sent))
    else:
        same = again == sent
    return [] if same else [path]
