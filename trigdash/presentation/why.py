"""Why a run does not move, as lines: the verdict, then every check with its evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from trigdash.presentation.cell import Cell, text_width, wrap_cell
from trigdash.presentation.run.fields import Field, FieldLine, Target
from trigdash.presentation.run_line import ahead_text
from trigdash.service.why.check import Check, Finding
from trigdash.service.why.verdict import Why

MARKS = {
    Finding.HOLDS: ("✕", "warn-strong"),
    Finding.RULED_OUT: ("✓", "good"),
    Finding.UNKNOWN: ("?", "faint"),
}
"""The mark of each outcome of a check, and its role."""
NAME_AT, GAP = 2, 3
"""Columns before a name, and between the longest name and the evidence."""
LEAST_EVIDENCE = 24
"""With fewer columns than this, evidence is below its name, not next to it."""
_NAMES = {
    "environment_paused": "environment",
    "queue_paused": "queue",
    "queue_full": "places of queue",
    "environment_full": "places of the environment",
    "key_full": "key",
    "limit_full": "limits",
    "not_started": "start",
    "silent": "signs of life",
    "ttl_soon": "time to live",
    "worker_not_connected": "dev worker",
}
"""Names of checks that do not hold: "paused: not paused" would read oddly."""
_OPENS = {
    "queue_paused": "queue",
    "queue_full": "queue",
    "waits_for_child": "run",
    "waits_for_token": "token",
    "limit_full": "limit",
    "limit_paused": "limit",
}
"""What the subject of a check is."""


def verdict_cell(why: Why) -> Cell:
    """The answer in one line."""
    role = "warn-strong" if why.cause is not None else "text"
    return ((why.verdict, role), (f"  {ahead_text(why)}", "dim"))


def why_lines(why: Why, width: int) -> list[FieldLine]:
    """The checks that hold first, then unknown ones, then ruled out ones; and what can be done.
    Evidence is wrapped to the width, below its own start."""
    order = (Finding.HOLDS, Finding.UNKNOWN, Finding.RULED_OUT)
    checks = sorted(why.checks, key=lambda check: order.index(check.finding))
    names = [check_name(check) for check in checks]
    longest = max(map(text_width, names), default=0)
    lines = [
        line
        for check, name in zip(checks, names, strict=True)
        for line in _lines(check, name, (longest, width))
    ]
    if why.cause is not None and why.cause.act:
        lines += [FieldLine(), FieldLine((("To do  ", "dim"), (f"{why.cause.act}.", "text")))]
    return lines


def check_name(check: Check) -> str:
    """What a check is called, with its subject: "queue full indexing"."""
    holds = check.finding is Finding.HOLDS
    label = (check.code if holds else _NAMES.get(check.code, check.code)).replace("_", " ")
    return f"{label} {check.subject}" if check.subject else label


def _lines(check: Check, name: str, widths: tuple[int, int]) -> Iterator[FieldLine]:
    """A check: its evidence next to its name, for given columns of names and of a whole line."""
    longest, width = widths
    mark, role = MARKS[check.finding]
    holds = check.finding is Finding.HOLDS
    blank = " " * (longest - text_width(name))
    head: Cell = ((f"{mark} ", role), (f"{name}{blank}   ", "strong" if holds else "dim"))
    evidence: Cell = ((check.evidence, "text" if holds else "dim"),)
    field = Field(check.code, (*head, *evidence), check.subject or check.evidence, _target(check))
    room = width - longest - NAME_AT - GAP
    if room < LEAST_EVIDENCE:
        yield FieldLine((*head, *evidence), (field,))
        return
    first, *rest = wrap_cell(evidence, room, indent=0)
    yield FieldLine((*head, *first), (field,))
    for row in rest:
        yield FieldLine(((" " * (longest + NAME_AT + GAP), "text"), *row))


def _target(check: Check) -> Target | None:
    kind = _OPENS.get(check.code)
    return (kind, check.subject) if kind and check.subject else None
