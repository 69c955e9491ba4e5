"""What a bulk would do, frozen before anything is sent.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.backends.base import Unreadable
from trigdash.model.status import status
from trigdash.service.cache.pages import run_pages
from trigdash.service.filters.moments import lookback_s

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.odd_row import OddRow
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow

DEFAULT_WINDOW = timedelta(days=7)
"""What a list covers when no window is set (recorded)."""

MAX_RUNS = 5000
"""Runs of one bulk by id. Collecting them costs a request for each 100; of more than these the
server has to find the rest by itself, or it is done in parts."""

AGES = (
    ("under 1 m", 60_000),
    ("under 10 m", 600_000),
    ("under 1 h", 3_600_000),
    ("under 1 d", 86_400_000),
)
OLDEST_AGE = "older"

VERBS = ("cancel", "replay", "tag")


@dataclass(frozen=True, slots=True)
class WaveRules:
    """How a bulk goes forward, and when it stops."""

    first: int
    """Runs of the first wave."""
    per_minute: float = 60.0
    """Runs sent a minute from the third wave on."""
    stop_above: float = 0.2
    """The share of a wave that may fail."""


SECOND = 10
"""Runs of the second wave."""
CANARY = WaveRules(first=3)
"""What is offered: 3 runs, then 10, then 60 a minute."""
WAVE_VERBS = frozenset({"cancel", "replay"})
"""What goes forward in waves: what has a result to wait for, or cannot be undone."""


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """What is to be done, and to which runs: a list by id that does not change any more, whatever
    the filter would match later; or, with `matching`, those that the server finds by itself."""

    verb: str
    """cancel, replay or tag."""
    run_ids: tuple[str, ...]
    """In a plan with `matching` those that are known to match: a part."""
    tags: tuple[str, ...] = ()
    """To add, for `tag`."""
    label: str = ""
    """What the runs were chosen by, in words: the filter line, "12 marked runs"."""
    matching: RunFilter | None = None
    """For the server to find the runs by, with a set end: nothing created later is touched."""
    waves: WaveRules | None = None
    """Sent in waves, each of which must have gone well before the next; None sends all at once."""


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What a plan is about, for the question before it."""

    plan: BulkPlan
    by_task: Mapping[str, int]
    """Task → runs, the most first."""
    by_status: Mapping[str, int]
    """Status word of the server → runs, the most first."""
    by_age: Mapping[str, int]
    """Age in words → runs, the youngest first, without empty ones."""
    oldest: RunRow | None
    newest: RunRow | None
    finished: int
    """Runs that have ended already. A cancel leaves them out; see `plan`."""
    truncated: bool = False
    """True when more may match than were read."""
    whole: BulkPlan | None = None
    """The plan for everything that matches, when the list was cut and the server can find the rest
    by itself."""
    rows: tuple[RunRow, ...] = field(default=(), repr=False)
    """The runs that would be acted on, as they were."""

    @property
    def count(self) -> int:
        """Runs that would be acted on."""
        return len(self.plan.run_ids)

    @property
    def in_waves(self) -> BulkPlan | None:
        """The plan for the listed runs in waves; None where that makes no sense."""
        if self.plan.verb not in WAVE_VERBS or self.count <= CANARY.first:
            return None
        return replace(self.plan, waves=CANARY)


def preview(
    verb: str,
    rows: Iterable[RunRow],
    now_ms: float,
    *,
    tags: Iterable[str] = (),
    label: str = "",
    truncated: bool = False,
) -> BulkPreview:
    """Freeze a bulk over rows; each run once. A cancel is planned for unfinished runs only: a
    server counts the others as failures (recorded)."""
    unique = list({row.id: row for row in rows}.values())
    unique.sort(key=lambda row: (-row.created_ms, row.id))
    finished = sum(1 for row in unique if row.status.is_final)
    acted_on = [row for row in unique if verb != "cancel" or not row.status.is_final]
    ages = Counter(_age(now_ms - row.created_ms) for row in unique)
    return BulkPreview(
        plan=BulkPlan(verb, tuple(row.id for row in acted_on), tuple(tags), label),
        by_task=dict(Counter(row.task for row in unique).most_common()),
        by_status=dict(Counter(row.status_name for row in unique).most_common()),
        by_age={name: ages[name] for name in (*(n for n, _ in AGES), OLDEST_AGE) if ages[name]},
        oldest=unique[-1] if unique else None,
        newest=unique[0] if unique else None,
        finished=finished,
        truncated=truncated,
        rows=tuple(acted_on),
    )


def whole_plan(asked: BulkPreview, run_filter: RunFilter, now: datetime) -> BulkPlan | None:
    """The plan for everything that a filter matches; None where a server's bulk cannot be told it.

    The window is set here, as the list was read: the server goes by the filter while it works.
    """
    if asked.plan.verb == "tag" or run_filter.error or run_filter.is_narrowed_here:
        return None
    seconds = lookback_s(run_filter.period) if run_filter.period else None
    since = run_filter.since
    if seconds is not None:
        since = now - timedelta(seconds=seconds)
    elif run_filter.until is None and since is None:
        since = now - DEFAULT_WINDOW
    statuses = run_filter.statuses
    if asked.plan.verb == "cancel":
        statuses = tuple(name for name in statuses if not status(name).is_final)
        if not statuses:
            return None  # To the server none would mean any.
    matching = replace(
        run_filter,
        statuses=statuses,
        period=None,
        since=since,
        until=now if run_filter.until is None or run_filter.period else min(now, run_filter.until),
    )
    return replace(asked.plan, matching=matching)


async def collect(
    backend: Backend,
    run_filter: RunFilter,
    limit: int = MAX_RUNS,
    on_odd: Callable[[Sequence[OddRow]], object] = lambda odd: None,
) -> AsyncIterator[tuple[RunRow, ...]]:
    """Every run that a filter matches, page by page, newest first, each run once, about `limit`
    at most; `on_odd` gets what of a page could not be read. Raises BackendError, also where it
    cannot be read how the list goes on: that is no end."""
    seen: set[str] = set()
    async for page in run_pages(backend, run_filter):
        new = tuple(row for row in page.rows if row.id not in seen)[: limit - len(seen)]
        seen.update(row.id for row in new)
        if new:
            yield new
        if page.odd:
            on_odd(page.odd)
        if page.is_cut:
            raise Unreadable("where the list of runs goes on could not be read")
        if len(seen) >= limit:
            return


def _age(age_ms: float) -> str:
    return next((name for name, below_ms in AGES if age_ms < below_ms), OLDEST_AGE)
