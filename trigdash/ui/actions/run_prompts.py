"""The prompt before each action on one run: a dialog first, then what to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from trigdash.model.capability import Capability
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.json_text import conflict_lines, metadata_of
from trigdash.service.actions.metadata_edit import change_of
from trigdash.ui.actions.prompt_context import ConfirmedAction
from trigdash.ui.actions.replay_prompts import new_run_line, prompt_replay
from trigdash.ui.actions.verbs import cancel_consequence, run_facts
from trigdash.ui.dialogs.confirm import ConfirmDialog
from trigdash.ui.dialogs.json_form import EditMetadataDialog, RestartDialog
from trigdash.ui.dialogs.one_line import RescheduleDialog
from trigdash.ui.dialogs.tags import AddTagsDialog

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow
    from trigdash.service.actions.actions import Actions, Outcome
    from trigdash.service.actions.metadata_edit import MetadataChange
    from trigdash.ui.actions.prompt_context import PromptContext

RunPrompt = Callable[["PromptContext", "RunRow"], Awaitable[ConfirmedAction | None]]


async def prompt_cancel(context: PromptContext, row: RunRow) -> ConfirmedAction | None:
    """Confirm a cancel, with everything that it affects."""
    dialog = ConfirmDialog(
        "Cancel 1 run",
        context.environment_label,
        [
            *run_facts(row, context.now_ms()),
            *cancel_consequence(row, can_replay=context.can(Capability.REPLAY)),
        ],
        safe="keep the run",
        act="cancel the run",
        opened_by=context.opened_by,
    )
    if not await context.show(dialog):
        return None
    return ConfirmedAction(_name(row), lambda actions: actions.cancel(row.id), row.id)


async def prompt_tags(context: PromptContext, row: RunRow) -> ConfirmedAction | None:
    """Tags as chips, checked before they are sent."""
    dialog = AddTagsDialog(
        "Tag 1 run",
        context.environment_label,
        run_facts(row, context.now_ms())[:3],
        row.tags,
        opened_by=context.opened_by,
    )
    tags = await context.show(dialog)
    if not tags:
        return None
    return ConfirmedAction(_name(row), lambda actions: actions.add_tags(row.id, tags), row.id)


async def prompt_reschedule(context: PromptContext, row: RunRow) -> ConfirmedAction | None:
    """Another moment for a delayed run."""
    dialog = RescheduleDialog(
        "RescheduleDialog 1 run",
        context.environment_label,
        run_facts(row, context.now_ms()),
        context.now,
        opened_by=context.opened_by,
    )
    when = await context.show(dialog)
    if when is None:
        return None
    return ConfirmedAction(
        _name(row), lambda actions: actions.reschedule(row.id, when.delay), row.id
    )


async def prompt_metadata(context: PromptContext, row: RunRow) -> ConfirmedAction | None:
    """Edit the metadata. The present values are read first, and again before sending: only the
    user's changes are sent, and changes by others meanwhile are shown."""
    from trigdash.service.runs.detail import RunQuery

    query = RunQuery(row.id)
    run = await context.fetch(query, even_if_settled=True)
    if run is None:
        return None
    before, typed = metadata_of(run), None
    lines = [*run_facts(row, context.now_ms())[:3], ()]
    while True:
        title = "Edit the metadata of 1 run"
        opener = context.opened_by if typed is None else None
        typed = await context.show(
            EditMetadataDialog(
                title, context.environment_label, lines, before, typed=typed, opened_by=opener
            )
        )
        if typed is None:
            return None
        run = await context.fetch(query, even_if_settled=True)
        if run is None:
            continue  # what was typed is not lost because the server is away
        change = change_of(before, typed, metadata_of(run))
        if not change.conflicts or await _overwrites(context, change):
            break
    if not change.keys:
        context.app.toast("the metadata are like that already; nothing was sent")
        return None
    start = partial(_edit_metadata, run_id=row.id, change=change)
    return ConfirmedAction(_name(row), start, row.id)


async def _overwrites(context: PromptContext, change: MetadataChange) -> bool:
    """Ask whether what changed meanwhile is to be overwritten."""
    dialog = ConfirmDialog(
        "Overwrite changed metadata of 1 run",
        context.environment_label,
        conflict_lines(change.conflicts),
        safe="send nothing",
        act="overwrite",
    )
    return await context.show(dialog) is True


async def _edit_metadata(actions: Actions, *, run_id: str, change: MetadataChange) -> Outcome:
    return await actions.edit_metadata(run_id, change.changed, change.removed)


def _name(row: RunRow) -> str:
    """A run's name in results: its task, and enough of its id to identify it."""
    return f"{row.task} …{row.id[-5:]}"


PROMPTS: Final[Mapping[str, RunPrompt]] = {
    "cancel": prompt_cancel,
    "replay": prompt_replay,
    "tag": prompt_tags,
    "reschedule": prompt_reschedule,
    "metadata": prompt_metadata,
}
"""The question of each verb of the run verbs."""


NAMED = 6
"""Steps named of each kind; the others are counted."""


async def prompt_retry(context: PromptContext, row: RunRow) -> ConfirmedAction | None:
    """Retry from the first failed step; the new run is opened."""
    dialog = ConfirmDialog(
        "Retry 1 run",
        context.environment_label,
        [
            *run_facts(row, context.now_ms()),
            (),
            (("A new run starts from the first failed step, with the same input.", "text"),),
            (("The outputs of the steps before it are kept.", "dim"),),
        ],
        safe="leave it",
        act="retry the run",
        opened_by=context.opened_by,
    )
    if not await context.show(dialog):
        return None
    return ConfirmedAction(
        f"retry of {row.task}",
        lambda actions: actions.retry(row.id),
        look=new_run_line(context, row.task, row.tags, is_test=row.is_test),
        opens=True,
    )


async def prompt_restart(
    context: PromptContext, row: RunRow, step: str, kept: Sequence[str], again: Sequence[str]
) -> ConfirmedAction | None:
    """Restart from a step, with the input edited or not; the new run is opened."""
    from trigdash.service.runs.detail import RunQuery

    run = await context.fetch(RunQuery(row.id))
    if run is None:
        return None
    dialog = RestartDialog(
        f"Restart 1 run from {step}",
        context.environment_label,
        [
            *run_facts(row, context.now_ms())[:2],
            (),
            _steps("outputs kept", kept, "✓ ", "good", "none: this is the first step"),
            _steps("run again   ", again, "", "text", ""),
            (),
            (("input", "dim"), ("   what you change is laid over it", "faint")),
        ],
        run.payload,
        opened_by=context.opened_by,
    )
    start = await context.show(dialog)
    if start is None:
        return None
    do = partial(_restart, run_id=row.id, step=step, overrides=start.overrides)
    look = new_run_line(context, row.task, row.tags, is_test=row.is_test)
    return ConfirmedAction(f"restart of {row.task} from {step}", do, look=look, opens=True)


async def _restart(
    actions: Actions, *, run_id: str, step: str, overrides: Mapping[str, object] | None
) -> Outcome:
    return await actions.restart(run_id, step, overrides)


def _steps(name: str, steps: Sequence[str], mark: str, role: str, none: str) -> Cell:
    pieces: list[Piece] = [(f"{name}  ", "dim")]
    if not steps:
        pieces.append((none, "dim"))
    for number, step in enumerate(steps[:NAMED]):
        pieces.append((f"{', ' if number else ''}{mark}{step}", role))
    if len(steps) > NAMED:
        pieces.append((f" and {len(steps) - NAMED} more", "dim"))
    return tuple(pieces)
