"""What lists save of a row, by name, from one declaration each."""

from __future__ import annotations

from dataclasses import fields

from trigdash.presentation.action_log import SAVED_FIELDS as ENTRY_FIELDS
from trigdash.presentation.batch_columns import SAVED_FIELDS
from trigdash.presentation.batches import BatchLine
from trigdash.service.actions.outcome import AuditEntry
from trigdash.service.batches import BatchProgress


def test_a_batch_is_saved_with_how_its_runs_stand() -> None:
    line = BatchLine("batch_1", BatchProgress(9, 4, 2, 1, running=1, queued=1))
    assert {name: value(line) for name, value in SAVED_FIELDS.items()} == {
        "id": "batch_1",
        "runs": 9,
        "succeeded": 4,
        "failed": 2,
        "canceled": 1,
        "running": 1,
        "queued": 1,
    }


def test_an_entry_of_the_action_log_is_saved_whole() -> None:
    assert tuple(field.name for field in fields(AuditEntry)) == ENTRY_FIELDS
    assert ENTRY_FIELDS[:6] == ("at", "profile", "environment", "action", "target", "result")
