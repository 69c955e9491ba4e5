"""`trigdash runs logs`: the log lines of one run, or of every run of a filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.runs import matching, run_filter_of, run_id_of
from trigdash.model.capability import Capability
from trigdash.model.span_event import LEVELS
from trigdash.presentation.field import iso
from trigdash.service.filters.matching import TextMatch
from trigdash.service.filters.text_pattern import BadPattern, TextPattern, TooSlow
from trigdash.service.runs.log_search import log_records

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow

FOLLOW_S = 2.0
"""Seconds between reads of a followed log."""
MAX_FOLLOWED = 200
"""Runs whose logs are followed at once, since each costs a request per round."""
RUNS_AT_MOST = 1_000
"""Runs of a filter whose logs are read."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Which lines to print."""

    level: str = "TRACE"
    pattern: str = ""
    context: int = 0
    """Lines around each match."""
    since_s: float | None = None
    tail: int | None = None
    follow: bool = False


async def print_logs(
    context: CommandContext, targets: Sequence[str], options: LogOptions
) -> ExitCode:
    """Print the lines of runs by their ids, or of the runs of one filter line."""
    context.require(Capability.EVENTS)
    by_id = all(target.startswith("run_") or "/runs/" in target for target in targets)
    if by_id:
        run_ids = [run_id_of(target) for target in targets]
        logs = LogPrinter(context, options)
        await logs.print_once(run_ids)
        while options.follow and await logs.follow(run_ids):
            pass
        return ExitCode.WELL
    if len(targets) != 1:
        raise CommandFailure("give run ids, or one filter line in quotes", ExitCode.MISUSED)
    return await _print_filter(context, targets[0], options)


async def _print_filter(context: CommandContext, line: str, options: LogOptions) -> ExitCode:
    run_filter = run_filter_of(context, line)
    logs = LogPrinter(context, options)
    rows: list[RunRow] = []
    async for row in matching(context, run_filter, None):
        rows.append(row)
        if len(rows) > RUNS_AT_MOST:
            break
    if len(rows) > RUNS_AT_MOST:
        context.output.note(f"the newest {RUNS_AT_MOST} runs are read, more match")
    await logs.print_once([row.id for row in reversed(rows[:RUNS_AT_MOST])])
    if not options.follow:
        return ExitCode.WELL
    known = {row.id for row in rows}
    open_ids = [row.id for row in rows if not row.status.is_final]
    while True:
        newest = await context.backend.runs(run_filter, size=100)
        match = TextMatch(run_filter.text, run_filter.conditions)
        fresh = [row.id for row in match.narrow(newest.rows) if row.id not in known]
        known.update(fresh)
        open_ids = (open_ids + fresh[::-1])[-MAX_FOLLOWED:]
        await logs.follow(open_ids)
        open_ids = [run_id for run_id in open_ids if run_id not in logs.ended]


class LogPrinter:
    """Prints each line once, however often its log is read."""

    def __init__(self, context: CommandContext, options: LogOptions) -> None:
        self._context = context
        self._options = options
        self._printed: dict[str, set[str]] = {}
        self._match = _matcher(options.pattern)
        self._lowest = LEVELS.index(options.level)
        self.ended: set[str] = set()
        self._too_slow: set[str] = set()
        """Spans whose message could not be searched in time."""

    async def print_once(self, run_ids: Sequence[str]) -> None:
        """Print the present lines of the logs."""
        for run_id in run_ids:
            await self._print(run_id, self._options.tail)

    async def follow(self, run_ids: Sequence[str]) -> bool:
        """Wait, then print new lines; False when every run has ended and is fully printed."""
        await self._context.clock.wait(FOLLOW_S)
        for run_id in run_ids:
            if run_id in self.ended:
                continue
            run = await self._context.backend.run(run_id)
            await self._print(run_id, None)
            if run.status.is_final:
                self.ended.add(run_id)
        return not set(run_ids) <= self.ended

    async def _print(self, run_id: str, tail: int | None) -> None:
        log = await self._context.backend.events(run_id)
        records = self._wanted(log_records(log))
        printed = self._printed.setdefault(run_id, set())
        new = [each for each in records if each["spanId"] not in printed]
        for each in new if tail is None else new[-tail:]:
            self._context.output.stream_record({"runId": run_id} | each, self._line(run_id, each))
        printed.update(each["spanId"] for each in new)

    def _wanted(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        since = self._options.since_s
        oldest = ""
        if since is not None:
            oldest = iso(self._context.clock.now() - timedelta(seconds=since))
        levels = [
            each
            for each in records
            if LEVELS.index(each["level"]) >= self._lowest and each["startTime"] >= oldest
        ]
        if self._match is None:
            return levels
        around = self._options.context
        hits = [i for i, each in enumerate(levels) if self._has(self._match, each)]
        kept = {j for i in hits for j in range(i - around, i + around + 1)}
        return [each for i, each in enumerate(levels) if i in kept]

    def _has(self, pattern: TextPattern, record: dict[str, Any]) -> bool:
        try:
            return pattern.matches(record["message"])
        except TooSlow:
            if record["spanId"] not in self._too_slow:
                self._too_slow.add(record["spanId"])
                self._context.output.note(
                    f"a line took too long to search and is left out: {record['startTime']}"
                )
            return False

    def _line(self, run_id: str, record: dict[str, Any]) -> Iterable[tuple[str, str]]:
        role = {"ERROR": "bad", "WARN": "warn"}.get(record["level"], "dim")
        yield (f"{record['startTime']}  ", "dim")
        yield (f"{record['level']:<5}  ", role)
        yield (f"{run_id}  ", "faint")
        yield (record["message"], "text")


def _matcher(pattern: str) -> TextPattern | None:
    """The compiled pattern."""
    if not pattern:
        return None
    try:
        return TextPattern.of_expression(pattern)
    except BadPattern as mistake:
        raise CommandFailure(f"--grep: {mistake}", ExitCode.MISUSED) from None
