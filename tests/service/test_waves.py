"""A bulk in waves: how many at a time, at what pace, and what stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from trigdash.model.run_row import RunRow
from trigdash.service.actions.outcome import Outcome, Result
from trigdash.service.bulk.plan import WaveRules
from trigdash.service.bulk.waves import (
    NewRuns,
    WaveReport,
    judge_new_runs,
    send_in_waves,
    waves,
)

RULES = WaveRules(first=3, per_minute=60.0, stop_above=0.2)


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (2, [2]), (3, [3]), (13, [3, 10]), (14, [3, 10, 1]), (120, [3, 10, 50, 50, 7])],
)
def test_a_few_then_ten_then_the_rest(count: int, sizes: list[int]) -> None:
    ids = [f"run_{number}" for number in range(count)]
    found = list(waves(ids, 3))
    assert [len(wave) for wave in found] == sizes
    assert [each for wave in found for each in wave] == ids


async def bulk(
    count: int, refused: frozenset[int] = frozenset(), made: Sequence[NewRuns] = ()
) -> tuple[list[WaveReport], list[str], float]:
    clock = FakeClock()
    told = iter(made)
    sent: list[str] = []

    async def send(run_id: str) -> Outcome:
        result = Result.REFUSED if len(sent) in refused else Result.DONE
        sent.append(run_id)
        return Outcome("replay", run_id, result, "", clock.now())

    async def judge(wave: Sequence[tuple[str, Outcome]]) -> NewRuns:
        return next(told, NewRuns())

    async def work() -> list[WaveReport]:
        ids = [f"run_{number}" for number in range(count)]
        return [each async for each in send_in_waves(ids, RULES, clock, send, judge)]

    task = asyncio.ensure_future(work())
    while not task.done():
        await clock.advance(1)
    return task.result(), sent, clock.monotonic()


async def test_the_rest_is_sent_at_the_pace() -> None:
    reports, sent, elapsed_s = await bulk(20)
    assert [report.sent for report in reports] == [3, 10, 7]
    assert len(sent) == 20
    assert 7 <= elapsed_s <= 9


async def test_a_wave_of_which_too_many_fail_is_the_last() -> None:
    reports, sent, _ = await bulk(20, frozenset({0}))
    assert (len(reports), len(sent)) == (1, 3)
    assert reports[0].stop_reason(RULES) == "1 of 3 failed"
    assert reports[0].last == "run_2"
    reports, sent, _ = await bulk(20, frozenset({4, 5}))
    assert len(sent) == 20, "a fifth may fail"


async def test_an_error_that_comes_back_and_runs_that_do_not_end_stop_it() -> None:
    reports, sent, _ = await bulk(20, made=[NewRuns(), NewRuns(failed=1, returned="boom")])
    assert len(sent) == 13
    assert reports[-1].stop_reason(RULES) == "the same error is back: boom"
    reports, sent, _ = await bulk(20, made=[NewRuns(unfinished=2)])
    assert len(sent) == 3
    assert "have not ended" in reports[0].stop_reason(RULES)


@pytest.mark.parametrize(("error", "returned"), [("boom", "boom"), ("another", "")])
async def test_what_a_wave_made_is_waited_for_and_compared_with_its_originals(
    error: str, returned: str
) -> None:
    clock, backend = FakeClock(), FakeBackend()
    old = RunRow("run_old", "FAILED", "sync", 0, 0, error="boom")
    backend.add([old, replace(old, id="run_new", status_name="EXECUTING", error=None)])
    outcome = Outcome("replay", "run_old", Result.DONE, "", clock.now(), new_id="run_new")
    task = asyncio.ensure_future(judge_new_runs(backend, clock, [("run_old", outcome)]))
    await clock.advance(1)
    assert not task.done()
    backend.add([replace(old, id="run_new", error=error)])
    await clock.advance(20)
    assert await task == NewRuns(failed=1, returned=returned)
