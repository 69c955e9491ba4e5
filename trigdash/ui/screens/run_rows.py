"""The rows of a run list, with the gaps between them, and what is said of them above: counts,
order, and the health of the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from trigdash.model.capability import Capability
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.list_states import gap_cell
from trigdash.presentation.units import count, plural
from trigdash.service.environments import HealthQuery, IdentityQuery
from trigdash.service.runs.run_list import Gap

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.service.cache.query import Query
    from trigdash.service.cache.store import Snapshot
    from trigdash.service.runs.run_list import RunList
    from trigdash.service.session import Session
    from trigdash.ui.widgets.row_table import RowTable

RUN_ID = re.compile(r"run_[A-Za-z0-9-]{20,}")
"""A whole id, as one pastes it from a log."""

PAGE_REST_S = 1.0
"""Between two older pages of a list that is sorted or searched."""

Shown = RunRow | Gap
"""A row of the table: a run, or a place where runs may be missing."""


def row_key(row: Shown) -> str:
    """The table's key of a row."""
    return row.id if isinstance(row, RunRow) else f"gap:{row.cursor}"


def banner(row: Shown) -> Cell | None:
    """What is drawn across the table in the place of a gap."""
    return gap_cell(row) if isinstance(row, Gap) else None


def with_gaps(rows: Sequence[RunRow], gaps: Sequence[Gap]) -> list[Shown]:
    """The rows with each gap below the run that it comes after."""
    below = {gap.after: gap for gap in gaps}
    shown: list[Shown] = []
    for row in rows:
        shown.append(row)
        if row.id in below:
            shown.append(below[row.id])
    return shown


def unloaded_run(text: str, runs: RunList | None) -> str | None:
    """The run that a text names by its whole id, unless it is loaded: a text is looked for among
    loaded runs only, and would not be found."""
    if RUN_ID.fullmatch(text) is None or (runs is not None and runs.find(text) is not None):
        return None
    return text


class SparePaging:
    """Spaces out the older pages of a list that is sorted or searched: a key that is held at its
    end stays there, and would spend the rate limit of all."""

    def __init__(self) -> None:
        self._last_s = -PAGE_REST_S

    def allows(self, now_s: float) -> bool:
        """Whether a page may be requested at a monotonic time."""
        if now_s - self._last_s < PAGE_REST_S:
            return False
        self._last_s = now_s
        return True


def news_cell(table: RowTable[Any], runs: RunList, *, is_sorted: bool) -> Cell:
    """What an order is of, how many runs are marked, and how many came above."""
    news: list[Piece] = []
    if is_sorted and table.sort is not None and (words := _order_words(table, runs)):
        news.append((f"{words}   ", "warn"))
    if table.marked:
        news.append((f"{count(len(table.marked))} marked   ", "accent"))
    if table.new_above:
        news += [
            (f"{count(table.new_above)} new  ", "strong"),
            ("g", "key"),
            (" shows ", "dim"),
        ]
    return tuple(news)


def _order_words(table: RowTable[Any], runs: RunList) -> str:
    """By what runs are ordered, unless a title shows it, and which runs, where there are others."""
    column = table.sort[0] if table.sort is not None else ""
    is_all = runs.complete and not runs.gaps
    if is_all and column in table.shown_columns:
        return ""
    parts = [f"by {column}", "" if is_all else f"of {count(len(runs))} loaded"]
    parts.append(f"{plural(len(runs.gaps), 'gap')} not shown" if runs.gaps else "")
    return ", ".join(filter(None, parts))


class HealthBanner:
    """Watches the health report. If the key may not read it, nothing is shown and it is not
    requested again."""

    BESIDE = (IdentityQuery, HealthQuery)
    """Queries that are not urgent."""

    def __init__(self) -> None:
        self.cell: Cell = ()

    def queries(self, session: Session) -> Iterable[Query[Any]]:
        """What is watched, where the system has such a report."""
        return () if session.disabled_reason(Capability.HEALTH) else (HealthQuery(),)

    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        """The report arrived, or could not be read."""
        if isinstance(query, HealthQuery):
            from trigdash.presentation.health import health_banner

            self.cell = health_banner(snapshot.data)
