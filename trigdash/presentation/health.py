"""The server's health report in words: a banner, and all of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigdash.presentation.cell import Cell, Piece, cell_text
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.units import count, duration

if TYPE_CHECKING:
    from trigdash.model.health import HealthFinding, HealthMetric, HealthReport

ROLES = {"crit": "bad-strong", "warn": "warn-strong"}
"""The roles of severities that need attention."""
_MARKS = {"crit": "×", "warn": "▲", "ok": "●"}
_WORDS = {"crit": "critical", "warn": "warning", "ok": "well"}


def health_banner(report: HealthReport | None) -> Cell:
    """The health note next to a list: a mark, then the worst finding; nothing while all is well."""
    if report is None or report.severity not in ROLES:
        return ()
    worst = next((each for each in report.findings if each.severity == report.severity), None)
    said = f" {worst.type}: {_words(worst.reason)}{_due_to(worst)}" if worst else ""
    role = ROLES[report.severity]
    return ((f"{_mark(report.severity)} health", role), (said, role), ("  :health", "key"))


def health_headline(report: HealthReport) -> Cell:
    """The report in one line."""
    role = ROLES.get(report.severity, "good")
    word = _WORDS.get(report.severity, report.severity)
    return (
        (f"{_mark(report.severity)} {word}", role),
        (f"  {report.scope}  {report.period}", "dim"),
    )


def health_lines(report: HealthReport) -> list[FieldLine]:
    """Findings, worst first as they come, then the figures that they were made from."""
    lines = [FieldLine(), _heading("findings"), *map(_finding, report.findings)]
    return [*lines, FieldLine(), _heading("figures"), *map(_metric, report.metrics)]


def health_text(report: HealthReport) -> list[str]:
    """The report as plain lines, without blank ones."""
    cells = [health_headline(report), *(line.cell for line in health_lines(report))]
    return [text for cell in cells if (text := cell_text(cell).rstrip())]


def _heading(title: str) -> FieldLine:
    return FieldLine(((title.upper(), "title"),))


def _finding(finding: HealthFinding) -> FieldLine:
    role = ROLES.get(finding.severity, "text")
    pieces: list[Piece] = [
        (f"{_mark(finding.severity)} {finding.type:<12}", ROLES.get(finding.severity, "good")),
        (_words(finding.reason), role),
        (_due_to(finding), "text"),
    ]
    if finding.read:
        pieces.append((f"   {_words(finding.read)}", "dim"))
    opens = None
    if finding.attribution is not None and finding.attribution.dim == "queue":
        opens = ("queue", finding.attribution.key)
    cell = tuple(pieces)
    return FieldLine(cell, (Field(finding.type, cell, cell_text(cell), opens),))


def _metric(metric: HealthMetric) -> FieldLine:
    known = metric.availability != "unknown"
    value = _value(metric.value, metric.unit) if known else "not measured"
    usual = f"   usual {_value(metric.normal, metric.unit)}" if metric.normal is not None else ""
    cell: Cell = (
        (f"{_mark(metric.severity)} {_words(metric.id):<20}", ROLES.get(metric.severity, "dim")),
        (f"{value:>12}", "text" if known else "faint"),
        (usual, "dim"),
    )
    return FieldLine(cell, (Field(metric.id, cell, value),))


def _due_to(finding: HealthFinding) -> str:
    share = finding.attribution
    return f", {share.dim} {share.key} ({share.share:.0%})" if share is not None else ""


def _value(value: float, unit: str) -> str:
    if unit == "ms":
        return duration(value)
    if unit == "ratio":
        return f"{value:.1%}"
    number = count(round(value)) if value == round(value) else f"{value:,.1f}"
    return f"{number} a minute" if unit == "perMin" else number


def _mark(severity: str) -> str:
    return _MARKS.get(severity, "·")


def _words(code: str) -> str:
    return code.replace("_", " ")
