"""Pages of runs: validated as models, kept as slim rows.

100,000 runs as models were measured at 435 MiB; the rows need about a tenth, so the models live
only as long as the page is being read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from trigdash.model.clean import clean
from trigdash.model.moment import in_utc
from trigdash.model.odd_row import MAX_KEY
from trigdash.model.odd_rows import parse_rows
from trigdash.model.plain_run_page import applied_window, maybe_shared, newest_first, shared, short
from trigdash.model.run_row import RunRow, RunsPage, region_name, timestamp_ms
from trigdash.model.wire import NullIsDefault, NullIsEmpty, Real, Time, Whole, Wire


class RunEnvironment(Wire):
    """Where a listed run belongs."""

    id: str | None = None
    name: str | None = None
    """The slug: dev, stg, prod, preview."""
    user: str | None = None


class RunItem(Wire):
    """One run in a list. Nullable throughout, for speed: `row()` fills in and cleans."""

    id: Annotated[str, Field(min_length=1, max_length=MAX_KEY)]
    status: Annotated[str, Field(min_length=1)]
    task_identifier: str
    idempotency_key: str | None = None
    version: str | None = None
    created_at: Time
    updated_at: Time
    started_at: Time | None = None
    finished_at: Time | None = None
    delayed_until: Time | None = None
    expired_at: Time | None = None
    is_test: bool | None = None
    ttl: str | None = None
    env: RunEnvironment | None = None
    tags: tuple[str, ...] | None = None
    cost_in_cents: Real | None = None
    base_cost_in_cents: Real | None = None
    duration_ms: Whole | None = None
    depth: Whole | None = None
    task_kind: str | None = None
    region: str | None = None

    def row(self) -> RunRow:
        """The slim row. Words that repeat from run to run are shared."""
        return RunRow(
            id=clean(self.id),
            status_name=shared(self.status),
            task=shared(self.task_identifier),
            created_ms=_ms(self.created_at),
            updated_ms=_ms(self.updated_at),
            started_ms=_ms(self.started_at) if self.started_at else None,
            finished_ms=_ms(self.finished_at) if self.finished_at else None,
            delayed_until_ms=_ms(self.delayed_until) if self.delayed_until else None,
            expired_ms=_ms(self.expired_at) if self.expired_at else None,
            compute_ms=self.duration_ms or 0,
            version=maybe_shared(self.version),
            tags=tuple(map(shared, self.tags)) if self.tags else (),
            cost_cents=(self.cost_in_cents or 0.0) + (self.base_cost_in_cents or 0.0),
            is_test=bool(self.is_test),
            environment=maybe_shared(self.env.name) if self.env else None,
            ttl=maybe_shared(self.ttl),
            region=maybe_shared(region_name(self.region)),
            idempotency_key=short(self.idempotency_key) if self.idempotency_key else None,
            depth=self.depth or 0,
            kind=maybe_shared(self.task_kind),
        )


class Cursors(Wire):
    """The cursors of the neighboring pages. Both are opaque, and absent at the ends."""

    next: str | None = None
    previous: str | None = None


class RunItemsPage(Wire):
    """The body of a run list."""

    data: Annotated[tuple[RunItem, ...], NullIsEmpty] = ()
    pagination: Annotated[Cursors, NullIsDefault] = Cursors()
    applied_filters: Any = None


_PAGE = TypeAdapter(RunItemsPage)


def parse_runs(body: bytes) -> RunsPage:
    """A page of slim rows, newest first; ValueError when the body does not fit."""
    read = parse_rows(_PAGE, body, RunItem, "data")
    paging = read.value.pagination
    rows = newest_first(tuple(item.row() for item in read.value.data))
    applied = applied_window(read.value.applied_filters)
    return RunsPage(rows, paging.next, paging.previous, read.odd, read.is_cut, applied)


def _ms(moment: datetime) -> int:
    return timestamp_ms(in_utc(moment))
