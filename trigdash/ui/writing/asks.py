"""The question before each action on one run: a dialog first, then what is to be done.

Each asks once and gives a deed, or None when nothing is to happen. No deed is started here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from trigdash.model.json_text import json_pretty
from trigdash.model.run_filter import RunFilter
from trigdash.service.filter_words import format_filter
from trigdash.service.metadata_edit import change_of
from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.ask_replay import AskReplay
from trigdash.ui.dialogs.confirm import Confirm
from trigdash.ui.dialogs.edit_replay import EditReplay
from trigdash.ui.dialogs.json_editor import EditMetadata
from trigdash.ui.dialogs.reschedule import Reschedule
from trigdash.ui.dialogs.tags import AddTags
from trigdash.ui.writing.metadata_words import conflict_lines, metadata_of
from trigdash.ui.writing.verbs import cancel_consequence, replay_consequence, run_facts

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.model.run_row import RunRow
    from trigdash.service.actions import Actions, Outcome
    from trigdash.service.metadata_edit import MetadataChange
    from trigdash.ui.writing.desk import Desk


CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the server's clock may be behind ours before a new run is looked for in vain."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What was agreed to: one action, to be started once."""

    words: str
    """For the result: "replay of send-email"."""
    start: Callable[[Actions], Awaitable[Outcome]]
    run_id: str = ""
    """The run that it changes: opened to look, when its answer is lost."""
    look: str = ""
    """The filter line that shows whether a new run was made, for the same."""
    opens: bool = False
    """The new run is what it was done for: it is opened, unless the user went elsewhere."""


Ask = Callable[["Desk", "RunRow"], Awaitable[Deed | None]]


async def ask_cancel(desk: Desk, row: RunRow) -> Deed | None:
    """Cancel, said in full; the run goes on unless it is agreed to."""
    dialog = Confirm(
        "Cancel 1 run",
        desk.place,
        [*run_facts(row, desk.now_ms()), *cancel_consequence(row, can_replay=desk.can("REPLAY"))],
        safe="let it be",
        act="cancel the run",
        opened_by=desk.opened_by,
    )
    if not await desk.ask(dialog):
        return None
    return Deed(_name(row), lambda actions: actions.cancel(row.id), row.id)


async def ask_replay(desk: Desk, row: RunRow) -> Deed | None:
    """Replay as it was, or go on to the form."""
    can_edit = desk.can("TRIGGER")
    dialog = AskReplay(
        "Replay 1 run",
        desk.place,
        [*run_facts(row, desk.now_ms()), *replay_consequence(row)],
        can_edit=can_edit,
        opened_by=desk.opened_by,
    )
    how = await desk.ask(dialog)
    if how is None:
        return None
    if how == "with changes":
        return await ask_edited(desk, row)
    return Deed(
        f"replay of {row.task}",
        lambda actions: actions.replay(row.id),
        look=new_runs(row.task, desk.now()),
    )


async def ask_edited(desk: Desk, row: RunRow) -> Deed | None:
    """A new run of the same task with payload and options edited."""
    from trigdash.service.run_detail import RunQuery  # the full model is loaded when first wanted

    run = await desk.fetch(RunQuery(row.id))
    if run is None:
        return None
    dialog = EditReplay(
        f"A new run of {row.task}",
        desk.place,
        _edit_lines(run),
        # Nothing to send by a slip: what is not loaded must be typed.
        "" if run.payload_presigned_url else json_pretty(run.payload),
        {"tags": ", ".join(run.tags), "ttl": "", "delay": ""},
        desk.now,
        is_test=run.is_test,
        opened_by="e",
    )
    new_run = await desk.ask(dialog)
    if new_run is None:
        return None
    start = partial(_trigger, task=row.task, payload=new_run.payload, options=new_run.options)
    return Deed(f"new run of {row.task}", start, look=new_runs(row.task, desk.now()))


async def _trigger(
    actions: Actions, *, task: str, payload: object, options: Mapping[str, object]
) -> Outcome:
    return await actions.trigger(task, payload, options)


