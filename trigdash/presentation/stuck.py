"""All runs that do not move, as lines: since when, how many, why, and what can be done. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trigdash.model.run_filter import RunFilter
from trigdash.presentation.cell import Cell, cell_width, cut_text, text_width
from trigdash.presentation.run.fields import Field, FieldLine, Target
from trigdash.presentation.units import count, plural, span
from trigdash.service.filters.description import format_filter
from trigdash.service.why.stuck import NO_REASON, NOT_MOVING, WAITING_CODES

if TYPE_CHECKING:
    from trigdash.service.why.stuck import HeldRuns, Stuck

ACTS_FROM = 104
"""With this many columns or more, what can be done is shown at the right."""
MAX_WIDTH = 160
MAX_NAME = 36


def stuck_headline(stuck: Stuck) -> Cell:
    """The answer in one line."""
    held = [group for group in stuck.groups if group.code not in WAITING_CODES]
    if not held:
        least = span(NOT_MOVING.total_seconds() * 1000)
        return ((f"Everything moves: nothing is held for more than {least}.", "good"),)
    runs = sum(group.runs for group in held)
    longest = span((stuck.at - held[0].since).total_seconds() * 1000)
    verb = "does" if runs == 1 else "do"
    said = f"{plural(runs, 'run')} {verb} not move, for {plural(len(held), 'reason')}"
    return ((said, "warn-strong"), (f"; the longest for {longest}.", "text"))


def stuck_lines(stuck: Stuck, width: int) -> list[FieldLine]:
    """The groups, those that wait by their own will below, for a width."""
    width = min(width, MAX_WIDTH)
    held = [group for group in stuck.groups if group.code not in WAITING_CODES]
    waiting = [group for group in stuck.groups if group.code in WAITING_CODES]
    longest = max((text_width(reason(group)) for group in stuck.groups), default=0)
    name = min(longest, MAX_NAME, max(16, width // 3))
    act = max((text_width(group.act) for group in stuck.groups), default=0)
    widths = (name, act if width >= ACTS_FROM else 0, width)
    lines = [
        *_section("HELD, THE LONGEST FIRST", held, stuck, widths),
        *_section("WAITING FOR SOMETHING OF THEIR OWN", waiting, stuck, widths),
    ]
    if stuck.unseen:
        lines += [FieldLine(), FieldLine((("NOT LOOKED AT", "dim"),))]
        lines += [FieldLine((("? ", "warn"), (each, "dim"))) for each in stuck.unseen]
    return lines


def reason(group: HeldRuns) -> str:
    """What holds a group, in a few words: `queue paused crm`."""
    if group.code == NO_REASON:
        return f"no known reason {group.tasks[0]}"
    words = group.code.replace("_", " ")
    return f"{words} {group.subject}" if group.subject else words


Widths = tuple[int, int, int]
"""Columns for the reason, for what can be done, and for all of a line."""


def _section(
    title: str, groups: Iterable[HeldRuns], stuck: Stuck, widths: Widths
) -> list[FieldLine]:
    lines = [_line(group, stuck, widths) for group in groups]
    return [FieldLine(), FieldLine(((title, "dim"),)), *lines] if lines else []


def _line(group: HeldRuns, stuck: Stuck, widths: Widths) -> FieldLine:
    name_width, act_width, width = widths
    name = cut_text(reason(group), name_width)
    role = "text" if group.code in WAITING_CODES else "strong"
    waited = span((stuck.at - group.since).total_seconds() * 1000)
    cell: Cell = (
        (f"{waited:>5}  ", "warn" if role == "strong" else "dim"),
        (f"{count(group.runs):>6}  ", "text"),
        (f"{name}{' ' * (name_width - text_width(name))}  ", role),
    )
    end = width - act_width - 2 if act_width and group.act else width
    cell = (*cell, *_evidence(group, end - cell_width(cell)))
    if end < width:
        cell = (*cell, (" " * (end - cell_width(cell)), "text"), (f"  {group.act}", "dim"))
    return FieldLine(
        cell, (Field(f"{group.code} {group.subject}", cell, group.oldest, _opens(group)),)
    )


def _evidence(group: HeldRuns, room: int) -> Cell:
    """What was seen, in so many columns. Where it does not fit, what only says again what the
    reason says goes first: `Queue indexing is full: 2 of 2 running.` ends with the figures."""
    said, role = group.evidence, "dim" if group.code in WAITING_CODES else "text"
    wait = f"  {tail}" if (tail := _wait(group)) else ""
    before, _, figures = said.partition(": ")
    says_again = ("Queue ", "Limit ", "Held by ", "It waits ", f"Key {group.subject} ")
    if text_width(said + wait) > room and figures and before.startswith(says_again):
        said = figures
    if text_width(said + wait) > room:
        wait = ""
    return ((cut_text(said, room), role), (wait, "dim"))


def _wait(group: HeldRuns) -> str:
    """How long the runs of a group take at the rate of the last hour."""
    return "" if group.wait_s is None else f"about {span(group.wait_s * 1000)} to go"


def _opens(group: HeldRuns) -> Target:
    """One run itself, several as a list."""
    if group.runs == 1:
        return ("why", group.oldest)
    return ("runs", format_filter(filter_of(group)))


def filter_of(group: HeldRuns) -> RunFilter:
    """The runs of a group, as near as a list can name them."""
    return RunFilter(statuses=group.statuses, tasks=group.tasks, queues=group.queues)
