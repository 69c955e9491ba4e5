"""`trigdash runs watch`: prints each change, and ends with an exit code that says how the runs
ended."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.runs import run_filter_of, run_id_of, window_label
from trigdash.model.capability import Capability
from trigdash.model.json_text import json_ascii
from trigdash.model.moment import local
from trigdash.presentation.outside import notification
from trigdash.presentation.resources.runs import RESOURCE
from trigdash.service.cache.feed_pool import FeedPool
from trigdash.service.cache.poll_job import report_crash
from trigdash.service.queues.watch import QueueWatch, parse_queue_condition
from trigdash.service.runs.watch import (
    Condition,
    Look,
    RunWatch,
    WatchTarget,
    parse_condition,
    summary,
)
from trigdash.service.watches import ends_well, patient_looks, queue_ends_well

if TYPE_CHECKING:
    from trigdash.backends.base import BackendError
    from trigdash.model.queue import Queue
    from trigdash.model.run_row import RunRow


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """When a watch ends, and what it notifies."""

    until: str = "done"
    fail_fast: bool = False
    timeout_s: float | None = None
    appear_s: float = 0.0
    follow: bool = False
    notify: bool = False
    execute: str = ""


async def watch_runs(
    context: CommandContext, targets: list[str], options: WatchOptions
) -> ExitCode:
    """Watch runs by their ids, or the runs of a filter, until a condition holds."""
    try:
        condition = parse_condition(options.until)
    except ValueError as mistake:
        raise CommandFailure(f"--until: {mistake}", ExitCode.MISUSED) from None
    target = _target(context, targets, options)
    try:
        async with asyncio.timeout(options.timeout_s):
            code = await _watch(context, target, condition, options)
    except TimeoutError:
        context.output.note(f"not {condition.name} within the time given")
        code = ExitCode.TIMED_OUT
    if options.notify:
        _notify(f"trigdash: {condition.name}" if code is ExitCode.WELL else "trigdash: failed")
    return code


async def watch_batch(context: CommandContext, batch_id: str, options: WatchOptions) -> ExitCode:
    """Watch the runs of a batch. A batch that does not exist is "not found", and never "done"."""
    if Capability.BATCHES in context.backend.capabilities:
        await context.backend.batch(batch_id)
    return await watch_runs(context, [f"batch:{batch_id} since:30d"], options)


async def watch_queue(context: CommandContext, name: str, options: WatchOptions) -> ExitCode:
    """Watch a queue until a condition holds. Each change of its counts is printed once."""
    context.require(Capability.QUEUES)
    try:
        condition = parse_queue_condition(options.until)
    except ValueError as mistake:
        raise CommandFailure(f"--until: {mistake}", ExitCode.MISUSED) from None
    watch = QueueWatch(context.backend, context.clock, name, condition)
    try:
        async with asyncio.timeout(options.timeout_s):
            async for seen in patient_looks(context.clock, watch.looks, _saying(context)):
                if seen.is_new:
                    _tell_queue(context, seen.queue)
                if condition.holds(seen):
                    break
    except TimeoutError:
        context.output.note(f"not {condition.name} within the time given")
        return ExitCode.TIMED_OUT
    if options.notify:
        _notify(f"trigdash: {name} {condition.name}")
    return ExitCode.WELL if queue_ends_well(condition.name) else ExitCode.FAILED


def _saying(context: CommandContext) -> Callable[[BackendError], None]:
    """Reports that a poll failed and is retried."""
    return lambda error: context.output.note(f"{error.message()}; looking again")


def _tell_queue(context: CommandContext, queue: Queue) -> None:
    from trigdash.presentation.resources.queues import RESOURCE as QUEUES

    at = local(context.clock.now())
    line = (
        (f"{at:%H:%M:%S}  ", "dim"),
        (f"{queue.filter_name}  ", "text"),
        (f"{queue.queued:,} queued  ", "queued"),
        (f"{queue.running:,} running", "running"),
        ("  paused" if queue.paused else "", "warn-strong"),
    )
    context.output.stream_record(QUEUES.record(queue), line)


def _target(context: CommandContext, targets: list[str], options: WatchOptions) -> WatchTarget:
    if all(target.startswith("run_") or "/runs/" in target for target in targets):
        ids = tuple(dict.fromkeys(run_id_of(target) for target in targets))
        return WatchTarget(run_ids=ids, appear_s=options.appear_s)
    if len(targets) != 1:
        raise CommandFailure("give run ids, or one filter line in quotes", ExitCode.MISUSED)
    run_filter = run_filter_of(context, targets[0])
    if run_filter.is_narrowed_here:
        raise CommandFailure("a watch takes what the server can filter by alone", ExitCode.MISUSED)
    context.output.note(f"window: {window_label(context, run_filter)}")
    return WatchTarget(run_filter=run_filter, follows_new=options.follow)


async def _watch(
    context: CommandContext, target: WatchTarget, condition: Condition, options: WatchOptions
) -> ExitCode:
    async with _feeds(context) as feeds:
        with RunWatch(context.backend, context.clock, target, feeds) as watch:
            async for look in patient_looks(context.clock, watch.looks, _saying(context)):
                for row in look.changed:
                    _tell(context, row, look)
                    if options.execute and row.status.is_final:
                        await _execute(context, options.execute, row)
                is_good = ends_well(
                    look, condition, fail_fast=options.fail_fast, follows_new=options.follow
                )
                if is_good is not None:
                    context.output.note(summary(look.seen.rows) or "no runs match")
                    return ExitCode.WELL if is_good else ExitCode.FAILED
    raise AssertionError("a watch looks until it is left")


@asynccontextmanager
async def _feeds(context: CommandContext) -> AsyncIterator[FeedPool]:
    feeds = FeedPool(context.backend, context.clock, partial(report_crash, on_crash=None))
    try:
        yield feeds
    finally:
        await feeds.close()


def _tell(context: CommandContext, row: RunRow, look: Look) -> None:
    ended = sum(each.status.is_final for each in look.seen.rows)
    now_ms = context.clock.now().timestamp() * 1000
    fields = RESOURCE.by_key
    at = local(context.clock.now())
    pieces = [
        (f"{at:%H:%M:%S}  ", "dim"),
        *fields["status"].cell(row, now_ms),
        (f"  {row.task}  {row.id}  ", "text"),
        *fields["duration"].cell(row, now_ms),
    ]
    if row.error:
        pieces.append((f"  {row.error}", "bad"))
    if len(look.seen.rows) > 1:
        pieces.append((f"  ({ended:,} of {len(look.seen.rows):,})", "dim"))
    context.output.stream_record(RESOURCE.record(row), pieces)


async def _execute(context: CommandContext, command: str, row: RunRow) -> None:
    """Run a command without a shell, with the run as JSON on its standard input."""
    record = json_ascii(RESOURCE.record(row)).encode()
    try:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(command), stdin=asyncio.subprocess.PIPE
        )
    except (OSError, ValueError) as problem:
        raise CommandFailure(f"--exec: {problem}", ExitCode.MISUSED) from None
    await process.communicate(record)
    if process.returncode:
        context.output.note(f"--exec ended with {process.returncode}")


def _notify(message: str) -> None:
    """Ring the bell, and send a notification to terminals that support it (OSC 9 and 777)."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\a{notification(message)}")
        sys.stderr.flush()
