"""Many runs at once: choose, preview, confirm, carry out, watch, retry, resume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from trigdash.files import FileTrouble
from trigdash.service.bulk import Bulk
from trigdash.service.bulk_journal import BulkJournal
from trigdash.service.bulk_plan import BulkPreview, preview, whole_plan
from trigdash.service.bulk_record import ItemState
from trigdash.service.filter_words import format_filter
from trigdash.service.gathering import for_verb, gather, started_since
from trigdash.ui.cells.units import count, plural, span
from trigdash.ui.dialogs.bulk_preview import AskBulk
from trigdash.ui.dialogs.bulk_progress import WatchBulk
from trigdash.ui.dialogs.gather import GatherRuns
from trigdash.ui.dialogs.lines import facts
from trigdash.ui.dialogs.pick import Pick
from trigdash.ui.dialogs.tags import AddTags
from trigdash.ui.writing.bulk_words import ended_severity, ended_words, preview_lines, runs_words
from trigdash.ui.writing.verbs import VERBS

if TYPE_CHECKING:
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.ui.writing.desk import Desk

LOW_SCREEN = 30
"""Lines of a terminal below which a preview is told in fewer."""

ONE_BY_ONE_LEAST_S = 0.1
"""What one run takes at the least when the server has no bulk action."""


async def act_on_rows(desk: Desk, verb: str, rows: Sequence[RunRow], label: str) -> None:
    """A bulk over these runs, from its question to its end."""
    tags: tuple[str, ...] = ()
    if verb == "tag":
        title = f"Tag {plural(len(rows), 'run')}"
        given = await desk.ask(AddTags(title, desk.place, [], (), opened_by=desk.opened_by))
        if not given:
            return
        tags = given
    await _confirm(desk, preview(verb, rows, desk.now_ms(), tags=tags, label=label))


async def act_on_matching(desk: Desk, verb: str, narrowed: RunFilter) -> None:
    """A bulk over everything that a filter matches now, frozen before it is asked about."""
    label = format_filter(narrowed) or "everything in the window"
    tags: tuple[str, ...] = ()
    if verb == "tag":
        given = await desk.ask(AddTags("Tag what matches", desk.place, [], ()))
        if not given:
            return
        tags = given
    read_filter, gathered_at = for_verb(narrowed, verb), desk.now()
    read = partial(gather, desk.connection.backend, read_filter)
    gathered = await desk.ask(GatherRuns(desk.place, label, read, opened_by=desk.opened_by))
    if gathered is None:
        return
    if gathered.problem:
        desk.app.say(f"{gathered.problem}; nothing was sent", "warning")
        return
    asked = preview(
        verb, gathered.rows, desk.now_ms(), tags=tags, label=label, truncated=gathered.truncated
    )
    if asked.truncated and desk.can("BULK"):
        asked = replace(asked, whole=whole_plan(asked, read_filter, gathered_at))
    await _confirm(desk, asked)


async def pick_verb(desk: Desk, narrowed: RunFilter) -> None:
    """Ask what to do to everything that a filter matches."""
    label = format_filter(narrowed) or "everything in the window"
    can = {name: f"{verb.title.lower()} …" for name, verb in VERBS.items() if verb.many}
    choices = {name: words for name, words in can.items() if desk.can(VERBS[name].capability)}
    dialog = Pick(
        "Everything that matches",
        desk.place,
        [(("filter  ", "dim"), (label, "text"))],
        choices,
        opened_by=desk.opened_by,
    )
    verb = await desk.ask(dialog)
    if verb is not None:
        await act_on_matching(desk, verb, narrowed)


async def pick_in_batch(
    desk: Desk, verb: str, narrowed: RunFilter, run: RunRow | None
) -> str | None:
    """Ask whether a verb is meant for the batch ("batch") or for the highlighted run ("run")."""
    whole = "what is unfinished in it" if verb == "cancel" else "its failures"
    choices = {"batch": whole}
    if run is not None:
        choices["run"] = "this run only"
    lines = [*facts([("batch", narrowed.batch or "")])]
    if run is not None:
        lines += facts([("run", f"  {run.id}  {run.task}, {run.status.word}")])
    name = VERBS[verb].title
    dialog = Pick(f"{name} in a batch", desk.place, lines, choices, opened_by=desk.opened_by)
    return await desk.ask(dialog)


async def _confirm(desk: Desk, asked: BulkPreview) -> None:
    if not asked.count:
        desk.app.say(f"nothing to {asked.plan.verb}: {_why_nothing(asked)}")
        return
    is_low = desk.app.size.height < LOW_SCREEN
    lines = preview_lines(asked, desk.now_ms(), _seconds(desk, asked), is_low=is_low)
    look = None
    if asked.plan.verb == "cancel":
        look = partial(started_since, desk.connection.backend, asked)
    # The key that opened the question has long been let go when a list was gathered before.
    plan = await desk.ask(AskBulk(asked, desk.place, lines, opened_by=desk.opened_by, look=look))
    if plan is not None and desk.is_open:
        await carry_out(desk, desk.connection.start_bulk(plan))


def _why_nothing(asked: BulkPreview) -> str:
    if asked.truncated:
        return f"the newest {count(asked.finished)} that match have ended; narrow the filter"
    if asked.finished:
        return f"{plural(asked.finished, 'run')} matched, and all have ended"
    return "no run matches"


def _seconds(desk: Desk, asked: BulkPreview) -> float | None:
    """How long it takes one by one; None where the server does it at its own pace."""
    if asked.plan.verb != "tag" and desk.can("BULK"):
        return None
    budget = desk.connection.budget
    pace_s = ONE_BY_ONE_LEAST_S
    if budget.limit is not None:
        pace_s = max(pace_s, 120 / (budget.limit * budget.share))
    return asked.count * pace_s


async def carry_out(desk: Desk, bulk: Bulk) -> None:
    """Show a bulk that was just begun, and see it to its end, watched or not."""
    desk.app.run_worker(_see_to_end(desk, bulk), group="bulks", exit_on_error=True)
    await watch(desk, bulk)


async def watch(desk: Desk, bulk: Bulk) -> None:
    """Show a bulk until it is left or has ended; its failures may be tried again."""
    bulk.is_watched = True
    try:
        answer = await desk.ask(WatchBulk(bulk, desk.place, opened_by=desk.opened_by))
    finally:
        bulk.is_watched = False
    if answer == "retry":
        await carry_out(desk, desk.connection.start_bulk(bulk.retry_plan))


async def _see_to_end(desk: Desk, bulk: Bulk) -> None:
    """When a bulk has ended, unmark what it dealt with; in the background it says how it ended.
    Nothing of it concerns an environment that was left."""
    await bulk.wait()
    if not desk.is_open:
        return
    desk.unmark(bulk.dealt_with)
    if not bulk.is_watched:
        desk.app.say(ended_words(bulk.plan.verb, bulk.progress), ended_severity(bulk.progress))


async def open_bulks(desk: Desk) -> None:
    """The bulk under way; else the latest one that was interrupted; else the last that ended."""
    bulks = desk.connection.bulks
    running = next((bulk for bulk in bulks if bulk.state.goes_on), None)
    if running is not None:
        await watch(desk, running)
        return
    interrupted = desk.connection.interrupted_bulks()
    if interrupted:
        await _ask_to_resume(desk, interrupted[0])
    elif bulks:
        await watch(desk, bulks[-1])
    else:
        desk.app.say("no bulk is under way, and none was interrupted")


async def _ask_to_resume(desk: Desk, path: Path) -> None:
    try:
        record = BulkJournal.load(path).record
    except FileTrouble as trouble:
        desk.app.say(f"the list of a bulk cannot be read: {trouble}", "warning")
        return
    plan, now = record.plan, desk.now()
    age = span((now - record.started_at).total_seconds() * 1000)
    lines = facts(
        [
            ("chosen by", plan.label),
            ("begun", f"{age} ago"),
            ("runs", runs_words(plan)),
            ("to do", count(len(record.of_state(ItemState.WAITING)))),
            ("handed over", count(len(record.of_state(ItemState.SENT)))),
        ]
    )
    dialog = Pick(
        f"Resume an interrupted bulk {plan.verb}",
        desk.place,
        [*lines, (), (("Runs that were dealt with are not touched again.", "dim"),)],
        {"resume": "resume it", "drop": "let it go"},
        safe="decide later",
        opened_by=desk.opened_by,
    )
    answer = await desk.ask(dialog)
    try:
        if answer == "resume":
            await carry_out(desk, desk.connection.resume_bulk(path))
        elif answer == "drop":
            BulkJournal.resume(path).end()
    except FileTrouble as trouble:
        desk.app.say(f"nothing is resumed: {trouble}", "warning")
