"""The family of a run as a tree of lines, each run below what started it. Pure, no terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.model.status import Kind
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.runs import duration_cell
from trigdash.presentation.units import span

if TYPE_CHECKING:
    from trigdash.model.run import Run, RunFacts
    from trigdash.model.run_row import RunRow
    from trigdash.service.runs.tree import RunTree

TASK = 26
"""Columns of a task's name, the branches that lead to it included."""
MAX_GUIDES = 8
"""Levels of indentation; deeper runs are not indented further."""


@dataclass(frozen=True, slots=True)
class RunNode:
    """One run of the family, and what is known of where it belongs."""

    row: RunRow
    parent_id: str = ""
    """Empty for the root, and for a run with an unknown parent."""
    trigger: str = ""
    place: str = ""
    """root, parent, this run; empty for all others."""


def build_run_tree(run: Run, family: RunTree | None) -> dict[str, RunNode]:
    """All known runs of a run's family, by id. Data of the run's own answer is newer."""
    nodes = (
        {each.row.id: RunNode(each.row, each.parent_id) for each in family.relatives}
        if family
        else {}
    )
    related = run.related_runs

    def add(facts: RunFacts, place: str, parent_id: str = "") -> None:
        known = nodes.get(facts.id)
        parent_id = parent_id or (known.parent_id if known else "")
        nodes[facts.id] = RunNode(facts.row(), parent_id, facts.trigger_function or "", place)

    if related.root is not None and related.root.id != run.id:
        add(related.root, "root")
    parent = related.parent
    if parent is not None and parent.id not in (run.id, related.root and related.root.id):
        is_second = run.depth == 2 and related.root is not None
        add(parent, "parent", related.root.id if is_second and related.root is not None else "")
    for child in related.children:
        add(child, "", run.id)
    add(run, "this run", parent.id if parent is not None else "")
    return nodes


def run_tree_lines(run: Run, family: RunTree | None, now: datetime, width: int) -> list[FieldLine]:
    """The tree, from the root down."""
    nodes = build_run_tree(run, family)
    has_children = any(each.parent_id == run.id for each in nodes.values())
    unknown = run.depth - 2 if run.related_runs.root is not None else 0
    lines = []
    for each, branch in _tree(run, nodes):
        if each.place == "parent" and not each.parent_id and unknown > 0:
            lines.append(FieldLine(((f"  ⋮ {unknown} between", "faint"),)))
        lines.append(_line(each, branch, now, width))
        if each.place == "this run" and not has_children:
            blank = " " * (len(branch) + 4)
            lines.append(FieldLine(((f"{blank}no child runs", "faint"),)))
    if family is not None and family.is_cut:
        told = f"  … only the first {len(family):,} runs of the family and this run's own are shown"
        lines.append(FieldLine(((told, "warn"),)))
    return lines


def _tree(run: Run, nodes: dict[str, RunNode]) -> Iterator[tuple[RunNode, str]]:
    """Each member with the branch that leads to it, parents before their children."""
    root = run.related_runs.root or run.related_runs.parent or run
    below: defaultdict[str, list[RunNode]] = defaultdict(list)
    for each in nodes.values():
        if each.row.id != root.id:
            below[each.parent_id if each.parent_id in nodes else root.id].append(each)
    for children in below.values():
        children.sort(key=lambda each: (each.row.created_ms, each.row.id), reverse=True)
    waiting = [(nodes[root.id], "", "")]
    while waiting:
        each, branch, stem = waiting.pop()
        yield each, branch
        # A cycle of parents, which no server has returned so far, is walked once.
        children = below.pop(each.row.id, [])
        for at, child in enumerate(children):
            is_last = at == 0
            own = f"{stem}{'└' if is_last else '├'} "
            waiting.append((child, own, _stem(f"{stem}{'  ' if is_last else '│ '}")))


def _stem(stem: str) -> str:
    return stem[: 2 * MAX_GUIDES]


def _line(each: RunNode, branch: str, now: datetime, width: int) -> FieldLine:
    row, status = each.row, each.row.status
    is_this = each.place == "this run"
    now_ms = now.timestamp() * 1000
    pieces: list[Piece] = [
        (branch, "faint"),
        (f"{status_mark(status)} ", status_role(status)),
        (f"{row.task:<{max(TASK - len(branch), 8)}} ", "strong" if each.place else "text"),
        (f"{status.word:<15} ", "done" if status.kind is Kind.SUCCEEDED else status_role(status)),
    ]
    took = "".join(text for text, _ in duration_cell(row, now_ms))
    pieces.append((f"{took:>12}  ", "dim"))
    if width >= 76:
        pieces.append((f"{row.id:<30} ", "dim" if is_this else "link"))
    if width >= 100:
        pieces.append((f"{span(now_ms - row.created_ms):>5} ago  ", "dim"))
    if width >= 120:
        pieces.append((f"{each.trigger:<20}", "faint"))
    if each.place:
        pieces.append((each.place, "accent" if is_this else "faint"))
    cell: Cell = tuple(pieces)
    return FieldLine(cell, (Field("run id", cell, row.id, None if is_this else ("run", row.id)),))
