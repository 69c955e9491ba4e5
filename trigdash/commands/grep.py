"""`trigdash grep`: finds the runs of a filter whose log lines match a pattern, newest first."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from trigdash.backends.base import polling
from trigdash.commands.arguments import positive
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.parser import AddFlags, add_output
from trigdash.commands.runs import matching, run_filter_of, window_label
from trigdash.model.capability import Capability
from trigdash.service.filters.text_pattern import BadPattern, TextPattern
from trigdash.service.runs.log_search import MOST, LogSearch, SearchedRun

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow


@dataclass(frozen=True, slots=True)
class GrepOptions:
    """How lines are matched and printed."""

    ignore_case: bool = False
    ids_only: bool = False
    count_only: bool = False
    context: int = 0
    before: str = ""
    """Continue after this run, the last one of an earlier search."""
    limit: int = MOST


def add_grep(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    """Give `grep` its arguments."""
    parser.add_argument("pattern", metavar="RE", help="a regular expression")
    parser.add_argument("filter", nargs="?", default="", help="which runs: 'status:bad since:1h'")
    parser.add_argument("-i", "--ignore-case", action="store_true", help="letter case aside")
    parser.add_argument("-l", "--ids", action="store_true", help="ids of the runs alone")
    parser.add_argument("-c", "--count", action="store_true", help="how many lines in each run")
    parser.add_argument("-C", "--context", type=int, default=0, metavar="N", help="lines around")
    parser.add_argument("--before", default="", metavar="RUN", help="continue after this run")
    parser.add_argument("--limit", type=positive, default=MOST, metavar="N", help="of runs")
    add_output(parser, add_flags)
    parser.set_defaults(
        work=lambda args: partial(
            search_runs,
            pattern=args.pattern,
            line=args.filter,
            options=GrepOptions(
                args.ignore_case, args.ids, args.count, args.context, args.before, args.limit
            ),
        )
    )


async def search_runs(
    context: CommandContext, pattern: str, line: str, options: GrepOptions
) -> ExitCode:
    """Print matching lines, run by run as they are found. FAILED when there is none, as grep
    does."""
    context.require(Capability.EVENTS)
    compiled, report = _pattern(pattern, options.ignore_case), GrepReport(context, options)
    search = LogSearch(context.backend, context.clock, compiled, context.cache_folder)
    run_filter = run_filter_of(context, line)
    context.output.note(f"window: {window_label(context, run_filter)}")
    # No single answer is urgent, so the search keeps to its share of the rate limit.
    polling.set(True)
    try:
        async for row in _after(matching(context, run_filter, None), options.before):
            if report.searched == options.limit:
                report.is_cut = True
                break
            report.tell(await search.look_at(row))
    except asyncio.CancelledError:
        report.is_cut = True
        raise
    finally:
        context.output.note(report.summary())
    return ExitCode.WELL if report.found else ExitCode.FAILED


def _pattern(text: str, ignore_case: bool) -> TextPattern:
    try:
        return TextPattern.of_expression(f"(?i){text}" if ignore_case else text)
    except BadPattern as mistake:
        raise CommandFailure(f"pattern: {mistake}", ExitCode.MISUSED) from None


async def _after(rows: AsyncIterator[RunRow], before: str) -> AsyncIterator[RunRow]:
    """The rows after the one with the given id; all rows for no id."""
    is_past = not before
    async for row in rows:
        if is_past:
            yield row
        is_past = is_past or row.id == before
    if not is_past:
        raise CommandFailure(f"--before: {before} is not among these runs", ExitCode.MISUSED)


class GrepReport:
    """Prints what a search finds, run by run."""

    def __init__(self, context: CommandContext, options: GrepOptions) -> None:
        self._context = context
        self._options = options
        self._last = ""
        self.searched = self.found = self.left_out = 0
        self.is_cut = False

    def tell(self, run: SearchedRun) -> None:
        """Print what matches in one run."""
        self.searched, self._last = self.searched + 1, run.row.id
        self.left_out += run.left_out
        if not run.hits:
            return
        self.found += 1
        if self._options.ids_only or self._options.count_only:
            self._tell_run(run.row, len(run.hits))
            return
        around = self._options.context
        shown = sorted({n for at in run.hits for n in range(at - around, at + around + 1)})
        for at in shown:
            if 0 <= at < len(run.records):
                self._tell_line(run.row, run.records[at], is_hit=at in run.hits)

    def summary(self) -> str:
        """How far the search got, and how to continue it."""
        words = f"{self.found:,} of {self.searched:,} runs searched have it"
        if self.left_out:
            words += f"; {self.left_out} lines took too long to search"
        if self.is_cut and self._last:
            words += f"; more match the filter, continue with --before {self._last}"
        return words

    def _tell_run(self, row: RunRow, count: int) -> None:
        record: dict[str, Any] = {"id": row.id, "taskIdentifier": row.task}
        pieces = [(row.id, "text")]
        if self._options.count_only:
            record["_count"] = count
            pieces += [(f"  {count:,}", "strong")]
        if not self._options.ids_only:
            pieces += [(f"  {row.task}", "dim")]
        self._context.output.stream_record(record, pieces)

    def _tell_line(self, row: RunRow, record: dict[str, Any], *, is_hit: bool) -> None:
        role = {"ERROR": "bad", "WARN": "warn"}.get(str(record["level"]), "dim")
        self._context.output.stream_record(
            {"runId": row.id, "taskIdentifier": row.task} | record | {"_isMatch": is_hit},
            [
                (f"{row.id}  ", "faint"),
                (f"{record['startTime']}  ", "dim"),
                (f"{record['level']:<5}  ", role),
                (str(record["message"]), "text" if is_hit else "dim"),
            ],
        )