def _edit_lines(run: Run) -> list[Cell]:
    lines: list[Cell] = [
        (("Sent through the trigger endpoint: a new run, ", "dim"), ("not linked", "text")),
        (("as a replay of ", "dim"), (run.id, "text"), (".", "dim")),
        (("The server does not tell which queue and machine that run had.", "dim"),),
    ]
    if run.payload_presigned_url:
        words = "Its payload is stored apart and not loaded: type what the new run gets."
        lines.append(((words, "warn"),))
    return [*lines, ()]


async def ask_tags(desk: Desk, row: RunRow) -> Deed | None:
    """Tags as chips, checked before they are sent."""
    dialog = AddTags(
        "Tag 1 run",
        desk.place,
        run_facts(row, desk.now_ms())[:3],
        row.tags,
        opened_by=desk.opened_by,
    )
    tags = await desk.ask(dialog)
    if not tags:
        return None
    return Deed(_name(row), lambda actions: actions.add_tags(row.id, tags), row.id)


async def ask_reschedule(desk: Desk, row: RunRow) -> Deed | None:
    """Another moment for a delayed run."""
    dialog = Reschedule(
        "Reschedule 1 run",
        desk.place,
        run_facts(row, desk.now_ms()),
        desk.now,
        opened_by=desk.opened_by,
    )
    when = await desk.ask(dialog)
    if when is None:
        return None
    return Deed(_name(row), lambda actions: actions.reschedule(row.id, when.delay), row.id)


async def ask_metadata(desk: Desk, row: RunRow) -> Deed | None:
    """The metadata in an editor. What it is now is fetched first, and again before sending: only
    what was changed is sent, and what somebody else changed meanwhile is shown."""
    from trigdash.service.run_detail import RunQuery  # the full model is loaded when first wanted

    query = RunQuery(row.id)
    run = await desk.fetch(query, even_if_settled=True)
    if run is None:
        return None
    before, typed = metadata_of(run), None
    lines = [*run_facts(row, desk.now_ms())[:3], ()]
    while True:
        title = "Edit the metadata of 1 run"
        opener = desk.opened_by if typed is None else None
        typed = await desk.ask(
            EditMetadata(title, desk.place, lines, before, typed=typed, opened_by=opener)
        )
        if typed is None:
            return None
        run = await desk.fetch(query, even_if_settled=True)
        if run is None:
            continue  # what was typed is not lost because the server is away
        change = change_of(before, typed, metadata_of(run))
        if not change.conflicts or await _overwrites(desk, change):
            break
    if not change.keys:
        desk.app.say("the metadata are like that already; nothing was sent")
        return None
    start = partial(_edit_metadata, run_id=row.id, change=change)
    return Deed(_name(row), start, row.id)


async def _overwrites(desk: Desk, change: MetadataChange) -> bool:
    """Ask whether what changed meanwhile is to be overwritten."""
    dialog = Confirm(
        "Overwrite changed metadata of 1 run",
        desk.place,
        conflict_lines(change.conflicts),
        safe="send nothing",
        act="overwrite",
    )
    return await desk.ask(dialog) is True


async def _edit_metadata(actions: Actions, *, run_id: str, change: MetadataChange) -> Outcome:
    return await actions.edit_metadata(run_id, change.changed, change.removed)


def _name(row: RunRow) -> str:
    """A run as a result names it: its task, and enough of its id to tell it from others."""
    return f"{row.task} …{row.id[-5:]}"


def new_runs(task: str, now: datetime) -> str:
    """The filter line that shows the runs of a task made from now on, whenever it is looked at."""
    since = now.replace(microsecond=0) - CLOCKS_DIFFER
    return format_filter(RunFilter(tasks=(task,), since=since))


ASKS: Final[Mapping[str, Ask]] = {
    "cancel": ask_cancel,
    "replay": ask_replay,
    "tag": ask_tags,
    "reschedule": ask_reschedule,
    "metadata": ask_metadata,
}
"""The question of each verb of the run verbs."""
