"""The questions before a replay: as it was, or as a new run with payload and options edited."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from trigdash.ui.dialogs.ask_replay import AskReplay
from trigdash.ui.dialogs.edit_replay import EditReplay
from trigdash.ui.writing.confirmed import ConfirmedAction
from trigdash.ui.writing.new_run_search import new_run_line
from trigdash.ui.writing.replay_start import start_of
from trigdash.ui.writing.verbs import replay_consequence, run_facts

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.model.run_row import RunRow
    from trigdash.service.actions import Actions, Outcome
    from trigdash.service.document import Document
    from trigdash.service.run_place import RunPlace
    from trigdash.ui.writing.desk import Desk


async def ask_replay(desk: Desk, row: RunRow) -> ConfirmedAction | None:
    """Replay as it was, or go on to the form."""
    dialog = AskReplay(
        "Replay 1 run",
        desk.place,
        [*run_facts(row, desk.now_ms()), *replay_consequence(row)],
        can_edit=desk.can("TRIGGER"),
        opened_by=desk.opened_by,
    )
    how = await desk.ask(dialog)
    if how is None:
        return None
    if how == "with changes":
        return await ask_edited(desk, row)
    return ConfirmedAction(
        f"replay of {row.task}",
        lambda actions: actions.replay(row.id),
        look=new_run_line(desk, row.task, row.tags, is_test=row.is_test),
    )


async def ask_edited(desk: Desk, row: RunRow) -> ConfirmedAction | None:
    """A new run of the same task with payload and options edited."""
    from trigdash.service.run_detail import RunQuery  # the full model is loaded when first wanted

    run = await desk.fetch(RunQuery(row.id))
    if run is None:
        return None
    start = start_of(run, await _place_of(desk, run), _document_of(desk, run))
    title = f"A new run of {row.task}"
    dialog = EditReplay(title, desk.place, start, desk.now, opened_by="e")
    new_run = await desk.ask(dialog)
    if new_run is None:
        return None
    send = partial(_trigger, task=row.task, payload=new_run.payload, options=new_run.options)
    look = new_run_line(desk, row.task, new_run.tags, is_test=run.is_test)
    return ConfirmedAction(f"new run of {row.task}", send, look=look)


async def _trigger(
    actions: Actions, *, task: str, payload: object, options: Mapping[str, object]
) -> Outcome:
    return await actions.trigger(task, payload, options)


async def _place_of(desk: Desk, run: Run) -> RunPlace | None:
    """Queue, machine and concurrency key of a run, where the query endpoint tells them."""
    from trigdash.service.run_place import RunPlaceQuery, period_since

    if not desk.can("QUERY"):
        return None
    return await desk.try_fetch(RunPlaceQuery(run.id, period_since(run.created_at, desk.now())))


def _document_of(desk: Desk, run: Run) -> Document | None:
    """A payload that is stored apart, when it was loaded before."""
    from trigdash.service.document import DocumentQuery

    return desk.connection.snapshot(DocumentQuery(run.id, "payload")).data
