"""`trigdash runs`: list, get, logs, trace, family."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trigdash.backends import supported_filters_of
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.resources import FirstRows, check_sort, sort_rows
from trigdash.model.capability import Capability
from trigdash.model.moment import local
from trigdash.presentation.field import iso, json_value
from trigdash.presentation.resources.runs import RESOURCE
from trigdash.service.cache.pages import PAGE_SIZE, run_pages
from trigdash.service.filters.description import window_text
from trigdash.service.filters.language import FilterError, parse
from trigdash.service.filters.matching import TextMatch
from trigdash.service.runs.trace_reading import whole_trace

if TYPE_CHECKING:
    from trigdash.commands.ranked_runs import AskedRuns
    from trigdash.model.run import Run
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.model.trace import Trace

_RUN_ID = re.compile(r"run_[A-Za-z0-9_-]{1,80}")
MAX_SORTED = 100_000
"""The most runs that are read to sort them locally."""


def run_id_of(text: str) -> str:
    """The id of a run, given as an id or as the address of its page. Raises CommandFailure."""
    found = _RUN_ID.search(text)
    if "/" in text and found:
        return found.group()
    if not text or any(mark in text for mark in "/?# "):
        raise CommandFailure(f"this is no run: {text}", ExitCode.MISUSED)
    return text


def run_filter_of(context: CommandContext, line: str) -> RunFilter:
    """The filter that a line describes. Raises CommandFailure before anything is sent."""
    supported_filters = supported_filters_of(context.backend.name)
    try:
        return parse(line, local(context.clock.now()), supported_filters)
    except FilterError as mistake:
        raise CommandFailure(f"filter: {mistake.words}", ExitCode.MISUSED) from None


def window_label(context: CommandContext, run_filter: RunFilter) -> str:
    """The time that a filter covers, in words: "last 7 days"."""
    return window_text(run_filter, local(context.clock.now()), context.backend.reach)


async def list_runs(
    context: CommandContext, line: str, limit: int | None, sort: str | None
) -> ExitCode:
    """Print the runs of a filter, newest first or sorted. Rows are written as they come."""
    context.output.check(RESOURCE)
    check_sort(RESOURCE, sort)
    run_filter = run_filter_of(context, line)
    asked = await _asked(context, run_filter, limit, sort)
    if asked:
        await context.output.stream(RESOURCE, _of(asked.rows))
        if asked.total is None or asked.total > len(asked.rows):
            of = "more match" if asked.total is None else f"{asked.total:,} match"
            context.output.note(f"{len(asked.rows)} shown, {of}; --limit all prints them")
    elif sort:
        rows = await _sorted(context, run_filter, sort)
        await context.output.stream(RESOURCE, _of(rows[:limit]))
        if limit is not None and len(rows) > limit:
            context.output.note(f"{limit} of {len(rows)} shown; --limit all prints the rest")
    else:
        first = FirstRows(_pages(context, run_filter, limit), limit)
        await context.output.stream(RESOURCE, first.rows())
        if first.may_go_on:
            context.output.note(f"{limit} shown, more may match; --limit all prints them")
    context.output.note(f"window: {window_label(context, run_filter)}")
    if run_filter.is_narrowed_here and not asked:
        context.output.note("narrowed here: the server lists more runs than match")
    return ExitCode.WELL


async def _asked(
    context: CommandContext, run_filter: RunFilter, limit: int | None, sort: str | None
) -> AskedRuns | None:
    """The answer of the query endpoint, where the run list does not support the order or
    condition."""
    if not sort and not run_filter.conditions:
        return None
    from trigdash.commands.ranked_runs import asked_runs

    return await asked_runs(context, run_filter, limit, sort)


async def _sorted(context: CommandContext, run_filter: RunFilter, sort: str) -> list[RunRow]:
    rows = [row async for row in matching(context, run_filter, MAX_SORTED)]
    if len(rows) >= MAX_SORTED:
        context.output.note(f"only the newest {MAX_SORTED:,} are sorted")
    return sort_rows(RESOURCE, rows, sort)


async def _pages(
    context: CommandContext, run_filter: RunFilter, limit: int | None
) -> AsyncIterator[tuple[list[RunRow], bool]]:
    """The runs of a filter, page by page. Unreadable runs are counted in a note."""
    match = TextMatch(run_filter.text, run_filter.conditions)
    is_whole = limit is None or run_filter.is_narrowed_here
    before: set[str] = set()
    async for page in run_pages(
        context.backend, run_filter, PAGE_SIZE if is_whole else min(limit or 0, PAGE_SIZE)
    ):
        # A list that grows meanwhile repeats runs of the previous page only.
        new = tuple(row for row in page.rows if row.id not in before)
        before = {row.id for row in page.rows}
        if unread := sum(not odd.is_shown for odd in page.odd):
            context.output.note(f"{unread} runs could not be read and are left out")
        if page.is_cut:
            context.output.note("the list could not be read to its end")
        yield list(match.narrow(new)), page.next is not None


async def _of(rows: list[RunRow]) -> AsyncIterator[RunRow]:
    for row in rows:
        yield row


async def matching(
    context: CommandContext, run_filter: RunFilter, most: int | None
) -> AsyncIterator[RunRow]:
    """The runs of a filter, newest first and without repeats. Conditions that the server cannot
    check are checked here."""
    from trigdash.service.bulk.plan import collect

    match = TextMatch(run_filter.text, run_filter.conditions)
    async for page in collect(context.backend, run_filter, most or 2**31):
        for row in match.narrow(page):
            yield row


async def get_run(
    context: CommandContext, run: str, attempts: bool, payload: bool, output: bool
) -> ExitCode:
    """Print one run; with the flags its attempts, payload or output alone."""
    found = await context.backend.run(run_id_of(run))
    context.output.note_unread(found)
    if payload or output:
        context.output.value(await _document(context, found, "payload" if payload else "output"))
        return ExitCode.WELL
    record = _run_record(found)
    if not found.status.is_final:
        from trigdash.commands.why import record_of
        from trigdash.service.why.verdict import why_of

        record["_why"] = record_of(await why_of(context.backend, found, context.clock.now()))
    if attempts:
        record["_attempts"] = [json_value(each) for each in await _attempts(context, found)]
    context.output.record(record)
    return ExitCode.WELL


def _run_record(run: Run) -> dict[str, Any]:
    record: dict[str, Any] = json_value(run)
    for name in ("payloadPresignedUrl", "outputPresignedUrl"):
        # Signed addresses work as credentials for five minutes.
        if record.get(name):
            record[name] = "<signed address>"
    return record


async def _document(context: CommandContext, run: Run, name: str) -> Any:
    """A payload or output, downloaded where it is stored separately."""
    from trigdash.model.json_text import parse_json

    address = getattr(run, f"{name}_presigned_url")
    if address is None:
        return getattr(run, name)
    body = await context.backend.download(address, 64_000_000)
    try:
        return parse_json(body)
    except ValueError:
        return body.decode("utf-8", "replace")


async def _attempts(context: CommandContext, run: Run) -> list[dict[str, Any]]:
    """The attempts in the trace: number, start, duration, and how each ended."""
    from trigdash.model.span_event import SpanFlag, SpanKind

    trace = await whole_trace(context.backend, run.id)
    return [
        {
            "number": trace.attempt[row] or number,
            "startedAt": _time_of(trace.start_ns[row]),
            "durationMs": round(trace.duration_ns[row] / 1e6),
            "failed": trace.has(row, SpanFlag.ERROR),
            "finished": not trace.has(row, SpanFlag.PARTIAL),
        }
        for number, row in enumerate(trace.rows_of_kind(SpanKind.ATTEMPT), 1)
        if trace.run_id(row) in ("", run.id)
    ]


def _time_of(ns: int) -> str:
    from trigdash.model.moment import datetime_of

    return iso(datetime_of(ns))


async def print_trace(
    context: CommandContext, run: str, errors: bool, depth: int | None
) -> ExitCode:
    """Print a run's trace: a tree on a table, spans as records in JSON."""
    context.require(Capability.TRACE)
    trace = await whole_trace(context.backend, run_id_of(run), _tell_progress(context))
    rows = [row for row in range(len(trace)) if depth is None or trace.depth[row] <= depth]
    if errors:
        rows = _with_errors(trace, rows)
    if context.output.is_data:
        context.output.records(_span_record(trace, row) for row in rows)
    else:
        for row in rows:
            context.output.line(_span_line(trace, row))
    if trace.truncated:
        context.output.note("the server cut this trace: spans are missing")
    return ExitCode.WELL


