"""What went wrong with an error group, as lines, for the screen and the command. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from trigdash.model.moment import span_text
from trigdash.presentation.answer_lines import (
    BLANK,
    LABEL_WIDTH,
    MAX_WIDTH,
    heading,
    indented,
    labeled,
    padded,
    run_line,
)
from trigdash.presentation.cell import Cell, cell_width, text_width
from trigdash.presentation.plot import sparkline
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.units import clock_time, count, factor_text, percent, plural, span
from trigdash.service.triage.triage import ROWS

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.service.triage.beginning import Beginning
    from trigdash.service.triage.separator import Separator
    from trigdash.service.triage.spread import Spread, SpreadValue
    from trigdash.service.triage.triage import Triage

VALUES = 3
"""Values of each spread that are listed; the rest is counted."""
SHOWN_RUNS = 20
RUNS_FOR, DAYS = timedelta(days=7), "7 d"
"""How far back runs are counted, and the same in words."""
SPREAD_LABEL, COUNTED, LIFT = 15, 12, 11
"""Columns of a spread: its name, a count, how many times as often."""
FIGURES = 2 * COUNTED + LIFT
TELLING = 2.0
"""From so many times as often on a value says something."""
BARS = 24
_MARKS = {"unresolved": ("×", "bad-strong"), "resolved": ("✓", "good"), "ignored": ("◌", "done")}
_FILTERS = {"version": "version", "machine": "machine", "region": "region", "queue": "queue"}
"""Spreads whose values a run list can be narrowed to."""


def error_head(answer: Triage) -> Cell:
    """The error in one line."""
    error = answer.error
    mark, role = _MARKS.get(error.status_name, ("×", "bad-strong"))
    message = next(iter(error.error_message.splitlines()), "")
    return ((f"{mark} {error.error_type}  ", role), (message, "strong"))


def error_headline(answer: Triage, now: datetime) -> Cell:
    """Where it happens, how often, and since when."""
    error = answer.error
    parts = [error.status_name, error.task_identifier, plural(error.count, "run")]
    now_ms = now.timestamp() * 1000
    for word, at in (("first", error.first_seen), ("last", error.last_seen)):
        if at is not None:
            parts.append(f"{word} {span(now_ms - at.timestamp() * 1000)} ago")
    first, *rest = parts
    return ((first, "warn" if first == "unresolved" else "dim"), ("   " + "   ".join(rest), "text"))


def triage_lines(answer: Triage, now: datetime, width: int) -> list[FieldLine]:
    """Since when it occurs, what sets it apart, where it is, and its newest runs."""
    width = min(width, MAX_WIDTH)
    now_ms = now.timestamp() * 1000
    lines = [
        BLANK,
        *_beginning(answer, now, width),
        *_history(answer, now_ms),
        *_apart(answer, width),
        BLANK,
    ]
    lines += _spreads(answer, width)
    shown = answer.failing[:SHOWN_RUNS]
    aside = f"the newest {len(shown)}" if len(shown) < answer.error.count else "all of them"
    every: Cell = (("all of its runs", "text"), ("   with all that a run list can do", "dim"))
    lines += [BLANK, heading("RUNS", aside), *(run_line(row, now_ms, width) for row in shown)]
    error_id = answer.error.id
    return [*lines, FieldLine(every, (Field("all", every, error_id, ("error_runs", error_id)),))]


# Since when


def _beginning(answer: Triage, now: datetime, width: int) -> Iterator[FieldLine]:
    began = answer.beginning
    if began is None:
        yield labeled("BEGAN", (("not known: the server does not say when", "dim"),))
        return
    yield labeled("BEGAN", *_began(began, answer.refused.get("deployments", "")))
    told, about = _around(answer, began, now)
    beside: Cell = (*told, ("   ", "text"), *about)
    is_wide = cell_width(beside) <= width - LABEL_WIDTH
    yield from map(indented, (told,) if not about else (beside,) if is_wide else (told, about))


def _began(began: Beginning, refused: str) -> tuple[Cell, str, tuple[str, str] | None]:
    """The sentence, what is copied of it, and what it opens."""
    at = clock_time(began.first_seen.timestamp() * 1000)[:5]
    made, after = began.deployment, began.after
    if made is None or after is None or made.deployed_at is None:
        why = f"deployments: {refused}" if refused else "no deployment is known from before it"
        return ((at, "text"), (f"   {why}", "dim")), at, None
    commit = made.git.commit_sha[:7] or (made.commit_sha or "")[:7]
    about = " ".join(each for each in (commit, *made.git.commit_message.splitlines()[:1]) if each)
    deployed = clock_time(made.deployed_at.timestamp() * 1000)[:5]
    role = "strong" if began.began_with_it else "text"
    word = "new in " if began.began_with_it else "during "
    cell: Cell = (
        (f"{word}{made.version}", role),
        (f"   {span_text(after)} after it was promoted at {deployed}", "text"),
        (f"   {about}", "dim"),
    )
    return cell, made.version, ("deployment", made.id)


def _around(answer: Triage, began: Beginning, now: datetime) -> tuple[Cell, Cell]:
    """The task's runs before and since and how many of them failed so; what was counted."""
    runs, failed = answer.runs, answer.error.count
    if runs is None:
        why = answer.refused.get("runs", "not told")
        return ((f"runs of {answer.error.task_identifier}: {why}", "dim"),), ()
    if now - began.first_seen > RUNS_FOR:
        said = f"{count(failed)} in all; {count(runs.before + runs.since)} finished runs"
        return ((f"{said} of {answer.error.task_identifier} in {DAYS}", "dim"),), ()
    mark = began.deployment.version if began.began_with_it and began.deployment else "then"
    told: Cell = (
        (f"0 of {count(runs.before)} runs before {mark}, ", "text"),
        (f"{count(failed)} of {count(runs.since)}", "strong"),
        (" since", "text"),
    )
    if runs.since and failed <= runs.since:
        told = (*told, (f" ({percent(failed / runs.since)})", "strong"))
    return told, ((f"finished runs of {answer.error.task_identifier}, {DAYS}", "dim"),)


