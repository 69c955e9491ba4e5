"""The columns of the action log."""

from dataclasses import fields
from datetime import tzinfo

from trigdash.model.clean import clean
from trigdash.model.moment import LOCAL, local
from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import Column
from trigdash.presentation.units import span
from trigdash.service.actions.outcome import AuditEntry

NATURAL_SORT = ("when", True)
"""Newest first, as the log is read."""

SAVED_FIELDS = tuple(field.name for field in fields(AuditEntry))
"""What is saved of an entry: all of it."""

_RESULTS = {"done": ("✓", "good"), "refused": ("×", "bad"), "unknown": ("?", "warn-strong")}


def action_columns(zone: tzinfo = LOCAL) -> tuple[Column[AuditEntry], ...]:
    """All columns in their order; times are local unless a zone is given."""

    def when(entry: AuditEntry, now_ms: float) -> Cell:
        return ((f"{local(entry.at, zone):%Y-%m-%d %H:%M:%S}", "dim"),)

    return (
        Column("when", "when", when, 19, importance=90, sort_key=lambda entry: entry.at),
        Column("ago", "ago", _ago, 5, "right", 60, live=lambda entry: True),
        Column("result", "result", _result, 10, importance=95, sort_key=lambda e: e.result),
        Column("action", "action", _action, 12, importance=100, sort_key=lambda e: e.action),
        Column("target", "target", _target, 30, importance=98, sort_key=lambda e: e.target, grow=8),
        Column("env", "where", _where, 20, importance=70, sort_key=lambda e: e.environment, grow=8),
        Column("profile", "profile", _profile, 10, importance=30),
        Column("sentence", "said", _message, 24, importance=50, grow=60),
    )


def _ago(entry: AuditEntry, now_ms: float) -> Cell:
    return ((span(now_ms - entry.at.timestamp() * 1000), "dim"),)


def _result(entry: AuditEntry, now_ms: float) -> Cell:
    mark, role = _RESULTS.get(entry.result, ("◇", "unknown"))
    return (mark, role), (f" {clean(entry.result)}", role)


def _action(entry: AuditEntry, now_ms: float) -> Cell:
    return ((clean(entry.action), "strong"),)


def _target(entry: AuditEntry, now_ms: float) -> Cell:
    return ((clean(entry.target), "text"),)


def _where(entry: AuditEntry, now_ms: float) -> Cell:
    return ((clean(entry.environment), "dim"),)


def _profile(entry: AuditEntry, now_ms: float) -> Cell:
    return ((clean(entry.profile), "faint"),)


def _message(entry: AuditEntry, now_ms: float) -> Cell:
    return ((clean(entry.sentence), "dim"),)