def _tell_progress(context: CommandContext) -> Callable[[int], None]:
    return lambda spans: context.output.note(f"{spans} spans so far, reading the rest by pages")


def _with_errors(trace: Trace, rows: list[int]) -> list[int]:
    """Failed spans and their ancestors."""
    from trigdash.model.span_event import SpanFlag

    wanted: set[int] = set()
    for row in rows:
        if trace.has(row, SpanFlag.ERROR):
            wanted |= {row, *trace.ancestors(row)}
    return [row for row in rows if row in wanted]


def _span_record(trace: Trace, row: int) -> dict[str, Any]:
    from trigdash.model.span_event import LEVELS, SpanFlag

    return {
        "id": trace.ids[row],
        "parentId": trace.ids[trace.parent[row]] if trace.parent[row] >= 0 else None,
        "runId": trace.run_id(row) or None,
        "message": trace.messages[row],
        "startTime": _time_of(trace.start_ns[row]),
        "duration": trace.duration_ns[row],
        "level": LEVELS[trace.level[row]],
        "isError": trace.has(row, SpanFlag.ERROR),
        "isPartial": trace.has(row, SpanFlag.PARTIAL),
        "isCancelled": trace.has(row, SpanFlag.CANCELED),
        "attemptNumber": trace.attempt[row] or None,
        "_depth": trace.depth[row],
    }


