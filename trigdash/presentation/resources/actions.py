"""The action log: every action that was sent from trigdash, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from trigdash.model.capability import Capability
from trigdash.model.clean import clean
from trigdash.model.moment import local
from trigdash.presentation.cell import Cell
from trigdash.presentation.field import ResourceField, moment, text
from trigdash.presentation.resource import Resource, unpaged
from trigdash.presentation.units import count, plural
from trigdash.service.actions.outcome import AuditEntry

_RESULTS = {"done": ("✓", "good"), "refused": ("×", "bad"), "unknown": ("?", "warn-strong")}


def _when(entry: AuditEntry, now_ms: float) -> Cell:
    return ((f"{local(entry.at):%Y-%m-%d %H:%M:%S}", "dim"),)


def _result(entry: AuditEntry, now_ms: float) -> Cell:
    mark, role = _RESULTS.get(entry.result, ("◇", "unknown"))
    return (mark, role), (f" {clean(entry.result)}", role)


def _explain(entry: AuditEntry, now_ms: float) -> Cell:
    """The message, what the action created, and the subject of a bulk action."""
    runs = plural(len(entry.run_ids), "run") if entry.run_ids else ""
    parts = (
        ("made", entry.new_id or ""),
        ("chosen by", entry.chosen_by),
        ("filter", entry.filter),
        ("on", runs),
    )
    pieces = (((f"   {name} ", "dim"), (clean(value), "text")) for name, value in parts if value)
    said = clean(entry.sentence) or "no more is known"
    return ((said, "text"), *(piece for pair in pieces for piece in pair))


def _totals(rows: Sequence[AuditEntry]) -> Cell:
    refused = sum(entry.result == "refused" for entry in rows)
    unknown = sum(entry.result == "unknown" for entry in rows)
    said: Cell = ((f"   × {count(refused)} refused", "bad"),) if refused else ()
    return (*said, (f"   ? {count(unknown)} unknown", "warn")) if unknown else said


def _opens(entry: AuditEntry) -> tuple[str, str] | None:
    """The target run of an action, or the new one; the runs of a bulk action."""
    wanted = entry.new_id or entry.target
    if wanted.startswith("run_"):
        return ("run", wanted)
    return ("runs", f"bulk:{wanted}") if wanted.startswith("bulk_") else None


RESOURCE = Resource[AuditEntry](
    name="actions",
    singular="action",
    title="Actions",
    needs=Capability.RELATED,
    fields=(
        ResourceField("at", "when", lambda entry: entry.at, _when, 19, importance=90),
        moment("_at", "ago", 5, importance=60, value=lambda entry: entry.at),
        ResourceField("result", "result", lambda e: e.result, _result, 10, importance=95),
        text("action", "action", 12, role="strong", importance=100),
        text("target", "target", 30, importance=98, grow=8),
        text("environment", "env", 20, role="dim", importance=70, grow=8),
        text("profile", "profile", 10, role="faint", importance=30),
        text("sentence", "sentence", 24, role="dim", importance=50, grow=60),
        text("new_id", "made", 30, is_shown=False),
        text("chosen_by", "chosen by", 20, is_shown=False),
        text("filter", "filter", 20, is_shown=False),
        text("run_ids", "runs", 20, is_shown=False),
    ),
    page=unpaged,
    key=lambda entry: f"{entry.at.isoformat()} {entry.action} {entry.target}",
    opens=_opens,
    copied=lambda entry: entry.new_id or entry.target,
    sort=("when", True),
    explain=_explain,
    totals=_totals,
    empty=("nothing was done from here yet",),
)
