"""Many runs at once: choose, preview, confirm, carry out, watch, retry, resume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from trigdash.config.files import FileTrouble
from trigdash.model.capability import Capability
from trigdash.presentation.bulk import end_message, ended_severity, preview_lines, runs_label
from trigdash.presentation.units import count, plural, span
from trigdash.service.bulk.bulk import Bulk
from trigdash.service.bulk.collect import collect_runs, for_verb, started_since
from trigdash.service.bulk.journal import BulkJournal
from trigdash.service.bulk.plan import BulkPreview, preview, whole_plan
from trigdash.service.bulk_record import ItemState
from trigdash.service.filters.description import format_filter
from trigdash.ui.actions.verbs import VERBS
from trigdash.ui.dialogs.bulk_preview import BulkPreviewDialog
from trigdash.ui.dialogs.bulk_progress import BulkProgressDialog
from trigdash.ui.dialogs.collect_runs import CollectRunsDialog
from trigdash.ui.dialogs.confirm import PickDialog
from trigdash.ui.dialogs.dialog import facts
from trigdash.ui.dialogs.tags import AddTagsDialog

if TYPE_CHECKING:
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.ui.actions.prompt_context import ConfirmedAction, PromptContext
    from trigdash.ui.actions.run_prompts import RunPrompt

LOW_SCREEN = 30
"""Terminals with fewer lines than this get a shorter preview."""

ONE_BY_ONE_LEAST_S = 0.1
"""What one run takes at the least when the server has no bulk action."""


async def act_on_rows(
    context: PromptContext, verb: str, rows: Sequence[RunRow], label: str
) -> None:
    """A bulk over these runs, from its question to its end."""
    tags: tuple[str, ...] = ()
    if verb == "tag":
        title = f"Tag {plural(len(rows), 'run')}"
        given = await context.show(
            AddTagsDialog(title, context.environment_label, [], (), opened_by=context.opened_by)
        )
        if not given:
            return
        tags = given
    await _confirm(context, preview(verb, rows, context.now_ms(), tags=tags, label=label))


async def act_on_matching(context: PromptContext, verb: str, run_filter: RunFilter) -> None:
    """A bulk action over everything that a filter matches now, fixed before the confirmation."""
    label = format_filter(run_filter) or "everything in the window"
    tags: tuple[str, ...] = ()
    if verb == "tag":
        given = await context.show(
            AddTagsDialog("Tag what matches", context.environment_label, [], ())
        )
        if not given:
            return
        tags = given
    read_filter, gathered_at = for_verb(run_filter, verb), context.now()
    read = partial(collect_runs, context.connection.backend, read_filter)
    gathered = await context.show(
        CollectRunsDialog(context.environment_label, label, read, opened_by=context.opened_by)
    )
    if gathered is None:
        return
    if gathered.problem:
        context.app.toast(f"{gathered.problem}; nothing was sent", "warning")
        return
    asked = preview(
        verb, gathered.rows, context.now_ms(), tags=tags, label=label, truncated=gathered.truncated
    )
    if asked.truncated and context.can(Capability.BULK):
        asked = replace(asked, whole=whole_plan(asked, read_filter, gathered_at))
    await _confirm(context, asked)


async def pick_verb(context: PromptContext, run_filter: RunFilter) -> None:
    """Ask what to do to everything that a filter matches."""
    label = format_filter(run_filter) or "everything in the window"
    can = {name: f"{verb.title.lower()} …" for name, verb in VERBS.items() if verb.many}
    choices = {name: words for name, words in can.items() if context.can(VERBS[name].capability)}
    dialog = PickDialog(
        "Everything that matches",
        context.environment_label,
        [(("filter  ", "dim"), (label, "text"))],
        choices,
        opened_by=context.opened_by,
    )
    verb = await context.show(dialog)
    if verb is not None:
        await act_on_matching(context, verb, run_filter)


async def prompt_in_batch(
    context: PromptContext,
    verb: str,
    run_filter: RunFilter,
    run: RunRow | None,
    prompt: RunPrompt,
) -> ConfirmedAction | None:
    """Ask whether a verb is meant for the batch or for the highlighted run, then ask for it."""
    whole = "what is unfinished in it" if verb == "cancel" else "its failures"
    choices = {"batch": whole}
    if run is not None:
        choices["run"] = "this run only"
    lines = [*facts([("batch", run_filter.batch or "")])]
    if run is not None:
        lines += facts([("run", f"  {run.id}  {run.task}, {run.status.word}")])
    name = VERBS[verb].title
    wanted = await context.show(
        PickDialog(
            f"{name} in a batch",
            context.environment_label,
            lines,
            choices,
            opened_by=context.opened_by,
        )
    )
    if wanted == "batch":
        await act_on_matching(context, verb, run_filter)
    elif wanted == "run" and run is not None:
        return await prompt(context, run)
    return None


async def _confirm(context: PromptContext, asked: BulkPreview) -> None:
    if not asked.count:
        context.app.toast(f"nothing to {asked.plan.verb}: {_empty_reason(asked)}")
        return
    is_low = context.app.size.height < LOW_SCREEN
    lines = preview_lines(asked, context.now_ms(), _seconds(context, asked), is_low=is_low)
    look = None
    if asked.plan.verb == "cancel":
        look = partial(started_since, context.connection.backend, asked)
    # After collecting a list, the key that opened the question has long been released.
    plan = await context.show(
        BulkPreviewDialog(
            asked, context.environment_label, lines, opened_by=context.opened_by, look=look
        )
    )
    if plan is not None and context.is_open:
        await carry_out(context, context.connection.start_bulk(plan))


def _empty_reason(asked: BulkPreview) -> str:
    if asked.truncated:
        return f"the newest {count(asked.finished)} that match have ended; narrow the filter"
    if asked.finished:
        return f"{plural(asked.finished, 'run')} matched, and all have ended"
    return "no run matches"


def _seconds(context: PromptContext, asked: BulkPreview) -> float | None:
    """How long it takes one by one; None where the server does it at its own pace."""
    if asked.plan.verb != "tag" and context.can(Capability.BULK):
        return None
    budget = context.connection.budget
    pace_s = ONE_BY_ONE_LEAST_S
    if budget.limit is not None:
        pace_s = max(pace_s, 120 / (budget.limit * budget.share))
    return asked.count * pace_s


async def carry_out(context: PromptContext, bulk: Bulk) -> None:
    """Show a bulk that was just begun, and see it to its end, watched or not."""
    context.app.run_worker(_see_to_end(context, bulk), group="bulks", exit_on_error=True)
    await watch(context, bulk)


async def watch(context: PromptContext, bulk: Bulk) -> None:
    """Show a bulk until it is left or has ended; its failures may be tried again."""
    bulk.is_watched = True
    try:
        answer = await context.show(
            BulkProgressDialog(bulk, context.environment_label, opened_by=context.opened_by)
        )
    finally:
        bulk.is_watched = False
    if answer == "retry":
        await carry_out(context, context.connection.start_bulk(bulk.retry_plan))


async def _see_to_end(context: PromptContext, bulk: Bulk) -> None:
    """When a bulk has ended, unmark what it dealt with; in the background it says how it ended.
    Nothing of it concerns an environment that was left."""
    await bulk.wait()
    if not context.is_open:
        return
    context.unmark(bulk.dealt_with)
    if not bulk.is_watched:
        context.app.toast(end_message(bulk.plan.verb, bulk.progress), ended_severity(bulk.progress))


async def open_bulks(context: PromptContext) -> None:
    """The bulk under way; else the latest one that was interrupted; else the last that ended."""
    bulks = context.connection.bulks
    running = next((bulk for bulk in bulks if bulk.state.is_active), None)
    if running is not None:
        await watch(context, running)
        return
    interrupted = context.connection.interrupted_bulks()
    if interrupted:
        await _ask_to_resume(context, interrupted[0])
    elif bulks:
        await watch(context, bulks[-1])
    else:
        context.app.toast("no bulk is under way, and none was interrupted")


async def _ask_to_resume(context: PromptContext, path: Path) -> None:
    try:
        record = BulkJournal.load(path).record
    except FileTrouble as trouble:
        context.app.toast(f"the list of a bulk cannot be read: {trouble}", "warning")
        return
    plan, now = record.plan, context.now()
    age = span((now - record.started_at).total_seconds() * 1000)
    lines = facts(
        [
            ("chosen by", plan.label),
            ("begun", f"{age} ago"),
            ("runs", runs_label(plan)),
            ("to do", count(len(record.of_state(ItemState.WAITING)))),
            ("handed over", count(len(record.of_state(ItemState.SENT)))),
        ]
    )
    dialog = PickDialog(
        f"Resume an interrupted bulk {plan.verb}",
        context.environment_label,
        [*lines, (), (("Finished runs are not touched again.", "dim"),)],
        {"resume": "resume it", "drop": "discard it"},
        safe="decide later",
        opened_by=context.opened_by,
    )
    answer = await context.show(dialog)
    try:
        if answer == "resume":
            await carry_out(context, context.connection.resume_bulk(path))
        elif answer == "drop":
            BulkJournal.resume(path).finish()
    except FileTrouble as trouble:
        context.app.toast(f"nothing is resumed: {trouble}", "warning")
