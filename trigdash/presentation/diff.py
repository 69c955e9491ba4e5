"""What is different between two runs, as lines, for the screen and the command. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trigdash.model.clean import clean
from trigdash.model.json_text import json_spaced
from trigdash.presentation.answer_lines import (
    BLANK,
    LABEL_WIDTH,
    MAX_WIDTH,
    heading,
    labeled,
    labeled_words,
    padded,
    run_line,
)
from trigdash.presentation.cell import Cell, Piece, cut_text, text_width
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.units import duration, factor_text, plural

if TYPE_CHECKING:
    from trigdash.model.deployment import Deployment
    from trigdash.service.runs.comparison import Comparison, Parting
    from trigdash.service.runs.diff import Change, Slower

MOST_CHANGES = 12
"""Changes of one document that are listed; the rest is counted."""
MOST_VALUE = 48
MOST_PATH = 32
DURATIONS = 41
"""Columns of what a span takes in A, in B, and the difference."""
_NAMES = {
    "attempt_count": "attempts",
    "concurrency_key": "key",
    "trigger_function": "started by",
    "is_test": "test",
}
"""What facts are called, where the API's word says it worse."""
_KINDS = {
    "failed": ("fails in A", "bad-strong"),
    "recovered": ("fails in B", "bad-strong"),
    "only_a": ("only in A", "warn-strong"),
    "only_b": ("only in B", "warn-strong"),
}


def diff_head(answer: Comparison | None, run_id: str) -> Cell:
    """Which runs are compared."""
    if answer is None:
        return (("DIFF  ", "dim"), (clean(run_id), "strong"))
    against = "B the run chosen beside it"
    if answer.same_shape is not None:
        shape = "the same payload shape" if answer.same_shape else "another payload shape"
        against = f"B the last good run before it, {shape}"
    return (("DIFF  ", "dim"), (answer.a.task_identifier, "strong"), (f"   {against}", "dim"))


def diff_headline(answer: Comparison) -> Cell:
    """The first divergence in one line."""
    parting = answer.parting
    if parting is None:
        return (("Both went the same way.", "good"), (f"  {_compared(answer)}", "dim"))
    words, role = _KINDS[parting.kind]
    where = parting.path[-1] if parting.path else ""
    error = answer.a.error if parting.kind == "failed" else answer.b.error
    said = ""
    if error is not None and parting.kind in ("failed", "recovered"):
        message = next(iter(error.message.splitlines()), "")
        said = f": {error.name}: {message}" if error.name else f": {message}"
    return ((f"{words}  ", role), (where, "strong"), (said, "text"))


def diff_lines(answer: Comparison, now: datetime, width: int) -> list[FieldLine]:
    """Both runs, where they part, what takes longer, what is missing, what changed."""
    width = min(width, MAX_WIDTH)
    now_ms = now.timestamp() * 1000
    lines = [BLANK]
    for name, run in (("A", answer.a), ("B", answer.b)):
        told = run_line(run.row(), now_ms, width - 3, f"run {name}")
        lines.append(FieldLine(((f"{name}  ", "dim"), *told.cell), told.fields))
    if answer.parting is not None:
        lines += [BLANK, *_parting_lines(answer, answer.parting)]
    for name, slower in (
        ("A", [each for each in answer.slower if each.delta_ms > 0]),
        ("B", [each for each in answer.slower if each.delta_ms <= 0]),
    ):
        if slower:
            lines += [BLANK, *_slower_lines(name, slower, width)]
    if answer.only_a or answer.only_b:
        lines += [BLANK, *_only_lines(answer, width)]
    lines += [BLANK, *_facts_lines(answer, width)]
    for name in ("payload", "metadata", "output"):
        changes: Sequence[Change] = getattr(answer, name)
        if changes:
            lines += _change_lines(name.upper(), changes)
    lines += [BLANK, FieldLine(((_compared(answer), "faint"),))]
    if answer.is_cut:
        said = "a trace was cut by the server: what is missing there is not compared"
        lines.append(FieldLine(((said, "warn"),)))
    return lines


def _compared(answer: Comparison) -> str:
    a, b = answer.spans
    return f"{answer.pairs:,} spans aligned, of {a:,} in A and {b:,} in B"


