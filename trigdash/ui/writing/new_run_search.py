"""Where to look for a new run whose answer was lost: a filter line, as narrow as is certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trigdash.model.clean import UNKNOWN
from trigdash.model.run_filter import RunFilter
from trigdash.service.filter_words import format_filter
from trigdash.service.server_time import server_time_seen

if TYPE_CHECKING:
    from trigdash.model.run_filter import Narrowing
    from trigdash.ui.writing.desk import Desk

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the server's clock may be from ours before a new run is looked for in vain."""


def new_run_line(desk: Desk, task: str, tags: Sequence[str], *, is_test: bool = False) -> str:
    """The filter line that shows a run of a task that is about to be made with these tags,
    whenever it is looked at."""
    seen = server_time_seen(desk.connection.store)
    wanted = new_run_filter(task, tags, desk.now(), seen, is_test=is_test)
    return format_filter(answered(wanted, desk.narrowing))


def new_run_filter(
    task: str, tags: Sequence[str], now: datetime, seen: datetime | None, *, is_test: bool
) -> RunFilter:
    """The runs that may be the one. `seen` is what the server's clock showed before: a new run is
    later than that, however our clock goes."""
    since = (seen or now - CLOCKS_DIFFER).replace(microsecond=0)
    until = max(now, seen or now).replace(microsecond=0) + CLOCKS_DIFFER
    return RunFilter(
        tasks=(task,), tags=_most_telling(tags), since=since, until=until, is_test=is_test
    )


def _most_telling(tags: Sequence[str]) -> tuple[str, ...]:
    """One tag to look for: of several the server takes any, which tells less than one. The longest
    is likely to name a single thing. One with a comma cannot be looked for."""
    fit = [tag for tag in tags if "," not in tag and UNKNOWN not in tag]
    return (max(fit, key=len),) if fit else ()


def answered(wanted: RunFilter, narrowing: Narrowing) -> RunFilter:
    """A filter without what a system cannot narrow its list by."""
    plain = RunFilter()
    refused = {field.name for field in fields(RunFilter)} & narrowing.refused
    return replace(wanted, **{name: getattr(plain, name) for name in refused})
