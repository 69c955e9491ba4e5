"""The related tab: the family of a run as a tree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.run import RunFacts
from trigdash.model.status import Kind
from trigdash.ui.cells.cell import Cell, Piece
from trigdash.ui.cells.runs import duration_cell
from trigdash.ui.cells.units import span
from trigdash.ui.inside.fields import Field, FieldLine, FieldLines
from trigdash.ui.inside.run_view import RunView
from trigdash.ui.marks import status_mark, status_role
from trigdash.ui.screens.run.pane import Pane
from trigdash.ui.widgets.field_list import FieldList


def family_lines(view: RunView, now: datetime, width: int) -> list[FieldLine]:
    """Root, parent, the run itself, its children: each below what started it."""
    run = view.run
    if run is None:
        return []
    root, parent = run.related_runs.root, run.related_runs.parent
    lines: list[FieldLine] = []
    depth = 0
    if root is not None and root.id != run.id:
        lines.append(_member(root, 0, "root", now, width))
        depth = 1
    if parent is not None and (root is None or parent.id != root.id):
        between = run.depth - 2
        if between > 0:
            words = f"  ⋮ {between} between" if between > 1 else "  ⋮ 1 between"
            lines.append(FieldLine(((words, "faint"),)))
        lines.append(_member(parent, depth, "parent", now, width))
        depth += 1
    lines.append(_member(run, depth, "this run", now, width))
    children = run.related_runs.children
    lines += [
        _member(child, depth + 1, "", now, width, last=child is children[-1]) for child in children
    ]
    if not children:
        lines.append(FieldLine(((" " * (2 * depth + 4) + "no child runs", "faint"),)))
    return lines


def _member(
    run: RunFacts, depth: int, role: str, now: datetime, width: int, *, last: bool = True
) -> FieldLine:
    row = run.row()
    now_ms = now.timestamp() * 1000
    branch = "  " * (depth - 1) + ("└ " if last else "├ ") if depth else ""
    status = run.status
    word_role = "done" if status.kind is Kind.SUCCEEDED else status_role(status)
    pieces: list[Piece] = [
        (branch, "faint"),
        (f"{status_mark(status)} ", status_role(status)),
        (f"{run.task_identifier:<{max(26 - len(branch), 8)}} ", "strong" if role else "text"),
        (f"{status.word:<15} ", word_role),
    ]
    took = "".join(text for text, _ in duration_cell(row, now_ms))
    pieces.append((f"{took:>12}  ", "dim"))
    if width >= 76:
        pieces.append((f"{run.id:<30} ", "dim" if role == "this run" else "link"))
    if width >= 100:
        pieces.append((f"{span(now_ms - row.created_ms):>5} ago  ", "dim"))
    if width >= 120:
        pieces.append((f"{run.trigger_function or '':<20}", "faint"))
    if role:
        pieces.append((role, "accent" if role == "this run" else "faint"))
    cell: Cell = tuple(pieces)
    opens = None if role == "this run" else ("run", run.id)
    return FieldLine(cell, (Field("run id", cell, run.id, opens),))


class RelatedPane(Pane):
    """Root, parent, this run, its children."""

    TAB: ClassVar[str] = "related"
    KEY: ClassVar[str] = "r"
    TITLE: ClassVar[str] = "Related"

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield FieldList(id="family")

    @override
    def show_data(self, now: datetime) -> None:
        clock = self.host.session.clock
        fields = FieldLines(lambda width: family_lines(self.view, clock.now(), width))
        self.query_one(FieldList).show_fields(fields)

    @override
    def show_time(self, now: datetime) -> None:
        self.update(now)

    @override
    def count(self) -> str:
        others = len(self.view.family()) - 1
        return str(others) if others > 0 else ""

    @override
    def copied(self) -> tuple[str, str] | None:
        field = self.query_one(FieldList).field
        return (field.copied, field.copied) if field is not None else None

    @on(FieldList.FieldOpened)
    def _open_field(self, message: FieldList.FieldOpened) -> None:
        message.stop()
        if message.field.opens is not None:
            self.lead_to(message.field.opens)
