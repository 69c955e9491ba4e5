"""A write whose answer was lost: looked up where something can tell, and told as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend, make_row
from tests.fakes.clock import FakeClock
from trigdash.backends.base import CannotReach, NotFound
from trigdash.service.actions.actions import Actions
from trigdash.service.actions.outcome import AuditLog, Outcome, Result, read_audit
from trigdash.service.actions.runner import CLOSE_S
from trigdash.service.connection import Connection

RUN = "run_000001"

Act = Callable[[Actions], Awaitable[Outcome]]


def queue(*, paused: bool = False, override: int | None = None) -> SimpleNamespace:
    return SimpleNamespace(paused=paused, concurrency=SimpleNamespace(override=override))


def bulk(status: str) -> SimpleNamespace:
    aborted = status == "ABORTED"
    return SimpleNamespace(is_aborted=aborted, is_final=aborted or status == "COMPLETED")


def run(status: str = "EXECUTING", tags: tuple[str, ...] = (), metadata: object = None) -> Any:
    row = make_row(1, status)
    return SimpleNamespace(status=row.status, tags=tags, metadata=metadata)


CASES: dict[str, tuple[str, Act, str, list[tuple[Any, bool, str]]]] = {
    "cancel": (
        "cancel",
        lambda actions: actions.cancel(RUN),
        "run",
        [
            (run("CANCELED"), True, "the run is canceled"),
            (run("EXECUTING"), False, "the run is executing"),
            (run("COMPLETED"), False, "the run ended as completed"),
        ],
    ),
    "tags": (
        "add_tags",
        lambda actions: actions.add_tags(RUN, ["a", "b"]),
        "run",
        [
            (run(tags=("b", "x", "a")), True, "the run has the tags"),
            (run(tags=("a",)), False, "the run lacks b"),
        ],
    ),
    "metadata": (
        "edit_metadata",
        lambda actions: actions.edit_metadata(RUN, {"a": 1}, ["b"]),
        "run",
        [
            (run(metadata={"a": 1, "c": 2}), True, "the metadata hold the changes"),
            (run(metadata={"a": 2, "b": 2}), False, "the metadata differ in a, b"),
            (run(metadata=None), False, "the metadata differ in a"),
        ],
    ),
    "pause": (
        "pause_queue",
        lambda actions: actions.pause_queue("queue_1", paused=True),
        "queue",
        [
            (queue(paused=True), True, "the queue is paused"),
            (queue(), False, "the queue is not paused"),
        ],
    ),
    "resume": (
        "pause_queue",
        lambda actions: actions.pause_queue("queue_1", paused=False),
        "queue",
        [
            (queue(), True, "the queue is not paused"),
            (queue(paused=True), False, "the queue is paused"),
        ],
    ),
    "limit": (
        "override_limit",
        lambda actions: actions.override_limit("queue_1", 0),
        "queue",
        [
            (queue(override=0), True, "the limit is 0"),
            (queue(override=5000), False, "the limit is 5,000"),
            (queue(), False, "the limit is not overridden"),
        ],
    ),
    "reset limit": (
        "reset_limit",
        lambda actions: actions.reset_limit("queue_1"),
        "queue",
        [
            (queue(), True, "the limit is not overridden"),
            (queue(override=0), False, "the limit is 0"),
        ],
    ),
    "abort": (
        "abort_bulk",
        lambda actions: actions.abort_bulk("bulk_1"),
        "bulk",
        [
            (bulk("ABORTED"), True, "the bulk action is aborted"),
            (bulk("COMPLETED"), True, "the bulk action had already completed"),
            (bulk("PENDING"), False, "the bulk action is still running"),
        ],
    ),
}
SHOWN = [(name, *shown) for name, case in CASES.items() for shown in case[3]]


@pytest.mark.parametrize(("name", "shown", "happened", "words"), SHOWN)
async def test_a_lost_answer_is_looked_up_and_told_as_it_is(
    backend: FakeBackend,
    clock: FakeClock,
    tmp_path: Path,
    name: str,
    shown: Any,
    happened: bool,
    words: str,
) -> None:
    write, act, read, _ = CASES[name]
    log = AuditLog(tmp_path / "actions.jsonl")
    connection = Connection(backend, clock, audit=log)
    backend.add([make_row(1)])
    backend.failures[write] = CannotReach("cut off", outcome_unknown=True)
    backend.answers[read] = shown
    doing = asyncio.create_task(act(connection.actions))  # type: ignore[arg-type]
    await clock.advance(10)
    outcome = await doing
    if happened:
        expected = (Result.DONE, f"the answer was lost, but {words}", False)
    else:
        expected = (Result.UNKNOWN, f"no answer came, and {words}", True)
    assert (outcome.result, outcome.message, outcome.may_retry) == expected
    assert len(backend.asked(write)) == 1, "looking it up sends nothing again"
    [entry] = read_audit(log.path)
    assert (entry.result, entry.sentence) == (outcome.result.value, outcome.message)
    await connection.close()


async def test_a_server_that_shows_the_effect_a_moment_later_is_believed(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    answers = [run("EXECUTING"), run("CANCELED")]
    backend.add([make_row(1)])
    backend.answers["run"] = lambda _: answers.pop(0)
    backend.failures["cancel"] = CannotReach("cut off", outcome_unknown=True)
    doing = asyncio.create_task(connection.actions.cancel(RUN))
    await clock.advance(5)
    assert (await doing).done


async def test_while_it_is_looked_up_its_row_says_so_and_the_same_is_not_sent_again(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.failures["cancel"] = CannotReach("cut off", outcome_unknown=True)
    backend.failures["run"] = CannotReach("refused")
    doing = asyncio.create_task(connection.actions.cancel(RUN))
    await clock.advance(5)
    assert connection.actions.pending[RUN].answer_lost
    again = await connection.actions.cancel(RUN)
    assert again.message == f"cancel of {RUN} is under way already"
    del backend.failures["run"]
    backend.add([make_row(1, "CANCELED")])
    await clock.advance(10)
    assert (await doing).done
    assert not any(pending.answer_lost for pending in connection.actions.pending.values())


@pytest.mark.parametrize("failure", [CannotReach("refused"), NotFound(status=404)])
async def test_what_cannot_be_looked_up_stays_unknown(
    connection: Connection, backend: FakeBackend, clock: FakeClock, failure: Any
) -> None:
    backend.failures["cancel"] = CannotReach("cut off", outcome_unknown=True)
    backend.failures["run"] = failure
    doing = asyncio.create_task(connection.actions.cancel(RUN))
    await clock.advance(60)
    outcome = await doing
    assert (outcome.result, outcome.may_retry) == (Result.UNKNOWN, False)
    assert outcome.message == "no answer came: it may have happened and is not sent again"
    assert connection.actions.pending == {}


async def test_closing_does_not_wait_for_a_look_up_and_logs_it_as_unknown(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    log = AuditLog(tmp_path / "actions.jsonl")
    connection = Connection(backend, clock, audit=log)
    backend.failures["cancel"] = CannotReach("cut off", outcome_unknown=True)
    doing = asyncio.create_task(connection.actions.cancel(RUN))
    await clock.settle()
    async with asyncio.timeout(CLOSE_S / 2):
        await connection.close()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert [entry.result for entry in read_audit(log.path)] == ["unknown"]


async def test_a_run_whose_answer_was_lost_is_found_by_its_idempotency_key(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add([make_row(1), make_row(2, idempotency_key="once")])
    backend.failures["trigger"] = CannotReach("cut off", outcome_unknown=True)

    async def lost(options: dict[str, object]) -> Outcome:
        doing = asyncio.create_task(connection.actions.trigger("send-email", None, options))
        await clock.advance(60)
        return await doing

    backend._matches = lambda row, narrowed: narrowed.tasks == ("send-email",)  # type: ignore[method-assign]
    found = await lost({"idempotencyKey": "once"})
    assert (found.result, found.new_id) == (Result.DONE, "run_000002")
    assert found.message == "the answer was lost, but run_000002 stands for its key"
    missing = await lost({"idempotencyKey": "other"})
    assert (missing.result, missing.may_retry) == (Result.UNKNOWN, True)
    without = await lost({})
    assert (without.result, without.may_retry) == (Result.UNKNOWN, False)
    assert without.message.startswith("no answer came, and the newest run of send-email is run_")
    assert len(backend.asked("trigger")) == 3


REPLAYED = "run_000009"


@pytest.mark.parametrize(
    ("made", "key", "result", "words", "may_retry"),
    [
        ({"restarted_from": RUN}, "", Result.DONE, f"{REPLAYED} was made from it", False),
        ({}, "", Result.UNKNOWN, f"the newest run of send-email is {REPLAYED}, created at", False),
        ({"idempotency_key": "k"}, "k", Result.DONE, f"{REPLAYED} stands for its key", False),
        ({}, "k", Result.UNKNOWN, "no run stands for its idempotency key yet", True),
    ],
)
async def test_a_lost_replay_is_found_by_its_key_or_by_what_it_was_made_from(
    connection: Connection,
    backend: FakeBackend,
    clock: FakeClock,
    made: dict[str, str],
    key: str,
    result: Result,
    words: str,
    may_retry: bool,
) -> None:
    backend.add([make_row(1), make_row(9, **made)])
    backend.answers["call"] = lambda operation: (
        CannotReach("cut off", outcome_unknown=True) if operation.is_write else True
    )
    backend.failures["replay"] = CannotReach("cut off", outcome_unknown=True)
    doing = asyncio.create_task(connection.actions.replay(RUN, key=key))
    await clock.advance(60)
    outcome = await doing
    assert (outcome.result, outcome.may_retry) == (result, may_retry)
    assert words in outcome.message
    assert outcome.new_id == (REPLAYED if result is Result.DONE else None)


@pytest.mark.parametrize(
    ("delay", "shown_after_s", "result"),
    [
        ("2h", 7_200, Result.DONE),
        ("2h", 3_600, Result.UNKNOWN),
        ("soon", 3_600, Result.UNKNOWN),
    ],
)
async def test_a_lost_reschedule_is_told_by_when_the_run_starts(
    connection: Connection,
    backend: FakeBackend,
    clock: FakeClock,
    delay: str,
    shown_after_s: float,
    result: Result,
) -> None:
    shown = run("DELAYED")
    shown.delayed_until = clock.now() + timedelta(seconds=shown_after_s)
    backend.add([make_row(1)])
    backend.answers["run"] = shown
    backend.failures["reschedule"] = CannotReach("cut off", outcome_unknown=True)
    doing = asyncio.create_task(connection.actions.reschedule(RUN, delay))
    await clock.advance(60)
    outcome = await doing
    assert outcome.result is result
    assert f"the run starts at {shown.delayed_until:%Y-%m-%d %H:%M:%S} UTC" in outcome.message
