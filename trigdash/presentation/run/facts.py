"""The facts of a run, each with what it copies and what it opens. Pure, no terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from trigdash.model.clean import one_line
from trigdash.model.run_row import region_name
from trigdash.presentation.cell import Cell, linked
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.run.fields import LABEL, Field, FieldLine, Target
from trigdash.presentation.units import cents, clock_time, day_text, duration, plural, span, until

if TYPE_CHECKING:
    from trigdash.model.run import Run, RunFacts


def fact_grid(fields: Sequence[Field], width: int) -> list[FieldLine]:
    """Fields in columns, filled row by row."""
    columns = 1 if width < 64 else 2 if width < 116 else 3
    if columns == 1:
        return [FieldLine(_fact_cell(field), (field,)) for field in fields]
    return [
        FieldLine((), tuple(fields[start : start + columns]), columns)
        for start in range(0, len(fields), columns)
    ]


def _fact_cell(field: Field) -> Cell:
    return ((f"{field.label:<{LABEL}}", "dim"), *field.value)


def facts_of(
    run: Run,
    now: datetime,
    environment: str,
    place: Sequence[Field] = (),
    page: str | None = None,
) -> list[Field]:
    """All known facts of a run; unknown ones are left out. `place` has the facts from the query
    endpoint, `page` is the run's address in the dashboard."""
    status = run.status
    row = _Facts(now)
    row.add("status", f"{status_mark(status)} {status.word}", run.status_name, status_role(status))
    row.add("task", run.task_identifier, opens="task")
    row.fields.append(Field("run", (linked(run.id, "dim", page),), run.id))
    # Chosen when a run starts; one that ended without is of a system that has none.
    unknown = "" if run.status.is_final else "not chosen yet"
    opens = "version" if run.version else None
    row.add("version", run.version or unknown, run.version, opens=opens)
    row.add("environment", environment)
    row.add("region", region_name(run.region))
    row.fields += place
    row.add("trigger", run.trigger_function)
    row.add("restart of", run.restarted_from_run_id, opens="run")
    row.add("batch", run.batch_id, opens="batch")
    if run.schedule is not None:
        generator = run.schedule.generator
        said = generator.description or generator.expression
        said = f"{said} ({generator.expression})"
        row.add("schedule", said, run.schedule.id, opens="schedule")
    row.time("created", run.created_at)
    row.time("delayed to", run.delayed_until)
    row.time("started", run.started_at)
    row.time("finished", run.finished_at)
    row.time("expired", run.expired_at)
    row.time("last change", run.updated_at)
    row.add("ttl", run.ttl)
    row.add("cost", _cost(run), str(run.cost_in_cents + run.base_cost_in_cents))
    row.add("compute", duration(run.duration_ms) if run.duration_ms else "", str(run.duration_ms))
    row.add("test", "test run" if run.is_test else "")
    row.add("key", run.idempotency_key)
    row.add("depth", str(run.depth) if run.depth else "")
    for tag in run.tags:
        row.add("tag", one_line(tag), tag, opens="tag")
    row.relative("parent", run.related_runs.parent)
    row.relative("root", run.related_runs.root)
    children = run.related_runs.children
    row.add("children", plural(len(children), "run") if children else "", opens="tab:related")
    row.add("not readable", ", ".join(run.unread), role="warn")
    return row.fields


def _cost(run: Run) -> str:
    total = run.cost_in_cents + run.base_cost_in_cents
    return cents(total) if total else ""


class _Facts:
    """Fields under construction; what is empty is left out."""

    def __init__(self, now: datetime) -> None:
        self.fields: list[Field] = []
        self._now = now

    def add(
        self,
        label: str,
        text: str | None,
        copied: str | None = None,
        role: str = "text",
        opens: str | None = None,
    ) -> None:
        if not text:
            return
        target: Target | None = None
        if opens is not None:
            kind, _, fixed = opens.partition(":")
            target = (kind, fixed or copied or text)
        role = "link" if target else role
        self.fields.append(Field(label, ((text, role),), copied or text, target))

    def time(self, label: str, moment: datetime | None) -> None:
        """A time of day, and how far from now."""
        if moment is None:
            return
        at_ms, now_ms = moment.timestamp() * 1000, self._now.timestamp() * 1000
        far = f"{span(now_ms - at_ms)} ago" if at_ms <= now_ms else f"in {until(at_ms - now_ms)}"
        day = day_text(at_ms, now_ms)
        # Of another day, thousandths of a second say less than the day.
        text = f"{day} {clock_time(at_ms)}" if day else clock_time(at_ms, millis=True)
        value: Cell = ((text, "text"), (f"  {far}", "dim"))
        self.fields.append(Field(label, value, moment.isoformat()))

    def relative(self, label: str, run: RunFacts | None) -> None:
        """Another run of the family."""
        if run is None:
            return
        value: Cell = (
            (f"{status_mark(run.status)} ", status_role(run.status)),
            (f"{run.task_identifier} ", "text"),
            (run.id, "link"),
        )
        self.fields.append(Field(label, value, run.id, ("run", run.id)))
