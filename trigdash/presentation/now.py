"""What needs attention now, as lines. Pure. A finding is one line: a mark, its subject, its
figures, and what can be done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from trigdash.presentation.answer_lines import whole_clauses
from trigdash.presentation.cell import Cell, cell_width, cut_cell, cut_text, text_width
from trigdash.presentation.run.fields import Field, FieldLine
from trigdash.presentation.units import clock_time, plural
from trigdash.service.now.finding import Section, Severity

if TYPE_CHECKING:
    from trigdash.service.now.finding import LookedAt, Now, NowFinding

ACTS_FROM = 104
"""With this many columns or more, what can be done is shown at the right."""
ACT_KEY = "A"
"""The key that does what a line says can be done."""
MAX_WIDTH = 150
"""Wider lines would part what can be done from what it is about."""
NAME_SHARE = 0.34
MAX_NAME = 56
NEEDED = frozenset({"identity", "tasks", "errors", "waiting", "queues"})
"""What must have been checked before the answer is "all is well"."""
_MARKS = {
    "failing_more_than_usual": "×",
    "error_new_in_deployment": "×",
    "schedule_failed": "×",
    "alert": "▲",
    "paused": "‖",
    "queue_blocked": "◆",
    "stuck_runs": "◔",
    "near_limit": "◆",
    "promoted": "↑",
    "overridden": "◇",
    "ignored_error_back": "×",
}
_ROLES = {
    Severity.CRITICAL: "bad-strong",
    Severity.WARNING: "warn-strong",
    Severity.NOTICE: "dim",
}


def headline(now: Now) -> Cell:
    """The answer in one line: well, or what is not."""
    needing = now.needing
    if not needing:
        counted = next((each.said for each in now.looked_at if each.what == "tasks"), "")
        unread = sum(each.what in NEEDED and not each.is_known for each in now.looked_at)
        said = f"All well: {counted}." if counted else "All well."
        if unread:
            return (
                (f"Nothing found; {plural(unread, 'check')} could not be made.", "text"),
                (f"  {counted}", "dim"),
            )
        return ((said, "good"),)
    failing = [each for each in needing if each.section is Section.FAILING]
    parts = []
    tasks = [each.name for each in failing if each.kind == "task"]
    names = tasks or [each.name for each in failing]
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        parts.append(f"{cut_text(names[0], 40)}{more} fail{'s' if len(names) == 1 else ''}")
    held = now.of(Section.NOT_MOVING)
    if held:
        parts.append(f"{plural(len(held), 'thing')} {'do' if len(held) > 1 else 'does'} not move")
    near = now.of(Section.NEAR_LIMIT)
    if near and len(parts) < 2:
        parts.append(f"{plural(len(near), 'limit')} near")
    lead = "Not well: " if now.is_critical else "Look: "
    role = "bad-strong" if now.is_critical else "warn-strong"
    return (
        (lead, role),
        ("; ".join(parts) or plural(len(needing), "finding"), "text"),
        (".", "text"),
    )


def now_lines(now: Now, width: int) -> list[FieldLine]:
    """The findings under their headings, for a width."""
    width = min(width, MAX_WIDTH)
    lines: list[FieldLine] = []
    longest = max((text_width(each.name) for each in now.findings), default=0)
    most = max(18, min(longest, round(width * NAME_SHARE), MAX_NAME))
    for section in Section:
        findings = now.of(section)
        if findings:
            lines.append(FieldLine())
            lines.append(FieldLine(((section.value.upper(), "dim"),)))
            lines += [_line(each, most, width) for each in findings]
    return lines


def _line(finding: NowFinding, name_width: int, width: int) -> FieldLine:
    name = cut_text(finding.name, name_width)
    role = _ROLES[finding.severity]
    blank = " " * (name_width - text_width(name))
    cell: Cell = (
        (f"{_MARKS.get(finding.code, '·')} ", role),
        (name, "text" if finding.severity is Severity.NOTICE else "strong"),
        (f"{blank}  ", "text"),
    )
    is_change = finding.section is Section.CHANGED
    if is_change and finding.since is not None:
        cell = (*cell, (f"{clock_time(finding.since.timestamp() * 1000)[:5]}  ", "dim"))
    act: Cell = ()
    if width >= ACTS_FROM and finding.act:
        key = f"{ACT_KEY} " if finding.write else ""
        act = (("  ", "text"), (key, "key"), (finding.act, "dim"))
    room = width - cell_width(act)
    # A change ends with a message, which may be cut anywhere.
    said = (
        finding.evidence if is_change else whole_clauses(finding.evidence, room - cell_width(cell))
    )
    cell = (*cell, (said, "text" if finding.severity is not Severity.NOTICE else "dim"))
    if act:
        cell = cut_cell(cell, room)
        cell = (*cell, (" " * (room - cell_width(cell)), "text"), *act)
    return FieldLine(
        cell, (Field(field_label(finding), cell, finding.subject, (finding.kind, finding.subject)),)
    )


def field_label(finding: NowFinding) -> str:
    """What identifies the line of a finding."""
    return f"{finding.code} {finding.act}"


def looked_at_lines(now: Now, width: int) -> list[FieldLine]:
    """What was checked, and what could not be, in as few lines as possible."""
    lines: list[FieldLine] = [FieldLine(), FieldLine((("LOOKED AT", "dim"),))]
    known = [_looked(each) for each in now.looked_at if each.is_known]
    lines += [FieldLine(cell) for cell in _flow(known, min(width, MAX_WIDTH))]
    lines += [FieldLine(looked_at_line(each)) for each in now.looked_at if not each.is_known]
    return lines


def looked_at_line(looked: LookedAt) -> Cell:
    """One thing that was checked, or why it was not."""
    if looked.is_known:
        return _looked(looked)
    return (("? ", "warn"), (f"{looked.what}: not looked at, {looked.said}", "dim"))


def _looked(looked: LookedAt) -> Cell:
    mark = ("✓ ", "good") if looked.is_well else ("▲ ", "warn")
    return (mark, (looked.said, "dim"))


def _flow(cells: list[Cell], width: int) -> Iterator[Cell]:
    """The cells side by side, as many as fit in a line."""
    line: Cell = ()
    for cell in cells:
        joined = (*line, ("   ", "text"), *cell) if line else cell
        if line and cell_width(joined) > width:
            yield line
            line = cell
        else:
            line = joined
    if line:
        yield line
