"""`trigdash runs replay` with changes: payload, queue, machine, version and more."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.run_writes import WriteOptions, write_runs
from trigdash.model.json_text import parse_json

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.service.actions.actions import Actions
    from trigdash.service.actions.outcome import Outcome

_TEXTS = {
    "queue": ("queue", "NAME", "another queue"),
    "machine": ("machine", "PRESET", "another machine, such as large-1x"),
    "version": ("version", "V", "a deployed version; the current one unless given"),
    "region": ("region", "NAME", "another region"),
    "delay": ("delay", "10m", "start later: a duration, or a time"),
    "ttl": ("ttl", "2h", "expire when not started by then"),
    "concurrency-key": ("concurrencyKey", "KEY", "another concurrency key"),
    "idempotency-key": ("idempotencyKey", "KEY", "one run for each key: may be sent again"),
}
"""Flag → name in the body of a replay, what it takes, and what it does."""


@dataclass(frozen=True, slots=True)
class ReplayChanges:
    """The changes of a replay."""

    payload_from: str = ""
    """A file with JSON, or `-` for the standard input; empty keeps the payload."""
    parts: Sequence[str] = ()
    """`PATH=JSON`: parts of the payload that change."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Other values, by their names in the body of a replay."""

    def __bool__(self) -> bool:
        return bool(self.payload_from or self.parts or self.fields)


def add_changes(parser: argparse.ArgumentParser) -> None:
    """Give `runs replay` the flags that change a run."""
    parser.add_argument("--payload", metavar="FILE|-", default="", help="another payload, as JSON")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=JSON",
        dest="parts",
        help="a part of the payload, such as user.id=7; repeatable",
    )
    for flag, (name, takes, help_text) in _TEXTS.items():
        parser.add_argument(f"--{flag}", dest=f"change_{name}", metavar=takes, help=help_text)
    parser.add_argument(
        "--tag", action="append", dest="change_tags", help="instead of its tags; repeatable"
    )
    parser.add_argument("--max-attempts", type=int, dest="change_maxAttempts", metavar="N")
    parser.add_argument("--priority", type=float, dest="change_priority", metavar="SECONDS")


def changes_of(args: argparse.Namespace) -> ReplayChanges:
    """The changes that flags ask for."""
    given = {
        name.removeprefix("change_"): value
        for name, value in vars(args).items()
        if name.startswith("change_") and value is not None
    }
    return ReplayChanges(args.payload, args.parts, given)


async def replay_runs(
    context: CommandContext, changes: ReplayChanges, options: WriteOptions
) -> ExitCode:
    """Start runs again, unchanged or with changes. On a server that ignores the changes of a
    replay, new runs are triggered instead. They are not linked to the old ones, and a note says so.
    Each new run has an idempotency key where the server supports it, so that the run can be found
    when the answer is lost."""
    given = _payload(changes)
    begun = context.clock.now()

    async def act(actions: Actions, run_id: str) -> Outcome:
        key = f"trigdash-{begun:%Y%m%dT%H%M%S%f}-{run_id}"
        if not changes:
            return await actions.replay(run_id, key=key)
        if await actions.takes_replay_changes():
            body = {"idempotencyKey": key, **changes.fields}
            if given or changes.parts:
                run = None if not changes.parts or given else await context.backend.run(run_id)
                body["payload"] = _changed_payload(run, given, changes.parts)
            return await actions.replay_changed(run_id, body)
        return await _trigger_instead(context, actions, run_id, changes, given, key)

    return await write_runs(context, "replay", act, options)


async def _trigger_instead(
    context: CommandContext,
    actions: Actions,
    run_id: str,
    changes: ReplayChanges,
    given: tuple[Any, ...],
    key: str,
) -> Outcome:
    context.output.note("this server takes no changes: a new run, not linked as a replay")
    run = await context.backend.run(run_id)
    payload = _changed_payload(run, given, changes.parts)
    options = {"tags": list(run.raw_tags), "idempotencyKey": key, **changes.fields}
    if "queue" in options:
        options["queue"] = {"name": options["queue"]}
    if "version" in options:
        options["lockToVersion"] = options.pop("version")
    return await actions.trigger(run.task_identifier, payload, options)


def _payload(changes: ReplayChanges) -> tuple[Any, ...]:
    """The given payload in a tuple; an empty tuple for none. Call it once: standard input cannot be
    read again."""
    if not changes.payload_from:
        return ()
    source = changes.payload_from
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        return (parse_json(text),)
    except (OSError, ValueError) as problem:
        raise CommandFailure(
            f"--payload: cannot read JSON from {source}: {problem}", ExitCode.MISUSED
        ) from None


def _changed_payload(run: Run | None, given: tuple[Any, ...], parts: Sequence[str]) -> Any:
    if not given and run is not None and run.payload_presigned_url:
        raise CommandFailure(
            f"{run.id}: its payload is stored apart; give one with --payload", ExitCode.MISUSED
        )
    payload = given[0] if given else run.payload if run is not None else None
    for part in parts:
        payload = with_part(payload, part)
    return payload


def with_part(payload: Any, part: str) -> Any:
    """A payload with one part changed: `user.id=7`, `items.0.sku="a"`. Raises CommandFailure."""
    path, equals, text = part.partition("=")
    try:
        if not equals:
            raise ValueError("no = in it")
        return _placed(payload, path.split("."), parse_json(text))
    except ValueError as problem:
        raise CommandFailure(f"--set {part}: {problem}", ExitCode.MISUSED) from None


def _placed(whole: Any, steps: Sequence[str], value: Any) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(whole, list):
        if not (step.isascii() and step.isdigit() and int(step) < len(whole)):
            raise ValueError(f"{step} is no place in a list of {len(whole)}")
        place = int(step)
        return [*whole[:place], _placed(whole[place], rest, value), *whole[place + 1 :]]
    if isinstance(whole, dict):
        return {**whole, step: _placed(whole.get(step, {} if rest else None), rest, value)}
    raise ValueError(f"there is nothing below {step} to set")
