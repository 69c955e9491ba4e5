"""The question before each action on one run: a dialog first, then what is to be done.

Each asks and gives what was agreed to, or None when nothing is to happen. Nothing is started here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from trigdash.service.metadata_edit import change_of
from trigdash.ui.dialogs.confirm import Confirm
from trigdash.ui.dialogs.json_editor import EditMetadata
from trigdash.ui.dialogs.reschedule import Reschedule
from trigdash.ui.dialogs.tags import AddTags
from trigdash.ui.writing.confirmed import ConfirmedAction
from trigdash.ui.writing.metadata_words import conflict_lines, metadata_of
from trigdash.ui.writing.replay_asks import ask_replay
from trigdash.ui.writing.verbs import cancel_consequence, run_facts

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow
    from trigdash.service.actions import Actions, Outcome
    from trigdash.service.metadata_edit import MetadataChange
    from trigdash.ui.writing.desk import Desk


Ask = Callable[["Desk", "RunRow"], Awaitable[ConfirmedAction | None]]


async def ask_cancel(desk: Desk, row: RunRow) -> ConfirmedAction | None:
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
    return ConfirmedAction(_name(row), lambda actions: actions.cancel(row.id), row.id)


async def ask_tags(desk: Desk, row: RunRow) -> ConfirmedAction | None:
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
    return ConfirmedAction(_name(row), lambda actions: actions.add_tags(row.id, tags), row.id)


async def ask_reschedule(desk: Desk, row: RunRow) -> ConfirmedAction | None:
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
    return ConfirmedAction(
        _name(row), lambda actions: actions.reschedule(row.id, when.delay), row.id
    )


async def ask_metadata(desk: Desk, row: RunRow) -> ConfirmedAction | None:
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
    return ConfirmedAction(_name(row), start, row.id)


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


ASKS: Final[Mapping[str, Ask]] = {
    "cancel": ask_cancel,
    "replay": ask_replay,
    "tag": ask_tags,
    "reschedule": ask_reschedule,
    "metadata": ask_metadata,
}
"""The question of each verb of the run verbs."""
