"""What is asked of the query endpoint in the place of a run list: it tells what the list tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.backend import FakeBackend, make_row
from tests.fakes.clock import FakeClock, RunningClock
from trigdash.backends import open_backend
from trigdash.backends.base import Backend, Forbidden
from trigdash.backends.target import Secret, Target
from trigdash.model.moment import local
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow
from trigdash.model.status import FILTERABLE
from trigdash.presentation.run_totals import counted_window
from trigdash.service.bulk.plan import collect
from trigdash.service.filters.description import quote
from trigdash.service.filters.language import parse
from trigdash.service.filters.matching import TextMatch
from trigdash.service.runs.counts import RunCounts, RunCountsQuery
from trigdash.service.runs.ranked import NEWEST, Order, RankedRunsQuery, first_runs
from trigdash.service.runs.statements import (
    NotAskable,
    is_askable,
    status_name,
    status_words,
    where_of,
)
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.scenarios.definitions import BUSY

FILTERS = (
    "",
    "status:bad",
    "status:failed,timed-out",
    "-status:completed",
    "has:error",
    "task:send-email,sync-crm",
    "task:se*",
    "task:*-e*",
    "-task:send-email",
    "-task:s*",
    "tag:media",
    "tag:customer_*",
    "tag:*_1",
    "-tag:media",
    "-tag:customer_*,org_*",
    "-version:20261128.1",
    "queue:indexing",
    "region:us-east-1",
    "-region:us-east-1",
    "test:false",
    "duration:>2s",
    "duration:<500ms status:completed",
    "cost:>0.0001",
    "depth:0",
    "depth:>0",
    "from:2026-03-04T00:00 status:completed -task:s*",
    "-task:s* -tag:media duration:>1s cost:<1 depth:0",
)
"""Each is asked of both sides."""
CLOCK = RunningClock()


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    rate = Rate(1_000_000, 1_000_000)
    async with SimulatorHost(scenario=BUSY, runs=300, clock=CLOCK, rate=rate) as host:
        host.world.is_held = True
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key), rate_share=1.0)
        opened = open_backend(target, CLOCK)
        yield opened
        await opened.aclose()


def of_the_past(line: str) -> RunFilter:
    """A filter on runs that do not change meanwhile, by its line."""
    now = local(CLOCK.now())
    ended = "" if "status:" in line or "has:" in line else " -status:live"
    return parse(f"{line}{ended} to:{(now - timedelta(hours=1)):%Y-%m-%dT%H:%M}", now)


async def listed(backend: Backend, run_filter: RunFilter) -> list[RunRow]:
    match = TextMatch(run_filter.text, run_filter.conditions)
    return [
        row async for page in collect(backend, run_filter, 100_000) for row in match.narrow(page)
    ]


def facts(row: RunRow) -> tuple[object, ...]:
    """What both sides tell of a run."""
    return (
        *(row.id, row.status_name, row.task, row.tags, row.version, row.depth, row.region),
        *(row.created_ms, row.started_ms, row.finished_ms, round(row.cost_cents, 6), row.is_test),
    )


async def test_the_tables_tell_and_count_the_runs_that_the_list_tells(backend: Backend) -> None:
    found = 0
    for line in FILTERS:
        run_filter = of_the_past(line)
        wanted = await listed(backend, run_filter)
        rows, is_whole = await first_runs(backend, run_filter, NEWEST, 10_000)
        assert is_whole
        assert sorted(map(facts, rows)) == sorted(map(facts, wanted)), line
        counts = await RunCountsQuery(run_filter, CLOCK).fetch(backend, None)
        assert counts.refused == ""
        assert Counter(counts.by_status) == Counter(row.status_name for row in wanted), line
        found += bool(wanted)
    assert found >= len(FILTERS) - 2


async def test_a_run_of_the_very_end_of_a_window_is_told_by_list_and_tables(
    backend: Backend,
) -> None:
    run = (await listed(backend, of_the_past("status:completed")))[0]
    moment = datetime.fromtimestamp(run.created_ms / 1000, UTC)
    for bounds in (RunFilter(until=moment), RunFilter(since=moment)):
        run_filter = replace(bounds, statuses=("COMPLETED",))
        rows, _ = await first_runs(backend, run_filter, NEWEST, 10_000)
        assert run.id in {row.id for row in rows}
        assert run.id in {row.id for row in await listed(backend, run_filter)}


def took(row: RunRow) -> float:
    return (row.finished_ms or 0) - (row.started_ms or 0)


@pytest.mark.parametrize("descending", [True, False])
async def test_the_first_of_an_order_are_those_of_all_runs(
    backend: Backend, descending: bool
) -> None:
    run_filter = of_the_past("status:completed")
    every = await listed(backend, run_filter)
    for column, figure in (("cost", lambda row: row.cost_cents), ("took", took)):
        rows, is_whole = await first_runs(backend, run_filter, Order(column, descending), 25)
        best = sorted(map(figure, every), reverse=descending)[:25]
        assert not is_whole
        assert [figure(row) for row in rows] == pytest.approx(best)


async def test_runs_with_more_attempts_than_lists_tell_are_found(backend: Backend) -> None:
    rows, _ = await first_runs(backend, of_the_past("attempts:>1"), NEWEST, 100)
    assert rows
    for row in rows[:5]:
        assert (await backend.run(row.id)).attempt_count == row.attempts


@pytest.mark.parametrize("name", FILTERABLE)
def test_each_status_has_words_in_the_tables_that_lead_back_to_it(name: str) -> None:
    assert {status_name(word) for word in status_words(name)} == {name}


@pytest.mark.parametrize(
    "text", ["it's", "a\\", "x') OR 1=1 --", "\n", "' OR ''='", "a\u2028b", "\\'", "*'*", "a*\\*"]
)
def test_a_text_that_could_end_its_quotation_is_not_asked_for(text: str) -> None:
    assert not is_askable(RunFilter(tasks=(text,)))
    condition = RunFilter(conditions=(f"-task:{quote(text)}",))
    with pytest.raises(NotAskable):
        where_of(condition)


def test_what_the_tables_have_no_words_for_is_not_asked() -> None:
    assert not is_askable(RunFilter(schedule="sched_1"))
    assert not is_askable(RunFilter(error="error_1"))
    assert is_askable(RunFilter(text="it's", bulk_action="bulk_1", batch="batch_1"))


async def test_a_refusal_is_remembered_in_words() -> None:
    fake, clock = FakeBackend(), FakeClock()
    fake.answers["query"] = Forbidden("this key may not ask")
    counts = await RunCountsQuery(RunFilter(), clock).fetch(fake, None)  # type: ignore[arg-type]
    order = RankedRunsQuery(RunFilter(), Order("cost"), clock)
    ranked = await order.fetch(fake, None)  # type: ignore[arg-type]
    assert counts.refused
    assert ranked.refused


ROW = {
    "run_id": "run_1",
    "status": "Executing",
    "task_identifier": "a",
    "triggered_at": "2026-11-21 22:37:14.076",
    "total_cost": 0.5,
}


async def test_live_runs_of_an_order_are_read_again_one_by_one() -> None:
    fake, clock = FakeBackend(), FakeClock()
    fake.answers["query"] = [ROW, {**ROW, "run_id": "run_2"}, {**ROW, "status": "Completed"}]
    fake.answers["query"][2]["run_id"] = "run_3"
    query = RankedRunsQuery(RunFilter(), Order("cost"), clock)
    first = await query.fetch(fake, None)  # type: ignore[arg-type]
    assert [row.cost_cents for row in first.runs.rows] == [50, 50, 50]
    ended = (make_row(n, updated_ms=2**41) for n in (1, 2))
    fake.world |= {f"run_{n}": replace(row, id=f"run_{n}") for n, row in enumerate(ended, 1)}
    second = await query.fetch(fake, first)  # type: ignore[arg-type]
    third = await query.fetch(fake, second)  # type: ignore[arg-type]
    assert [entry[1] for entry in fake.log if entry[0] == "run"] == ["run_2", "run_1"]
    assert len(fake.asked("query")) == 1
    assert third.next_live is None
    await clock.advance(61)
    await query.fetch(fake, third)  # type: ignore[arg-type]
    assert len(fake.asked("query")) == 2


def test_a_count_says_from_when_on_it_is_where_the_tables_begin_later() -> None:
    clock = FakeClock()
    now = local(clock.now())
    reach_ms = round((now - timedelta(days=1)).timestamp() * 1000)
    counts = RunCounts(clock.now(), {"FAILED": 2}, reach_ms=reach_ms)
    week, hour = RunFilter(period="7d"), RunFilter(period="1h")
    words, is_less = counted_window(counts, week, now, None)
    assert is_less
    assert words.startswith("since ")
    assert counted_window(counts, hour, now, None) == ("last hour", False)
