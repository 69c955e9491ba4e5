"""Runs by orders or conditions that the run list does not support, read from the query endpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.model.capability import Capability
from trigdash.presentation.columns import COLUMN_ALIASES
from trigdash.service.filters.conditions import needs_query
from trigdash.service.filters.matching import TextMatch
from trigdash.service.runs.counts import RunCountsQuery
from trigdash.service.runs.ranked import NEWEST, ORDERS, Order, first_runs
from trigdash.service.runs.statements import REFUSALS, NotAskable

if TYPE_CHECKING:
    from trigdash.commands.environment import CommandContext
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow

MOST = 10_000
"""Rows of one answer of the query endpoint."""
_ENDED_ONLY = {"duration": "took", "queued": "waited"}
"""Commands print figures of ended runs only; lists on screen update those of live runs."""


@dataclass(frozen=True, slots=True)
class AskedRuns:
    """The answer of the query endpoint."""

    rows: list[RunRow]
    total: int | None
    """How many runs match; None where that is not known."""


def order_of(run_filter: RunFilter, sort: str | None) -> Order | None:
    """The order that the query endpoint is needed for; None where the run list suffices."""
    if not sort:
        return NEWEST if run_filter.conditions else None
    name = COLUMN_ALIASES.get(sort.lstrip("-"), sort.lstrip("-"))
    name = _ENDED_ONLY.get(name, name)
    return Order(name, sort.startswith("-")) if name in ORDERS else None


async def asked_runs(
    context: CommandContext, run_filter: RunFilter, limit: int | None, sort: str | None
) -> AskedRuns | None:
    """The runs of a filter in an order, at most `limit`. Returns None, with a note, where they are
    read from the run list instead. Raises CommandFailure where the run list cannot provide them."""
    order = order_of(run_filter, sort)
    if order is None:
        return None
    reason = context.backend.disabled_reason(Capability.QUERY)
    if Capability.QUERY in context.backend.capabilities:
        most = MOST if limit is None or run_filter.text else min(limit + 1, MOST)
        try:
            rows, is_whole = await first_runs(context.backend, run_filter, order, most)
            return await _answer(context, run_filter, rows, is_whole=is_whole, limit=limit)
        except REFUSALS as error:
            reason = error.message()
        except NotAskable as part:
            reason = f"it has no words for {part}"
    if needs_query(run_filter.conditions):
        told = f"run lists do not tell attempts, and the query endpoint is not asked: {reason}"
        raise CommandFailure(told, ExitCode.FAILED)
    context.output.note(f"read from the run list, not from the query endpoint: {reason}")
    return None


async def _answer(
    context: CommandContext,
    run_filter: RunFilter,
    rows: list[RunRow],
    *,
    is_whole: bool,
    limit: int | None,
) -> AskedRuns | None:
    # The tables do not have the time of a run's last change.
    rows = [replace(row, updated_ms=0) for row in rows]
    rows = TextMatch(run_filter.text, run_filter.conditions).narrow(rows)
    if is_whole:
        return AskedRuns(rows[:limit], len(rows))
    if limit is None or len(rows) < limit:
        return None
    if run_filter.text:
        return AskedRuns(rows[:limit], None)
    counts = await RunCountsQuery(run_filter, context.clock).fetch(context.backend, None)
    return AskedRuns(rows[:limit], None if counts.refused else counts.total)