def _parting_lines(answer: Comparison, parting: Parting) -> Iterator[FieldLine]:
    words, role = _KINDS[parting.kind]
    yield heading("FIRST DIVERGENCE")
    path = " › ".join(parting.path)
    run_id = answer.a.id if parting.span_a is not None else answer.b.id
    cell: Cell = (("  ", "text"), (path, "strong"))
    yield FieldLine(cell, (Field("first divergence", cell, path, ("trace", run_id)),))
    told: list[Piece] = [(f"  {words}", role)]
    for name, ms in (("A", parting.a_ms), ("B", parting.b_ms)):
        if ms is not None:
            told.append((f"   {name} {duration(ms)}", "text"))
    yield FieldLine(tuple(told))


def _slower_lines(name: str, slower: Iterable[Slower], width: int) -> Iterator[FieldLine]:
    room = max(width - DURATIONS, 20)
    heads = f"{'A':>10}{'B':>10}{'Δ':>12}"
    yield FieldLine((*padded(((f"LONGER IN {name}", "dim"),), room), (heads, "faint")))
    for each in slower:
        path = " › ".join(each.path)
        shown = path if len(path) <= room - 3 else f"… {each.path[-1]}"
        sign = "+" if each.delta_ms > 0 else "−"
        by = max(each.a_ms, each.b_ms) / max(min(each.a_ms, each.b_ms), 1.0)
        cell: Cell = (
            *padded(((f"  {cut_text(shown, room - 3)}", "text"),), room),
            (f"{duration(each.a_ms):>10}", "text"),
            (f"{duration(each.b_ms):>10}", "dim"),
            (f"{sign + duration(abs(each.delta_ms)):>12}", "warn-strong"),
            (f"{factor_text(by):>8}", "dim"),
        )
        yield FieldLine(cell, (Field(path, cell, path),))


def _only_lines(answer: Comparison, width: int) -> Iterator[FieldLine]:
    for name, only in (("ONLY IN A", answer.only_a), ("ONLY IN B", answer.only_b)):
        if only:
            words = " · ".join(f"{said} ×{n}" if n > 1 else said for said, n in only)
            yield from labeled_words(name, (words, "text"), width)


def _facts_lines(answer: Comparison, width: int) -> Iterator[FieldLine]:
    for change in answer.facts:
        yield _change_line(_name(change.path).upper(), "", change)
        if change.path == "version":
            yield from _between_lines(answer.between)
    if answer.same:
        words = " · ".join(f"{_name(name)} {value}" for name, value in answer.same)
        yield from labeled_words("SAME", (words, "dim"), width)


def _name(fact: str) -> str:
    return _NAMES.get(fact, fact.replace("_", " "))


def _between_lines(between: Sequence[Deployment] | None) -> Iterator[FieldLine]:
    """The deployments that lie between two versions, each with its commit."""
    blank = " " * LABEL_WIDTH
    if between is None:
        yield FieldLine(((f"{blank}which deployments lie between is not known", "faint"),))
        return
    for each in between:
        commit = each.git.commit_sha[:7] or (each.commit_sha or "")[:7]
        message = next(iter(each.git.commit_message.splitlines()), "")
        cell: Cell = ((f"{blank}{each.version}  ", "text"), (f"{commit} {message}", "dim"))
        field = Field(f"deployment {each.version}", cell, each.version, ("deployment", each.id))
        yield FieldLine(cell, (field,))


def _change_lines(label: str, changes: Sequence[Change]) -> Iterator[FieldLine]:
    shown = changes[:MOST_CHANGES]
    room = min(max(text_width(change.path or "all") for change in shown), MOST_PATH)
    for at, change in enumerate(shown):
        path = cut_text(change.path or "all", MOST_PATH)
        yield _change_line("" if at else label, f"{path:<{room}}", change)
    more = len(changes) - MOST_CHANGES
    if more > 0:
        yield labeled("", ((f"and {plural(more, 'more change')}", "faint"),))


def _change_line(label: str, path: str, change: Change) -> FieldLine:
    """From B, which went before, to A."""
    name: Cell = ((f"{path}  ", "text"),) if path else ()
    match change.kind:
        case "added":
            said: Cell = (("only in A  ", "dim"), (_short(change.a), "warn"))
        case "removed":
            said = (("only in B  ", "dim"), (_short(change.b), "warn"))
        case _:
            said = (
                ("B ", "dim"),
                (_short(change.b), "text"),
                ("  →  A ", "dim"),
                (_short(change.a), "warn"),
            )
    return labeled(label, (*name, *said), f"{change.path}: {json_spaced(change.a)}")


def _short(value: Any) -> str:
    return cut_text(value if isinstance(value, str) and value else json_spaced(value), MOST_VALUE)
