"""How long runs of a task usually take.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Iterable

from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind

LEAST = 12
"""The least number of runs of a task from which a typical duration is computed."""

MOST = 100
"""Runs of a task that are remembered, so that the typical duration follows recent runs."""

MAX_TASKS = 500
"""Tasks that are remembered; a project has dozens."""


class TypicalDurations:
    """The median wall time of each task."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, int]] = {}
        """Task → run → milliseconds, the newest seen last."""
        self._medians: dict[str, int] = {}

    def observe(self, rows: Iterable[RunRow]) -> None:
        """Learn from the completed ones among these rows, each once."""
        for row in rows:
            if row.status.kind is Kind.SUCCEEDED and row.started_ms and row.finished_ms:
                self._add(row, row.finished_ms - row.started_ms)

    def _add(self, row: RunRow, took_ms: int) -> None:
        seen = self._seen.get(row.task)
        if seen is None:
            if len(self._seen) >= MAX_TASKS:
                return
            seen = self._seen[row.task] = {}
        if row.id in seen:
            return
        seen[row.id] = took_ms
        if len(seen) > MOST:
            del seen[next(iter(seen))]
        self._medians.pop(row.task, None)

    def typical_ms(self, row: RunRow) -> int | None:
        """The typical duration of a run of this task, in milliseconds; None while too few were
        seen."""
        known = self._medians.get(row.task)
        if known is None:
            seen = self._seen.get(row.task, {})
            if len(seen) < LEAST:
                return None
            known = self._medians[row.task] = sorted(seen.values())[len(seen) // 2]
        return known
