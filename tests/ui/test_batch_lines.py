"""A batch says the same of itself in the list and on its own page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.ui.harness import run_row
from trigdash.model.batch import Batch, BatchSummary, summary_of_runs
from trigdash.model.run_row import RunRow
from trigdash.presentation.batches import batch_head, duration_cell
from trigdash.presentation.cell import cell_text
from trigdash.service.cache.store import Snapshot

CREATED = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
FIRST = CREATED + timedelta(seconds=6.2)
ENDED = CREATED + timedelta(seconds=16.6)
NOW_MS = (CREATED + timedelta(minutes=5)).timestamp() * 1000


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def batch(count: int = 2) -> Batch:
    told: dict[str, Any] = {"id": "batch_1", "status": "COMPLETED", "runCount": count}
    at = CREATED.isoformat()
    return Batch.model_validate(told | {"createdAt": at, "updatedAt": at})


def runs() -> list[RunRow]:
    times = {"started_ms": ms(FIRST), "finished_ms": ms(ENDED), "status_name": "COMPLETED"}
    late = run_row(1, created_ms=ms(FIRST) + 900, **times)
    return [late, run_row(2, created_ms=ms(FIRST), **times)]


def summary() -> BatchSummary:
    return BatchSummary(
        id="batch_1", runs=2, succeeded=2, first_at=FIRST, last_at=FIRST, ended_at=ENDED
    )


def head(line: BatchSummary) -> str:
    return cell_text(batch_head(line, Snapshot(data=batch()), NOW_MS)[0])


def test_a_batch_took_as_long_on_its_page_as_in_the_list() -> None:
    lines = (
        summary(),
        summary().told_by(batch()),
        summary_of_runs("batch_1", batch(), runs()),
    )
    assert {cell_text(duration_cell(line, NOW_MS)) for line in lines} == {"10.4 s"}
    for line in lines[1:]:
        said = "took 10.4 s   first run 6.20 s after the batch was created"
        assert said in head(line)


def test_a_batch_whose_first_run_is_not_loaded_counts_from_its_creation() -> None:
    line = summary_of_runs("batch_1", batch(count=900), runs())
    assert line.first_at == CREATED
    assert "after the batch" not in head(line)
    assert summary_of_runs("batch_1", None, []).first_at is None
