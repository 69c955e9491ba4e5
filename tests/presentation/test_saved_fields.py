"""What lists save of a row, by name, from one declaration each."""

from __future__ import annotations

from dataclasses import fields

from trigdash.model.batch import BatchSummary
from trigdash.presentation.resources.actions import RESOURCE as ACTIONS
from trigdash.presentation.resources.batches import RESOURCE
from trigdash.service.actions.outcome import AuditEntry


def test_a_batch_is_saved_with_how_its_runs_stand() -> None:
    row = BatchSummary(id="batch_1", runs=9, succeeded=4, failed=2, canceled=1, queued=1)
    saved = {field.name: field.value(row) for field in RESOURCE.fields}
    assert {name: value for name, value in saved.items() if not name.startswith("_")} == {
        "batch_id": "batch_1",
        "runs": 9,
        "succeeded": 4,
        "failed": 2,
        "canceled": 1,
        "running": 1,
        "queued": 1,
        "first_at": None,
    }


def test_an_entry_of_the_action_log_is_saved_whole() -> None:
    saved = {field.name for field in ACTIONS.fields if not field.name.startswith("_")}
    assert saved == {field.name for field in fields(AuditEntry)}
