"""The command line's lists while the server misbehaves in every way that the simulator knows: a
right exit code, valid JSON to the end, no row lost and none twice."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.backends.faulty_world import HARMLESS, FaultyWorld, faulty_world, planned
from trigdash.backends.base import BackendError
from trigdash.backends.target import Secret, Target
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import ExitCode, failure_of
from trigdash.commands.output import Output, OutputOptions
from trigdash.commands.resources import list_rows
from trigdash.commands.runs import list_runs
from trigdash.presentation.registry import load_resource
from trigdash.simulator.http.injectors import KINDS

KINDS_SORTED = sorted(KINDS)
ABSENT = (ExitCode.NOT_FOUND, ExitCode.MISUSED)
REFUSED = (ExitCode.KEY_REFUSED,)
CODES = {
    "unauthorized": REFUSED, "forbidden": REFUSED, "missing": ABSENT, "unknown_path": ABSENT,
}  # fmt: skip
"""What a fault that stays ends a command with; any other: the server cannot be reached."""
MOST_REQUESTS = 8
"""Of one command: a page or two, each tried four times at most."""

Command = Callable[[CommandContext], Awaitable[ExitCode]]


def listing(name: str) -> Command:
    return lambda context: list_rows(context, load_resource(name), "", None, None)


COMMANDS: dict[str, Command] = {
    "runs": lambda context: list_runs(context, "", None, None),
    "errors": listing("errors"),
    "schedules": listing("schedules"),
    "deployments": listing("deployments"),
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[FaultyWorld]:
    async with faulty_world(tmp_path) as opened:
        yield opened


async def ended(world: FaultyWorld, command: Command, form: str) -> tuple[ExitCode, str]:
    """Run a command to its end; its exit code and what it wrote."""
    written = io.StringIO()
    context = CommandContext(
        world.connection.backend,
        Target(api_url=world.host.url, secret_key=Secret(world.host.secret_key)),
        world.clock,
        Output(OutputOptions(form), lambda: world.clock.now().timestamp() * 1000, written),
    )

    async def run() -> ExitCode:
        try:
            return await command(context)
        except BackendError as error:
            failure = failure_of(error, context.target)
            assert str(failure)
            return failure.code

    await world.until(lambda: not world.host.is_refusing, 30)
    running = asyncio.ensure_future(run())
    await world.until(running.done, 600)
    assert running.done(), "it does not end"
    return await running, written.getvalue()


def ids(form: str, text: str, code: ExitCode) -> list[str]:
    """The rows that were written. A list that ends early is left open, so that no reader takes a
    part for all; each of its rows is whole."""
    if form == "jsonl":
        return [json.loads(line)["id"] for line in text.splitlines()]
    if code is not ExitCode.WELL:
        text = f"{text}]" if text else "[]"
    return [row["id"] for row in json.loads(text)]


@pytest.mark.parametrize("kind", KINDS_SORTED)
async def test_a_list_under_a_fault_is_whole_or_says_that_it_is_not(
    world: FaultyWorld, kind: str
) -> None:
    for name, command in COMMANDS.items():
        code, calm = await ended(world, command, "json")
        whole = ids("json", calm, code)
        assert whole, name
        for form, times in (("jsonl", 1), ("json", 1_000)):
            before = world.host.chaos.requests
            world.plan(planned(kind, times=times))
            code, text = await ended(world, command, form)
            world.plan()
            assert world.host.chaos.requests - before <= MOST_REQUESTS
            is_right(kind, code, times, ids(form, text, code), set(whole))


def is_right(kind: str, code: ExitCode, times: int, shown: list[str], whole: set[str]) -> None:
    assert len(shown) == len(set(shown)), "a row is there twice"
    assert set(shown) <= whole
    if code is ExitCode.WELL:
        assert set(shown) == whole
    elif times > 1:
        assert code in CODES.get(kind, (ExitCode.CANNOT_REACH,))
    if kind in HARMLESS and (kind != "repeated_page" or times == 1):
        assert code is ExitCode.WELL
