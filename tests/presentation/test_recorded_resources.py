"""Every recorded answer of the resources' operations is read by their parsers and shown."""

from __future__ import annotations

import json

import pytest

from tests.recorded import Recorded, recorded, successes_of
from trigdash.backends.operations.groups import get_batch
from trigdash.backends.operations.project import current_deployment, current_worker
from trigdash.model.clean import clean
from trigdash.presentation.cell import cell_text
from trigdash.presentation.field import json_value
from trigdash.presentation.registry import load_resource
from trigdash.presentation.resource import Resource

NOW_MS = 1_795_400_000_000.0
LISTS = {
    "queues": "queues_list",
    "schedules": "schedules_list",
    "deployments": "deployments_list",
    "errors": "errors_list",
    "tokens": "waitpoint_tokens_list",
    "variables": "envvars_list",
    "sessions": "sessions_list",
    "environments": "project_environments",
    "allruns": "project_runs_list",
}
ONES = {
    "schedules": ("schedules_get", "schedules_create", "schedules_update", "schedules_activate"),
    "deployments": ("deployments_get",),
    "errors": ("errors_get",),
    "tokens": ("waitpoint_tokens_get",),
    "variables": ("envvars_get",),
    "sessions": ("sessions_get",),
}


def _shown(resource: Resource[object], row: object) -> None:
    """Every field of a row has a cell, a value that JSON carries, and the row has a key."""
    assert resource.key(row)
    for field in resource.fields:
        text = cell_text(field.cell(row, NOW_MS))
        assert clean(text) == text or text
    json.dumps(resource.record(row))
    assert cell_text(resource.explanation(row, NOW_MS)) is not None


def _lists() -> list[tuple[str, Recorded]]:
    return [(name, told) for name, kind in LISTS.items() for told in successes_of(kind)]


def _ones() -> list[tuple[str, Recorded]]:
    return [(name, told) for name, kinds in ONES.items() for told in successes_of(*kinds)]


@pytest.mark.parametrize(("name", "told"), _lists(), ids=lambda each: getattr(each, "name", each))
def test_a_recorded_list_is_read_whole(name: str, told: Recorded) -> None:
    resource = load_resource(name)
    listing = resource.page(None).parser(told.body)
    rows = (
        told.data
        if isinstance(told.data, list)
        else told.data["data" if "data" in told.data else name]
    )
    assert len(listing.rows) == len(rows)
    assert listing.unreadable == 0
    for row in listing.rows:
        _shown(resource, row)


@pytest.mark.parametrize(("name", "told"), _ones(), ids=lambda each: getattr(each, "name", each))
def test_a_recorded_thing_is_read_and_shown(name: str, told: Recorded) -> None:
    resource = load_resource(name)
    assert resource.get is not None
    _shown(resource, resource.get("any").parser(told.body))


@pytest.mark.parametrize("name", ["webhooks_endpoints_list", "webhooks_deliveries_list"])
def test_recorded_webhooks_are_read(name: str) -> None:
    told = recorded(name)
    resource = load_resource("webhooks" if "endpoints" in name else "deliveries")
    listing = resource.page(None).parser(told.body)
    assert len(listing.rows) == len(told.data["data"])


@pytest.mark.parametrize(
    "told", successes_of("batches_get_v1", "batches_get_v2"), ids=lambda told: told.name
)
def test_a_recorded_batch_is_read_with_the_items_that_failed(told: Recorded) -> None:
    batch = get_batch("any").parser(told.body)
    assert batch.id == told.data["id"]
    errors = (told.data.get("processing") or {}).get("errors") or []
    if errors:
        assert [each.error_code for each in batch.processing.errors] == [
            each["errorCode"] for each in errors
        ]
    json.dumps(json_value(batch))


@pytest.mark.parametrize("told", successes_of("project_workers_current"), ids=lambda t: t.name)
def test_the_recorded_worker_names_its_tasks(told: Recorded) -> None:
    worker = current_worker().parser(told.body)
    assert [task.slug for task in worker.tasks] == [
        task["slug"] for task in told.data["worker"]["tasks"]
    ]


@pytest.mark.parametrize("told", successes_of("deployments_current"), ids=lambda t: t.name)
def test_the_recorded_current_deployment_is_read(told: Recorded) -> None:
    assert current_deployment().parser(told.body).version == told.data["version"]