def _history(answer: Triage, now_ms: float) -> Iterator[FieldLine]:
    """When the sampled runs were created, as bars."""
    if len(answer.failing) < 2:
        return
    oldest = min(row.created_ms for row in answer.failing)
    step = max((now_ms - oldest) / BARS, 1)
    bars = [0] * BARS
    for row in answer.failing:
        bars[min(max(int((row.created_ms - oldest) / step), 0), BARS - 1)] += 1
    said = f"   {plural(len(answer.failing), 'run')} in {span(now_ms - oldest)}"
    if len(answer.failing) >= ROWS:
        said += ", the newest"
    drawn = sparkline([float(each) for each in bars], "bad")
    yield labeled("WHEN", (*drawn, (said, "dim")))


# What sets it apart


def _apart(answer: Triage, width: int) -> Iterator[FieldLine]:
    failing, good = answer.payloads
    sample = f"from the payloads of {failing} failing and {good} good runs"
    apart = answer.separator
    if apart is None:
        said = "no payload field does" if min(failing, good) else "nothing to compare"
        yield labeled("TELLS APART", ((said, "text"), (f"   {sample}", "dim")))
        return
    name = f"payload.{apart.field}"
    cell: Cell = ((f"{name} = {' or '.join(apart.values)}", "warn-strong"),)
    figures: Cell = (
        (f"{apart.failing} of {apart.of_failing} failing, ", "text"),
        (f"{apart.good} of {apart.of_good} good", "text"),
        (f"   {_lift_of_field(apart)}", "strong"),
    )
    beside: Cell = (*cell, ("   ", "text"), *figures)
    if cell_width(beside) <= width - LABEL_WIDTH:
        yield labeled("TELLS APART", beside, name)
    else:
        yield labeled("TELLS APART", cell, name)
        yield indented(figures)
    yield indented(((sample, "dim"),))


def _lift_of_field(apart: Separator) -> str:
    return "only here" if apart.lift is None else factor_text(apart.lift)


# Where it is


def _spreads(answer: Triage, width: int) -> Iterator[FieldLine]:
    failing, good = len(answer.failing), len(answer.good)
    which = "the newest " if failing < answer.error.count else ""
    said = f"{which}{failing} failing beside the newest {good} good runs"
    if text_width(said) > width - FIGURES - len("SPREAD   "):
        said = f"newest {failing} failing, {good} good"
    title: Cell = (("SPREAD", "dim"), (f"   {said}", "faint"))
    heads = f"{'failing':>{COUNTED}}{'good':>{COUNTED}}{'as often':>{LIFT}}"
    yield FieldLine((*padded(title, width - FIGURES), (heads, "faint")))
    room = width - FIGURES - SPREAD_LABEL
    for spread in answer.spread:
        yield from _spread(spread, answer.error.id, room)
    if why := answer.refused.get("placement"):
        yield FieldLine(((f"queue, machine and attempt: {why}", "dim"),))


def _spread(spread: Spread, error_id: str, room: int) -> Iterator[FieldLine]:
    for at, value in enumerate(spread.values[:VALUES]):
        is_alike = value.lift is not None and value.lift < TELLING
        role = "warn-strong" if at == 0 and spread.is_telling else "dim" if is_alike else "text"
        label = (f"{'' if at else spread.name:<{SPREAD_LABEL}}", "dim")
        cell = (label, *padded(((value.value, role),), room), *_counted(spread, value))
        narrowed = f"error:{error_id}"
        if spread.name in _FILTERS:
            narrowed += f" {_FILTERS[spread.name]}:{value.value}"
        opens = ("runs", narrowed)
        yield FieldLine(cell, (Field(f"{spread.name} {value.value}", cell, value.value, opens),))
    more = len(spread.values) - VALUES
    if more > 0:
        yield FieldLine(((f"{'':<{SPREAD_LABEL}}and {more} more", "faint"),))


def _counted(spread: Spread, value: SpreadValue) -> Cell:
    failing = f"{value.failing} of {spread.of_failing}"
    good = f"{value.good} of {spread.of_good}"
    lift = "" if value.lift is None else factor_text(value.lift)
    if value.lift is None and spread.of_good:
        lift = "only here"
    is_alike = value.lift is not None and value.lift < TELLING
    return (
        (f"{failing:>{COUNTED}}", "dim" if is_alike else "text"),
        (f"{good:>{COUNTED}}", "dim"),
        (f"{lift:>{LIFT}}", "dim" if is_alike else "strong"),
    )
