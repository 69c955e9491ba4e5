"""What is said of a bulk: its preview before anything is sent, and its progress after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Final, Literal

from trigdash.model.moment import local
from trigdash.model.status import status
from trigdash.presentation.batches import share_bar
from trigdash.presentation.cell import Cell, cut_text
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.replay_form import MAX_TAGS, too_many_for
from trigdash.presentation.units import count, duration, percent, plural, span
from trigdash.service.bulk.bulk import Bulk
from trigdash.service.bulk.plan import MAX_RUNS, SECOND, BulkPlan, BulkPreview, WaveRules
from trigdash.service.bulk.progress import BulkIfLeft, BulkProgress, BulkState

LINES: Final = 5
FEW_LINES: Final = 3
"""Statuses and tasks listed, and on a low screen; the rest is added up."""

LEFT: Final = 28
"""Columns of the statuses."""

NAMES: Final[Mapping[str, str]] = {"cancel": "Cancel", "replay": "Replay", "tag": "Tag"}


def question(preview: BulkPreview) -> str:
    """The title of a preview: `Cancel 312 runs`."""
    if preview.whole is None:
        return title(preview.plan)
    return f"{title(preview.plan)} or more"


def title(plan: BulkPlan) -> str:
    """`Cancel 312 runs`."""
    return f"{NAMES[plan.verb]} {runs_label(plan)}"


def runs_label(plan: BulkPlan) -> str:
    """`312 runs`, or a description of the runs that the server finds."""
    return "all that match" if plan.matching is not None else plural(len(plan.run_ids), "run")


def preview_lines(
    preview: BulkPreview, now_ms: float, seconds: float | None, *, is_low: bool = False
) -> list[Cell]:
    """The preview: how the runs were chosen, their statuses and tasks, their age, and how long it
    takes (`seconds`, if known). Shorter on low screens, where the choices need the room."""
    air: list[Cell] = [] if is_low else [()]
    lines: list[Cell] = [(("chosen by  ", "dim"), (preview.plan.label, "text"))]
    if preview.plan.tags:
        lines.append((("tags       ", "dim"), (" ".join(preview.plan.tags), "good")))
    lines += [*air, *_table(preview, FEW_LINES if is_low else LINES)]
    lines += [*air, *_ages(preview, now_ms)]
    if preview.plan.verb == "cancel" and preview.finished:
        lines.append(((f"{count(preview.finished)} of them are finished and left out", "warn"),))
    elif preview.plan.verb == "replay" and preview.count > preview.finished:
        running = count(preview.count - preview.finished)
        words = f"{running} are not finished and will keep running alongside their replay"
        lines.append(((words, "warn"),))
    full = sum(too_many_for(preview.plan.tags, row.tags) for row in preview.rows)
    if preview.plan.verb == "tag" and full:
        words = f"{count(full)} would have more than {MAX_TAGS} tags: the server refuses these"
        lines.append(((words, "warn"),))
    if preview.truncated:
        lines += [*air, *_cut_lines(preview)]
    if seconds is not None:
        lines.append((("takes about ", "dim"), (duration(seconds * 1000), "text")))
    return lines


def _cut_lines(preview: BulkPreview) -> list[Cell]:
    """What there is to say when more match than a list holds."""
    read = sum(preview.by_status.values())
    cut = f"{count(read)} were read, the newest: more may match"
    if read >= MAX_RUNS:
        cut = f"more than {count(MAX_RUNS)} match: counted above are the newest"
    lines: list[Cell] = [((cut, "warn-strong"),)]
    matching = preview.whole.matching if preview.whole is not None else None
    if matching is None or matching.until is None:
        return [
            *lines,
            (("only these are acted on; to: in the filter reaches older ones", "text"),),
        ]
    until = f"{local(matching.until):%H:%M:%S}"
    return [
        *lines,
        (
            ("all that match  ", "dim"),
            ("the server finds them by the filter while it works,", "text"),
        ),
        ((" " * 16, "dim"), (f"created until {until}; how many is not known before", "text")),
    ]


def _table(preview: BulkPreview, most: int) -> list[Cell]:
    """Statuses at the left, tasks at the right."""
    left = _listed(preview.by_status, most, _status_cell)
    right = _listed(preview.by_task, most, _task_cell)
    blank: Cell = ((" " * LEFT, "text"),)
    return [
        (*status_cell, *task_cell)
        for status_cell, task_cell in zip_longest(left, right, fillvalue=blank)
    ]


def _listed(
    numbers: Mapping[str, int], most: int, cell: Callable[[str, int], Cell]
) -> Iterator[Cell]:
    """The first entries, and the rest as one, unless the rest is a single entry."""
    names = list(numbers)
    shown = names if len(names) <= most + 1 else names[:most]
    for name in shown:
        yield cell(name, numbers[name])
    if rest := names[len(shown) :]:
        number = f"{count(sum(numbers[name] for name in rest)):>8} "
        yield ((number, "strong"), (f"{f'in {len(rest)} more':<{LEFT - 9}}", "dim"))


def _task_cell(task: str, number: int) -> Cell:
    return ((f"{count(number):>8} ", "strong"), (cut_text(task, 32), "text"))


def _status_cell(name: str, number: int) -> Cell:
    known = status(name)
    role = status_role(known)
    return (
        (f"{status_mark(known)} ", role),
        (f"{count(number):>6} ", "strong"),
        (f"{known.word:<{LEFT - 9}}", "text"),
    )


def _ages(preview: BulkPreview, now_ms: float) -> list[Cell]:
    if preview.oldest is None or preview.newest is None:
        return [(("nothing to act on", "warn"),)]
    ages = " · ".join(f"{count(number)} {age}" for age, number in preview.by_age.items())
    return [
        (
            ("oldest ", "dim"),
            (span(now_ms - preview.oldest.created_ms), "strong"),
            ("   newest ", "dim"),
            (span(now_ms - preview.newest.created_ms), "strong"),
        ),
        ((ages, "dim"),),
    ]


def progress_lines(progress: BulkProgress, width: int = 60) -> list[Cell]:
    """How far a bulk is: a bar, the figures, and what there is to say."""
    handled = ((progress.done, "good"), (progress.failed, "bad"), (progress.unknown, "warn"))
    figures: Cell = (
        (f"{count(progress.done)} done", "good"),
        (f"   {count(progress.failed)} failed", "bad" if progress.failed else "faint"),
        (f"   {left_words(progress)}", "text"),
    )
    if progress.unknown:
        figures = (*figures, (f"   {count(progress.unknown)} unknown", "warn"))
    lines: list[Cell] = [share_bar(width, progress.total, handled), figures, _state(progress)]
    if progress.state is BulkState.ENDED and progress.left:
        words = "not acted on: they had ended by themselves, or the server did not find them"
        lines.append(((words, "dim"),))
    if progress.message:
        lines.append(((progress.message, "warn"),))
    return lines


def waves_words(rules: WaveRules) -> str:
    """What going forward in waves means."""
    return (
        f"in waves: {rules.first}, then {SECOND}, then {rules.per_minute:.0f} a minute; stops when "
        f"over {percent(rules.stop_above)} of a wave fail, or an error is back"
    )


def wave_lines(bulk: Bulk) -> list[Cell]:
    """How each wave went, and what stopped it."""
    rules = bulk.plan.waves
    if rules is None:
        return []
    lines: list[Cell] = [()]
    for wave in bulk.waves:
        reason = wave.stop_reason(rules)
        lines.append(
            (
                ("✕ " if reason else "✓ ", "bad" if reason else "good"),
                (f"wave {wave.number:<3}", "text"),
                (f"{count(wave.sent):>5} sent", "text"),
                (f"{count(wave.failed):>5} failed", "bad" if wave.failed else "dim"),
                (f"   {reason}", "warn-strong"),
            )
        )
    return lines if bulk.waves else [(), ((waves_words(rules), "dim"),)]


def left_words(progress: BulkProgress) -> str:
    """`700 left` while it runs; afterwards what happened to them."""
    word = {BulkState.ABORTED: "not tried", BulkState.ENDED: "not acted on"}
    about = "about " if progress.is_estimate and progress.left else ""
    return f"{about}{count(progress.left)} {word.get(progress.state, 'left')}"


def _state(progress: BulkProgress) -> Cell:
    if progress.state is BulkState.STOPPING:
        return (("stopping: waiting for what is under way to end", "warn"),)
    if progress.state is BulkState.RUNNING:
        if progress.eta_s is None:
            return (("under way", "running"),)
        return (
            ("under way, about ", "running"),
            (duration(progress.eta_s * 1000), "strong"),
            (" left", "running"),
        )
    role = {BulkState.ENDED: "good", BulkState.ABORTED: "warn"}.get(progress.state, "warn-strong")
    return ((progress.state.value, role),)


def unnamed_lines(verb: str, number: int) -> list[Cell]:
    """What is said of failures that the server counts and does not name."""
    if number <= 0:
        return []
    lines: list[Cell] = [((f"{count(number)} failed that the server does not name", "warn"),)]
    if verb == "cancel":
        lines.append((("a run that ended before it was canceled counts as failed", "dim"),))
    return lines


def bar_label(verb: str, progress: BulkProgress) -> str:
    """The mark in the bar while a bulk action runs in the background."""
    handled = progress.total - progress.left
    return f"bulk {verb} {count(handled)}/{count(progress.total)}"


def bar_notes(bulks: Iterable[Bulk]) -> list[str]:
    """The marks of the bulks that are under way."""
    return [bar_label(bulk.plan.verb, bulk.progress) for bulk in bulks if bulk.state.is_active]


def end_message(verb: str, progress: BulkProgress) -> str:
    """The toast at its end."""
    parts = [f"bulk {verb} {progress.state.value}: {count(progress.done)} done"]
    if progress.failed:
        parts.append(f"{count(progress.failed)} failed")
    if progress.unknown:
        parts.append(f"{count(progress.unknown)} unknown, not sent again")
    if progress.left:
        parts.append(left_words(progress))
    said = ", ".join(parts)
    return f"{said}: {progress.message}" if progress.message else said


def ended_severity(progress: BulkProgress) -> Literal["information", "warning"]:
    """How much its end concerns the user."""
    trouble = progress.failed or progress.unknown or progress.state is BulkState.INTERRUPTED
    return "warning" if trouble else "information"


def leaving_words(verb: str, if_left: BulkIfLeft) -> str:
    """What becomes of a bulk when its environment is left now; empty when nothing is lost."""
    parts = []
    if if_left.stops:
        how = "B resumes it" if if_left.can_be_resumed else "it cannot be resumed"
        parts.append(f"{plural(if_left.stops, 'run')} will not be sent ({how})")
    if if_left.goes_on:
        parts.append(f"the server continues with {plural(if_left.goes_on, 'run')}")
    return f"bulk {verb}: {', '.join(parts)}" if parts else ""
