"""What a filter covers: its time window, and its free text in loaded rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.model.run_row import RunRow

if TYPE_CHECKING:
    from trigdash.model.capability import Reach
    from trigdash.model.run_filter import RunFilter
    from trigdash.service.filters.conditions import Condition


@dataclass(frozen=True, slots=True)
class RunWindow:
    """A time window. Nothing set means all of time (`is_default` false)."""

    period: str | None = None
    """Look-back from now, as the API writes it. Beats `since` and `until`."""
    since: datetime | None = None
    until: datetime | None = None
    is_default: bool = False
    """No window was requested: the system's default look-back applies, if it has one."""
    newest: int | None = None
    """The most runs that the system lists, whatever their age."""


def window_of(run_filter: RunFilter, reach: Reach) -> RunWindow:
    """The effective window of a filter on a system with this reach. With only `until` there is no
    lower bound."""
    if run_filter.period is not None:
        return RunWindow(period=run_filter.period, newest=reach.newest)
    if run_filter.since is not None or run_filter.until is not None:
        return RunWindow(since=run_filter.since, until=run_filter.until, newest=reach.newest)
    return RunWindow(period=reach.period, is_default=True, newest=reach.newest)


def _conditions(typed: tuple[str, ...]) -> tuple[Condition, ...]:
    """The conditions of a filter. Most have none, and do not need the module of conditions."""
    if not typed:
        return ()
    from trigdash.service.filters.conditions import read_conditions

    return read_conditions(typed)


SPARE = 1_000
"""How many rows beyond twice those of the list are remembered before rows that left are
forgotten."""


class TextMatch:
    """Decides which rows contain all words and meet all conditions. Remembers the result, so that a
    poll is cheap."""

    def __init__(self, text: str, conditions: Iterable[str] = ()) -> None:
        self._words = tuple(text.casefold().split())
        self._conditions = _conditions(tuple(conditions))
        self._known: dict[str, tuple[RunRow, bool]] = {}

    def matches(self, row: RunRow) -> bool:
        """Whether a row contains every word, letter case aside, and meets every condition."""
        known = self._known.get(row.id)
        if known is not None and known[0] is row:
            return known[1]
        found = all(each.holds(row) for each in self._conditions) and self._search(row)
        self._known[row.id] = (row, found)
        return found

    def narrow(self, rows: Sequence[RunRow]) -> list[RunRow]:
        """The matching rows in their order; all rows without text or conditions."""
        if not (self._words or self._conditions):
            return list(rows)
        found = [row for row in rows if self.matches(row)]
        if len(self._known) > 2 * len(rows) + SPARE:
            # Over a day, a list drops its oldest rows.
            self._known = {row.id: self._known[row.id] for row in rows}
        return found

    def _search(self, row: RunRow) -> bool:
        shown = (
            row.id,
            row.task,
            row.status.word,
            row.version or "",
            row.region or "",
            row.environment or "",
            row.idempotency_key or "",
            row.error or "",
            *row.tags,
        )
        haystack = "\n".join(shown).casefold()
        return all(word in haystack for word in self._words)
