"""Bounds of time, each without the other."""

from __future__ import annotations

from datetime import UTC, datetime

from trigdash.backends.trigger.recent_batches import summarize_batches
from trigdash.backends.trigger.requests import bulk_filter, list_params
from trigdash.model.run_filter import RunFilter

END = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
END_MS = 1_795_302_000_000


def test_a_filter_with_an_end_and_no_beginning_keeps_its_end() -> None:
    narrowed = RunFilter(until=END)
    assert bulk_filter(narrowed) == {"to": END_MS}
    assert ("filter[createdAt][to]", str(END_MS)) in list_params(narrowed)


def test_a_filter_with_a_beginning_and_no_end_keeps_its_beginning() -> None:
    narrowed = RunFilter(since=END)
    assert bulk_filter(narrowed) == {"from": END_MS}
    assert ("filter[createdAt][from]", str(END_MS)) in list_params(narrowed)


def test_a_batch_ends_with_the_last_of_its_runs() -> None:
    times = ("2026-11-21 22:00:00.000", "2026-11-21 22:05:00.000")
    rows: list[dict[str, object]] = [
        {"batch_id": "b", "status": word, "runs": 2, "first_at": at, "last_at": at, "ended_at": at}
        for word, at in zip(("Completed", "Failed"), times, strict=True)
    ]
    (batch,) = summarize_batches(rows).batches
    assert (batch.runs, batch.first_at, batch.last_at, batch.ended_at) == (
        4,
        datetime(2026, 11, 21, 22, 0, tzinfo=UTC),
        datetime(2026, 11, 21, 22, 5, tzinfo=UTC),
        datetime(2026, 11, 21, 22, 5, tzinfo=UTC),
    )
