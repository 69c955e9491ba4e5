"""The run as a list keeps it: slim, slotted, no pydantic, so that 100,000 cost little.

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from trigdash.model.status import Status, status

if TYPE_CHECKING:
    from trigdash.model.odd_row import OddRow
    from trigdash.model.run_filter import RunFilter


_INTERNAL_ID = re.compile(r"c[a-z0-9]{24}")


@lru_cache(maxsize=1_000)
def region_name(told: str | None) -> str | None:
    """A region as people know it. Recorded: in dev the server returns the id of the environment
    instead of a region (`cmx0v1nwu0004757ddthndvml`), which names nothing."""
    return None if told is None or _INTERNAL_ID.fullmatch(told) else told


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a list. Texts are clean (no control characters); times are epoch milliseconds.

    Two rows are equal when everything that a list shows of them is equal, so a merge can keep the
    old object and downstream comparisons are by identity.
    """

    id: str
    status_name: str
    """As the server sent it; see `status`."""
    task: str
    created_ms: int
    updated_ms: int
    started_ms: int | None = None
    finished_ms: int | None = None
    delayed_until_ms: int | None = None
    expired_ms: int | None = None
    compute_ms: int = 0
    """Compute time used, not wall time (`durationMs` of the API)."""
    version: str | None = None
    tags: tuple[str, ...] = ()
    cost_cents: float = 0.0
    is_test: bool = False
    environment: str | None = None
    """The environment's slug: dev, stg, prod, preview …"""
    ttl: str | None = None
    region: str | None = None
    idempotency_key: str | None = None
    depth: int = 0
    kind: str | None = None
    """STANDARD, SCHEDULED, AGENT … or the trigger type of a workflow run."""
    attempts: int | None = None
    """Attempts made, where known: lists of Trigger.dev do not say."""
    error: str | None = None
    """First line of the error, if the list or an opened run has it."""
    restarted_from: str | None = None
    """The run that this one was made from by a retry or a restart, if the list has it."""

    @property
    def status(self) -> Status:
        """What the status word means."""
        return status(self.status_name)


@dataclass(frozen=True, slots=True)
class RunsPage:
    """One page of a run list, newest first regardless of the direction of the request."""

    rows: tuple[RunRow, ...]
    next: str | None = None
    """Opaque cursor to older runs; absent on the last page."""
    previous: str | None = None
    """Opaque cursor to newer runs."""
    odd: tuple[OddRow, ...] = ()
    """Rows of the answer that could not be read, or not all of it."""
    is_cut: bool = False
    """Whether the link to the next page could not be read; then `next` means nothing."""
    applied: RunFilter | None = None
    """The window that the server says it used (from 4.8.9 on), and nothing else of a filter."""


def timestamp_ms(moment: datetime) -> int:
    """Epoch milliseconds of an aware datetime."""
    return round(moment.timestamp() * 1000)
