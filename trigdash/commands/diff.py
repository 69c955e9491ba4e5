"""`trigdash runs diff`: what is different between a run and another, or its last good one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.runs import run_id_of
from trigdash.model.capability import Capability
from trigdash.presentation.diff import diff_head, diff_headline, diff_lines
from trigdash.presentation.field import iso
from trigdash.service.runs.comparison import Comparison, NoGoodRun, Parting, compare

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.service.runs.diff import Change

TEXT_WIDTH = 120


async def diff_runs(context: CommandContext, run: str, other: str | None) -> ExitCode:
    """Print what is different between two runs."""
    context.require(Capability.TRACE)
    beside = None if other in (None, "last-good") else run_id_of(other or "")
    try:
        answer = await compare(context.backend, context.clock, run_id_of(run), beside)
    except NoGoodRun as none:
        raise CommandFailure(none.message(), ExitCode.NOT_FOUND) from None
    if context.output.is_data:
        context.output.record(record_of(answer))
        return ExitCode.WELL
    heads = [diff_head(answer, answer.a.id), diff_headline(answer)]
    lines = diff_lines(answer, context.clock.now(), TEXT_WIDTH)
    context.output.cells([*heads, *(line.cell for line in lines)])
    return ExitCode.WELL


def record_of(answer: Comparison) -> dict[str, Any]:
    """The answer as JSON."""
    between = answer.between
    return {
        "a": _head(answer.a),
        "b": _head(answer.b),
        "firstDivergence": _divergence(answer.parting),
        "slower": [
            {"path": list(each.path), "aMs": round(each.a_ms), "bMs": round(each.b_ms)}
            for each in answer.slower
        ],
        "onlyInA": _names(answer.only_a),
        "onlyInB": _names(answer.only_b),
        "payload": _changes(answer.payload),
        "metadata": _changes(answer.metadata),
        "output": _changes(answer.output),
        "facts": _changes(answer.facts),
        "deploymentsBetween": None if between is None else [each.version for each in between],
        "_truncated": answer.is_cut,
        "_aligned": {"pairs": answer.pairs, "a": answer.spans[0], "b": answer.spans[1]},
        "_sameShape": answer.same_shape,
    }


def _head(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "status": run.status_name,
        "taskIdentifier": run.task_identifier,
        "version": run.version,
        "createdAt": iso(run.created_at),
        "_durationMs": _took_ms(run),
    }


def _took_ms(run: Run) -> int | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds() * 1000)


def _divergence(parting: Parting | None) -> dict[str, Any] | None:
    if parting is None:
        return None
    return {
        "kind": parting.kind,
        "path": list(parting.path),
        "spanIdA": parting.span_a,
        "spanIdB": parting.span_b,
        "aMs": None if parting.a_ms is None else round(parting.a_ms),
        "bMs": None if parting.b_ms is None else round(parting.b_ms),
    }


def _names(only: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"message": name, "count": count} for name, count in only]


def _changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [{"path": each.path, "kind": each.kind, "a": each.a, "b": each.b} for each in changes]
