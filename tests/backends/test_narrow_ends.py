"""Bounds of time, each without the other."""

from __future__ import annotations

from datetime import UTC, datetime

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
