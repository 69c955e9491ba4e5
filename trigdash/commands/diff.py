"""`trigdash runs diff`: what is different between a run and another, or its last good one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.runs import run_id_of
from trigdash.model.capability import Capability
from trigdash.model.json_text import json_spaced
from trigdash.presentation.field import iso
from trigdash.presentation.units import duration, factor_text
from trigdash.service.runs.diff import (
    Alignment,
    Change,
    Divergence,
    align,
    differing,
    first_divergence,
    json_changes,
    only_in,
    slower_spans,
)
from trigdash.service.runs.trace_reading import whole_trace
from trigdash.service.runs.typical import last_good_run

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.model.trace import Trace


async def diff_runs(context: CommandContext, run: str, other: str | None) -> ExitCode:
    """Print what is different; the code is 1 when the runs differ in how they went."""
    context.require(Capability.TRACE)
    a = await context.backend.run(run_id_of(run))
    same_shape: bool | None = None
    if other is None or other == "last-good":
        found = await last_good_run(context.backend, a)
        if found is None:
            raise CommandFailure(
                f"no good run of {a.task_identifier} in the 30 days before", ExitCode.NOT_FOUND
            )
        b, same_shape = found
    else:
        b = await context.backend.run(run_id_of(other))
    trace_a = await whole_trace(context.backend, a.id)
    trace_b = await whole_trace(context.backend, b.id)
    report = _report(a, b, trace_a, trace_b) | {"_sameShape": same_shape}
    if context.output.is_data:
        context.output.record(report)
    else:
        for line in _lines(report):
            context.output.line(line)
    return ExitCode.WELL


def _report(a: Run, b: Run, trace_a: Trace, trace_b: Trace) -> dict[str, Any]:
    alignment = align(trace_a, trace_b)
    parting = first_divergence(trace_a, trace_b, alignment)
    return {
        "a": _head(a),
        "b": _head(b),
        "firstDivergence": _divergence(trace_a, trace_b, parting),
        "slower": [
            {"path": list(s.path), "aMs": round(s.a_ms), "bMs": round(s.b_ms)}
            for s in slower_spans(trace_a, trace_b, alignment)
        ],
        "onlyInA": _names(trace_a, alignment.pairs),
        "onlyInB": _names(trace_b, alignment.back),
        "payload": _changes(json_changes(a.payload, b.payload)),
        "metadata": _changes(json_changes(a.metadata, b.metadata)),
        "output": _changes(json_changes(a.output, b.output)),
        "facts": _changes(differing(_facts(a, b))),
        "_truncated": trace_a.truncated or trace_b.truncated,
        "_aligned": _aligned(alignment, trace_a, trace_b),
    }


def _aligned(alignment: Alignment, a: Trace, b: Trace) -> dict[str, int]:
    return {"pairs": len(alignment.pairs), "a": len(a), "b": len(b)}


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


def _facts(a: Run, b: Run) -> list[tuple[str, Any, Any]]:
    names = ("version", "region", "attempt_count", "is_test", "tags", "ttl", "trigger_function")
    return [(name, getattr(a, name), getattr(b, name)) for name in names]


def _divergence(a: Trace, b: Trace, parting: Divergence | None) -> dict[str, Any] | None:
    if parting is None:
        return None
    return {
        "kind": parting.kind,
        "path": list(parting.path),
        "spanIdA": None if parting.row_a is None else a.ids[parting.row_a],
        "spanIdB": None if parting.row_b is None else b.ids[parting.row_b],
        "aMs": None if parting.row_a is None else round(a.duration_ns[parting.row_a] / 1e6),
        "bMs": None if parting.row_b is None else round(b.duration_ns[parting.row_b] / 1e6),
    }


def _names(trace: Trace, matched: Any) -> list[dict[str, Any]]:
    return [{"message": name, "count": count} for name, count in only_in(trace, matched)][:20]


def _changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [{"path": each.path, "kind": each.kind, "a": each.a, "b": each.b} for each in changes]


_ENDINGS = {
    "failed": "fails in A",
    "recovered": "fails in B",
    "only_a": "only in A",
    "only_b": "only in B",
}


def _lines(report: dict[str, Any]) -> Iterable[str]:
    for name in "ab":
        head = report[name]
        took = "–" if head["_durationMs"] is None else duration(head["_durationMs"])
        facts = f"{head['id']}  {took}  {head['version'] or '–'}"
        yield f"{name.upper()}  {head['status'].lower():<10} {facts}"
    yield ""
    parting = report["firstDivergence"]
    if parting is None:
        yield "FIRST DIVERGENCE  none: the same spans, ended alike"
    else:
        yield f"FIRST DIVERGENCE  {_path(parting)}  {_ENDINGS[parting['kind']]}"
    yield from map(_slower_line, report["slower"])
    for key, label in (("onlyInA", "ONLY IN A"), ("onlyInB", "ONLY IN B")):
        if report[key]:
            yield f"{label}  " + " · ".join(map(_counted, report[key]))
    for key in ("payload", "metadata", "output", "facts"):
        for each in report[key]:
            before, now = _short(each["b"]), _short(each["a"])
            yield f"{key.upper()}  {each['path'] or 'all'}  {before} → {now}"
    if report["_truncated"]:
        yield "A trace was cut by the server: what is missing there is not compared."


def _path(each: dict[str, Any]) -> str:
    return " › ".join(each["path"])


def _slower_line(each: dict[str, Any]) -> str:
    a, b = each["aMs"], each["bMs"]
    sign, name = ("+", "A") if a > b else ("−", "B")
    grown = f"{sign}{duration(abs(a - b))}  {factor_text(max(a, b) / max(min(a, b), 1))}"
    return f"LONGER IN {name}  {_path(each)}  {duration(a)} / {duration(b)}  {grown}"


def _counted(each: dict[str, Any]) -> str:
    again = f" ×{each['count']}" if each["count"] > 1 else ""
    return f"{each['message']}{again}"


def _short(value: Any) -> str:
    text = json_spaced(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
