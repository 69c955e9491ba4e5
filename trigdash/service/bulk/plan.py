"""What a bulk action would do, fixed before anything is sent.

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
"""The window of a list when none is set (recorded)."""

MAX_RUNS = 5000
"""The most runs of one bulk action by id. Collecting them costs a request for each 100. Beyond that
the server has to find the runs itself, or the user repeats the action."""

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
    """The sizes of waves, and when to stop."""

    first: int
    """Runs of the first wave."""
    per_minute: float = 60.0
    """Runs sent a minute from the third wave on."""
    stop_above: float = 0.2
    """The fraction of a wave that may fail."""


SECOND = 10
"""Runs of the second wave."""
CANARY = WaveRules(first=3)
"""The rules that the prompt offers: 3 runs, then 10, then 60 a minute."""
WAVE_VERBS = frozenset({"cancel", "replay"})
"""Verbs that can be sent in waves: they have a result to wait for, or cannot be undone."""


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """What to do, and to which runs: a fixed list of ids, whatever the filter matches later, or,
    with `matching`, the runs that the server finds."""

    verb: str
    """cancel, replay or tag."""
    run_ids: tuple[str, ...]
    """In a plan with `matching`: the runs that are known to match, which may be a part of them."""
    tags: tuple[str, ...] = ()
    """Tags to add, for `tag`."""
    label: str = ""
    """How the runs were chosen, in words: the filter line, "12 marked runs"."""
    matching: RunFilter | None = None
    """The filter by which the server finds the runs. Its window has an end, so that no later run is
    touched."""
    waves: WaveRules | None = None
    """Send in waves, each only after the previous one went well; None sends all at once."""


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """Figures of a plan, for its confirmation prompt."""

    plan: BulkPlan
    by_task: Mapping[str, int]
    """Task → runs, the most first."""
    by_status: Mapping[str, int]
    """Status word of the server → runs, the most first."""
    by_age: Mapping[str, int]
    """Age in words → runs, youngest first, without empty groups."""
    oldest: RunRow | None
    newest: RunRow | None
    finished: int
    """Runs that have already ended. A cancel leaves them out; see `plan`."""
    truncated: bool = False
    """True when more may match than were read."""
    whole: BulkPlan | None = None
    """The plan for everything that matches, when the list was cut and the server can find the
    rest."""
    rows: tuple[RunRow, ...] = field(default=(), repr=False)
    """The runs that would be acted on, as they were read."""

    @property
    def count(self) -> int:
        """Runs that would be acted on."""
        return len(self.plan.run_ids)

    @property
    def in_waves(self) -> BulkPlan | None:
        """The plan for the listed runs in waves; None where waves make no sense."""
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
    """Fix the plan of a bulk action over rows; each run once. A cancel is planned for unfinished
    runs only: a server counts the others as failures (recorded)."""
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
    """The plan for everything that a filter matches; None where a bulk action of the server does
    not support the filter. The end of the window is set here, when the list was read, since the
    server applies the filter while it works.
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
            return None  # The server takes an empty list for "any".
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
    """Every run that a filter matches, page by page, newest first, without repeats, about `limit`
    at most. `on_odd` gets the unreadable runs of a page. Raises BackendError, also when the link to
    the next page is unreadable, since that is not the end of the list."""
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
