"""The prompt before a replay, and where to look for a new run whose answer was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from trigdash.model.capability import Capability
from trigdash.model.clean import UNKNOWN
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.replay_start import start_of
from trigdash.service.actions.replay import replay_changes
from trigdash.service.cache.server_time import server_time_seen
from trigdash.service.filters.description import format_filter
from trigdash.ui.actions.prompt_context import ConfirmedAction
from trigdash.ui.actions.verbs import replay_consequence, run_facts
from trigdash.ui.dialogs.confirm import ReplayDialog
from trigdash.ui.dialogs.edit_replay import EditReplayDialog

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.model.run_filter import SupportedFilters
    from trigdash.model.run_row import RunRow
    from trigdash.service.actions.actions import Actions, Outcome
    from trigdash.service.runs.document import Document
    from trigdash.service.runs.placement import RunPlacement
    from trigdash.ui.actions.prompt_context import PromptContext

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the server's clock may be from ours before a new run is looked for in vain."""


def new_run_line(
    context: PromptContext, task: str, tags: Sequence[str], *, is_test: bool = False
) -> str:
    """A filter line that will show the new run of a task with these tags, at any later time."""
    seen = server_time_seen(context.connection.store)
    wanted = new_run_filter(task, tags, context.now(), seen, is_test=is_test)
    return format_filter(answered(wanted, context.supported_filters))


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
    """One tag to search for: with several, the server matches any of them, which is less specific.
    The longest is likely to be the most specific. A tag with a comma cannot be searched for."""
    fit = [tag for tag in tags if "," not in tag and UNKNOWN not in tag]
    return (max(fit, key=len),) if fit else ()


def answered(wanted: RunFilter, supported_filters: SupportedFilters) -> RunFilter:
    """A filter without what a system cannot narrow its list by."""
    plain = RunFilter()
    refused = {field.name for field in fields(RunFilter)} & supported_filters.refused
    return replace(wanted, **{name: getattr(plain, name) for name in refused})


async def prompt_replay(context: PromptContext, row: RunRow) -> ConfirmedAction | None:
    """Replay unchanged, or continue to the form."""
    dialog = ReplayDialog(
        "Replay 1 run",
        context.environment_label,
        [*run_facts(row, context.now_ms()), *replay_consequence(row)],
        can_edit=context.can(Capability.TRIGGER),
        opened_by=context.opened_by,
    )
    how = await context.show(dialog)
    if how is None:
        return None
    if how == "with changes":
        return await prompt_edited(context, row)
    return ConfirmedAction(
        f"replay of {row.task}",
        lambda actions: actions.replay(row.id),
        look=new_run_line(context, row.task, row.tags, is_test=row.is_test),
    )


async def prompt_edited(context: PromptContext, row: RunRow) -> ConfirmedAction | None:
    """A new run of the same task with payload and options edited."""
    from trigdash.service.runs.detail import RunQuery

    run = await context.fetch(RunQuery(row.id))
    if run is None:
        return None
    is_replay = await context.connection.actions.takes_replay_changes()
    place, document = await _place_of(context, run), _document_of(context, run)
    start = start_of(run, place, document, is_replay=is_replay)
    title = f"A replay of {row.task}" if is_replay else f"A new run of {row.task}"
    dialog = EditReplayDialog(title, context.environment_label, start, context.now, opened_by="e")
    new_run = await context.show(dialog)
    if new_run is None:
        return None
    changes = replay_changes(run, start.fields, new_run.payload, new_run.options)
    if is_replay and changes is not None:
        return ConfirmedAction(
            f"replay of {row.task}",
            partial(_replay, run_id=run.id, changes=changes),
            look=new_run_line(context, row.task, new_run.tags, is_test=run.is_test),
        )
    send = partial(_trigger, task=row.task, payload=new_run.payload, options=new_run.options)
    look = new_run_line(context, row.task, new_run.tags, is_test=run.is_test)
    return ConfirmedAction(f"new run of {row.task}", send, look=look)


async def _trigger(
    actions: Actions, *, task: str, payload: object, options: Mapping[str, object]
) -> Outcome:
    return await actions.trigger(task, payload, options)


async def _replay(actions: Actions, *, run_id: str, changes: Mapping[str, object]) -> Outcome:
    return await actions.replay_changed(run_id, changes)


async def _place_of(context: PromptContext, run: Run) -> RunPlacement | None:
    """Queue, machine and concurrency key of a run, if the query endpoint has them."""
    from trigdash.service.runs.placement import RunPlacementQuery, period_since

    if not context.can(Capability.QUERY):
        return None
    return await context.try_fetch(
        RunPlacementQuery(run.id, period_since(run.created_at, context.now()))
    )


def _document_of(context: PromptContext, run: Run) -> Document | None:
    """A payload that is stored separately, if it was loaded before."""
    from trigdash.service.runs.document import DocumentQuery

    return context.connection.snapshot(DocumentQuery(run.id, "payload")).data
