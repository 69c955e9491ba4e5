"""`trigdash runs cancel|replay|tag|reschedule`: on ids, on a filter, or on a frozen list."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.resources import actions_of
from trigdash.commands.runs import matching, run_filter_of, run_id_of, window_label
from trigdash.model.json_text import json_ascii, parse_json
from trigdash.presentation.resources.runs import RESOURCE
from trigdash.service.actions.outcome import Outcome, Result
from trigdash.service.bulk.collect import for_verb
from trigdash.service.bulk.plan import WaveRules
from trigdash.service.bulk.waves import NewRuns, judge_new_runs, send_in_waves

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow
    from trigdash.service.actions.actions import Actions

DEFAULT_MAX = 1_000
"""Runs that one command acts on unless `--max` says otherwise."""

Act = Callable[["Actions", str], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a write changes, and whether it is confirmed."""

    runs: tuple[str, ...] = ()
    filter_line: str | None = None
    from_file: str | None = None
    """A file of JSON lines, as `--dry-run` prints them: exactly these runs."""
    dry_run: bool = False
    most: int = DEFAULT_MAX
    agree: Callable[[str], bool] = lambda question: False
    waves: WaveRules | None = None
    """Sends in waves, and stops when one goes wrong."""
    after: str = ""
    """Start after this run of the list: the last one that a stopped bulk action sent."""


async def write_runs(
    context: CommandContext, verb: str, act: Act, options: WriteOptions
) -> ExitCode:
    """Perform one action on each run. Prints how many, where and from when before it asks for
    confirmation, then one line for each run sent. A lost answer has its own exit code."""
    ids = await _ids(context, verb, options)
    if options.dry_run:
        return ExitCode.WELL
    where = context.target.known_environment or "this environment"
    if not ids:
        context.output.note("no run matches: nothing was sent")
        return ExitCode.WELL
    if context.target.read_only:
        raise CommandFailure("read-only: nothing was sent", ExitCode.REFUSED)
    if options.filter_line is not None:
        await _check_named(context)
    runs = f"{len(ids):,} run{'s' if len(ids) != 1 else ''}"
    question = f"{verb} {runs} in {where}"
    context.output.note(question)
    single = options.filter_line is None and options.from_file is None and len(ids) == 1
    if not single and not options.agree(question):
        raise CommandFailure("nothing was sent: add --yes to do it", ExitCode.REFUSED)
    if options.waves is not None:
        return await _write_waves(context, ids, act, options.waves)
    return await _write_each(context, ids, act)


async def _write_waves(
    context: CommandContext, ids: Sequence[str], act: Act, rules: WaveRules
) -> ExitCode:
    """Send wave after wave, and report each when its runs have ended. FAILED when it was
    stopped."""
    actions = actions_of(context)
    unknown = sent = failed = 0

    async def send(run_id: str) -> Outcome:
        nonlocal unknown
        outcome = await act(actions, run_id)
        unknown += outcome.result is Result.UNKNOWN
        _tell(context, run_id, outcome)
        return outcome

    def judge(wave: Sequence[tuple[str, Outcome]]) -> Awaitable[NewRuns]:
        return judge_new_runs(context.backend, context.clock, wave)

    reason = last = ""
    async for report in send_in_waves(ids, rules, context.clock, send, judge):
        sent, failed, last = sent + report.sent, failed + report.failed, report.last
        reason = report.stop_reason(rules)
        context.output.note(
            f"wave {report.number}: {report.sent} sent, {report.failed} failed; "
            f"{sent:,} of {len(ids):,} in all"
        )
    words = f"{sent:,} of {len(ids):,} runs sent, {failed:,} failed"
    if reason:
        words += f"; stopped: {reason}. To go on with the same list: --after {last}"
    context.output.note(words)
    if unknown:
        return ExitCode.UNKNOWN
    return ExitCode.FAILED if failed or reason else ExitCode.WELL


async def _check_named(context: CommandContext) -> None:
    """Refuse a write by filter in production unless a flag, a setting, or a production key selected
    that environment explicitly."""
    if context.target.known_environment:
        return
    if (await context.backend.identity()).is_production:
        raise CommandFailure(
            "this is production, and nothing names it: add --env prod", ExitCode.MISUSED
        )


async def _write_each(context: CommandContext, ids: Sequence[str], act: Act) -> ExitCode:
    actions = actions_of(context)
    results: Counter[Result] = Counter()
    for run_id in ids:
        outcome = await act(actions, run_id)
        results[outcome.result] += 1
        _tell(context, run_id, outcome)
    if results[Result.UNKNOWN]:
        return ExitCode.UNKNOWN
    return ExitCode.FAILED if results[Result.REFUSED] else ExitCode.WELL


def _tell(context: CommandContext, run_id: str, outcome: Outcome) -> None:
    """Print the outcome for one run. A refusal that holds for all runs ends the command."""
    record = {
        "runId": run_id,
        "_result": outcome.result.value,
        "_message": outcome.message,
        "_newRunId": outcome.new_id,
    }
    role = "text" if outcome.done else "warn"
    line = [(f"{run_id}  ", "dim"), (f"{outcome.result.value}: {outcome.message}", role)]
    context.output.stream_record(record, line)
    if outcome.is_general and not outcome.done:
        raise CommandFailure(outcome.message, ExitCode.KEY_REFUSED)


async def _ids(context: CommandContext, verb: str, options: WriteOptions) -> list[str]:
    ids = await _all_ids(context, verb, options)
    if not options.after:
        return ids
    if options.after not in ids:
        raise CommandFailure(f"--after: {options.after} is not in the list", ExitCode.MISUSED)
    return ids[ids.index(options.after) + 1 :]


async def _all_ids(context: CommandContext, verb: str, options: WriteOptions) -> list[str]:
    given = [options.runs, options.filter_line, options.from_file]
    if sum(bool(each) for each in given) != 1:
        raise CommandFailure("give run ids, --filter or --from", ExitCode.MISUSED)
    if options.filter_line is not None:
        return await _matching(context, verb, options)
    if options.from_file is not None:
        return _listed(options.from_file)[: options.most]
    return list(dict.fromkeys(run_id_of(run) for run in options.runs))


async def _matching(context: CommandContext, verb: str, options: WriteOptions) -> list[str]:
    run_filter = for_verb(run_filter_of(context, options.filter_line or ""), verb)
    if run_filter.text:
        raise CommandFailure("a write takes no free text in its filter", ExitCode.MISUSED)
    rows: list[RunRow] = []
    async for row in matching(context, run_filter, None):
        rows.append(row)
        if len(rows) > options.most:
            break
    context.output.note(f"window: {window_label(context, run_filter)}")
    if len(rows) > options.most:
        raise CommandFailure(
            f"more than {options.most:,} runs match: narrow the filter, or raise --max",
            ExitCode.MISUSED,
        )
    if options.dry_run:
        for row in rows:
            sys.stdout.write(json_ascii(RESOURCE.record(row)) + "\n")
    return [row.id for row in rows]


def _listed(path: str) -> list[str]:
    """The ids in a file of JSON lines."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        rows = [parse_json(line) for line in text.splitlines() if line.strip()]
        return list(dict.fromkeys(run_id_of(str(row["id"])) for row in rows))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CommandFailure(f"--from: cannot read the list: {problem}", ExitCode.MISUSED) from None