def _span_line(trace: Trace, row: int) -> str:
    from trigdash.model.span_event import SpanFlag
    from trigdash.presentation.units import duration

    is_open = trace.has(row, SpanFlag.PARTIAL)
    mark = "×" if trace.has(row, SpanFlag.ERROR) else "●" if is_open else " "
    took = "" if is_open else duration(trace.duration_ns[row] / 1e6)
    after = duration((trace.start_ns[row] - trace.start_ns[0]) / 1e6)
    return f"{after:>10} {took:>10}  {mark} {'  ' * trace.depth[row]}{trace.messages[row]}".rstrip()


async def print_family(context: CommandContext, run: str) -> ExitCode:
    """Print every run below the root of a run, as a tree or as records."""
    from trigdash.service.runs.tree import RunTreeQuery

    found = await context.backend.run(run_id_of(run))
    root = found.related_runs.root
    root_id = root.id if root is not None else found.id
    family = await RunTreeQuery(found.id, root_id, "30d").fetch(context.backend, None)
    rows = [each.row for each in family.relatives] or [found.row()]
    if family.is_refused:
        related = found.related_runs
        known = (root, related.parent, found, *related.children)
        rows = list({each.id: each.row() for each in known if each is not None}.values())
        context.output.note("only direct relatives: the query endpoint is not available")
    ordered = [replace(row, task=f"{'  ' * row.depth}{row.task}") for row in rows]
    await context.output.stream(RESOURCE, _of(rows if context.output.is_data else ordered))
    if family.is_cut:
        context.output.note(f"the first {len(rows)} shown, there are more")
    return ExitCode.WELL
