"""The run list: merged page by page, with nothing lost, nothing invented, nothing moved."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend, make_row, make_rows
from tests.fakes.clock import FakeClock
from trigdash.backends.base import CannotReach
from trigdash.model.capability import RateBudget
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow, RunsPage
from trigdash.service.connection import Connection
from trigdash.service.runs import run_list
from trigdash.service.runs.query import MAX_PAGES, RunsQuery
from trigdash.service.runs.run_list import RunList

ALL = RunsQuery()


def ignore(_: Any) -> None:
    pass


def held(connection: Connection, query: RunsQuery = ALL) -> RunList:
    data = connection.snapshot(query).data
    assert data is not None
    return data


def numbers(runs: RunList) -> list[int]:
    return [int(row.id.removeprefix("run_")) for row in runs]


async def watch(connection: Connection, clock: FakeClock, query: RunsQuery = ALL) -> RunList:
    connection.watch(query, ignore)
    await clock.settle()
    return held(connection, query)


async def poll(clock: FakeClock, times: int = 1) -> None:
    """Let that many polls happen, however far apart they are."""
    for _ in range(times):
        due_s = clock.next_due_s()
        assert due_s is not None
        await clock.advance(due_s - clock.monotonic())


async def test_the_newest_page_comes_first_and_older_ones_as_asked(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(250)))
    runs = await watch(connection, clock)
    assert numbers(runs) == list(range(249, 149, -1))
    assert not runs.complete
    connection.older(ALL)
    await clock.settle()
    connection.older(ALL)
    await clock.settle()
    runs = held(connection)
    assert numbers(runs) == list(range(249, -1, -1))
    assert runs.complete
    requests = len(backend.asked("runs"))
    connection.older(ALL)
    await clock.settle()
    assert len(backend.asked("runs")) == requests, "the end is the end"


async def test_a_poll_that_changes_nothing_returns_the_list_itself(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(20)))
    before = await watch(connection, clock)
    await poll(clock, 3)
    assert held(connection) is before


async def test_an_empty_list_stays_the_same_object_and_fills_up(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    empty = await watch(connection, clock)
    assert (len(empty), empty.complete) == (0, True)
    await poll(clock, 3)
    assert held(connection) is empty
    backend.add([make_row(1)])
    await poll(clock)
    assert numbers(held(connection)) == [1]


async def test_only_changed_rows_are_new_objects(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add([*make_rows(range(20)), make_row(20, "QUEUED")])
    before = await watch(connection, clock)
    backend.change("run_000020", status_name="EXECUTING")
    backend.add([make_row(21)])
    await poll(clock)
    after = held(connection)
    assert numbers(after) == list(range(21, -1, -1))
    assert after.rows[1].status_name == "EXECUTING"
    assert all(new is old for new, old in zip(after.rows[2:], before.rows[1:], strict=True))
    assert before.rows[0].status_name == "QUEUED", "the old list stays as it was"


async def test_equal_creation_times_have_a_stable_order(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_row(number, created_ms=5_000) for number in (3, 1, 2))
    await watch(connection, clock)
    backend.add([make_row(0, created_ms=5_000), make_row(9, created_ms=5_000)])
    await poll(clock)
    assert numbers(held(connection)) == [9, 3, 2, 1, 0], "as the server pages through them"


async def test_an_overtaken_answer_does_not_undo_a_newer_one() -> None:
    newer = make_row(1, "COMPLETED", updated_ms=9_000)
    runs = RunList().merge([newer])
    assert runs.merge([make_row(1, "EXECUTING", updated_ms=8_000)]) is runs


async def test_what_an_opened_run_told_survives_the_next_page() -> None:
    opened = make_row(1, updated_ms=1_000, attempts=3, error="it broke")
    listed = make_row(1, updated_ms=1_000, environment="prod", kind="STANDARD")
    runs = RunList().merge([listed]).merge([opened])
    assert (runs.rows[0].attempts, runs.rows[0].environment) == (3, "prod")
    assert runs.merge([listed]) is runs


async def test_a_burst_is_paged_through_until_it_meets_what_is_held(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(50)))
    await watch(connection, clock)
    backend.add(make_rows(range(50, 330)))
    await poll(clock)
    runs = held(connection)
    assert numbers(runs) == list(range(329, -1, -1))
    assert runs.gaps == ()


async def test_a_batch_of_a_thousand_runs_of_one_millisecond_has_no_gap_and_ends(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_row(number, created_ms=5_000) for number in range(1000))
    await watch(connection, clock)
    requests = len(backend.asked("runs"))
    await poll(clock, 6)
    assert len(backend.asked("runs")) - requests <= 7, "a page a poll"
    for loaded in range(200, 1001, 100):
        connection.older(ALL)
        await clock.settle()
        await poll(clock)
        assert len(held(connection)) == loaded
    runs = held(connection)
    assert runs.gaps == ()
    assert runs.complete
    assert numbers(runs) == list(range(999, -1, -1))
    requests = len(backend.asked("runs"))
    await poll(clock, 3)
    assert len(backend.asked("runs")) - requests <= 4


async def test_a_list_that_was_read_when_it_began_goes_on_where_a_burst_was_read_to(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add([make_row(999, created_ms=5_000)])
    assert (await watch(connection, clock)).complete
    backend.add(make_row(number, created_ms=5_000) for number in range(999))
    await poll(clock)
    runs = held(connection)
    assert len(runs) == 100 * MAX_PAGES
    assert runs.gaps == ()
    assert not runs.complete
    assert runs.next is not None
    for _ in range(5):
        connection.older(ALL)
        await clock.settle()
    assert held(connection).complete
    assert numbers(held(connection)) == list(range(999, -1, -1))


async def test_runs_that_come_late_are_seen_while_they_can_come(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_row(number, created_ms=100_000 + number) for number in range(150))
    await watch(connection, clock)
    backend.add([make_row(900, created_ms=101_000)])
    await poll(clock, 2)
    late = make_row(901, created_ms=100_020)
    backend.add([late])
    await poll(clock)
    assert held(connection).find(late.id) is not None


async def test_a_burst_that_is_too_large_leaves_a_gap_that_can_be_filled(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(150)))
    await watch(connection, clock)
    backend.add(make_rows(range(150, 1350)))
    requests = len(backend.asked("runs"))
    await poll(clock)
    assert len(backend.asked("runs")) - requests == MAX_PAGES
    runs = held(connection)
    [gap] = runs.gaps
    above = runs.index_of(gap.after)
    assert above is not None
    assert numbers(runs)[above : above + 2] == [850, 149]
    await poll(clock, 3)
    assert held(connection).gaps == (gap,), "polling on neither fills nor forgets it"

    connection.fill_gap(ALL, gap)
    await clock.settle()
    [smaller] = held(connection).gaps
    assert numbers(held(connection))[-101:-99] == [350, 149]
    connection.fill_gap(ALL, gap)
    await clock.settle()
    assert held(connection).gaps == (smaller,), "the old mark means nothing any more"
    connection.fill_gap(ALL, smaller)
    await clock.settle()
    assert held(connection).gaps == ()
    assert numbers(held(connection)) == list(range(1349, 49, -1))


def test_attempts_that_an_opened_run_told_alone_survive_the_next_page() -> None:
    opened = make_row(1, environment="prod", kind="STANDARD", attempts=2)
    listed = make_row(1, environment="prod", kind="STANDARD")
    runs = RunList().merge([listed]).merge([opened])
    assert runs.merge([listed]) is runs
    assert runs.rows[0].attempts == 2
    changed = replace(listed, status_name="FAILED", updated_ms=listed.updated_ms + 1)
    assert runs.merge([changed]).rows[0].attempts == 2


async def test_empty_older_pages_are_read_on(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(150)))
    pages = iter(
        [RunsPage((), next="a"), RunsPage((), next="b"), RunsPage(tuple(make_rows([7])), next="c")]
    )
    asked: list[str | None] = []

    async def runs(narrowed: RunFilter, *, after: str | None = None, size: int = 100) -> RunsPage:
        if after is None:
            return await FakeBackend.runs(backend, narrowed, after=after, size=size)
        asked.append(after)
        return next(pages)

    backend.runs = runs  # type: ignore[method-assign]
    await watch(connection, clock)
    connection.older(ALL)
    await clock.settle()
    assert len(asked) == 3
    assert asked[1:] == ["a", "b"]
    assert numbers(held(connection))[-1] == 7
    assert held(connection).next == "c"


async def test_a_round_through_the_unfinished_begins_anew_at_its_end(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(30), "QUEUED"))
    backend.add(make_rows(range(30, 200)))
    await loaded(connection, clock)
    for number in (3, 4, 5):
        backend.change(f"run_{number:06d}", status_name="EXECUTING")
        await poll(clock, 6)
        row = held(connection).find(f"run_{number:06d}")
        assert row is not None
        assert row.status_name == "EXECUTING"
    rounds = [after for narrowed, after in backend.asked("runs") if narrowed.statuses]
    assert set(rounds) == {None}, "one page holds them all: each round begins at the top"


async def test_a_scheduled_run_in_the_future_does_not_hide_a_gap(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(50)))
    backend.add([make_row(900_000, "DELAYED", updated_ms=1)])
    await watch(connection, clock)
    backend.add(make_rows(range(50, 400)))
    await poll(clock)
    assert numbers(held(connection)) == [900_000, *range(399, -1, -1)]


async def test_a_row_that_is_missing_once_stays_and_missing_twice_leaves(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(150)))
    await watch(connection, clock)
    backend.hidden.add("run_000120")
    await poll(clock)
    assert held(connection).find("run_000120") is not None
    backend.hidden.clear()
    await poll(clock)
    backend.hidden.add("run_000121")
    await poll(clock, 2)
    runs = held(connection)
    assert runs.find("run_000121") is None
    assert runs.find("run_000120") is not None
    assert len(runs) == 100, "one out, and the page shows one older run more"


async def test_rows_that_do_not_match_the_status_filter_any_more_leave(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    query = RunsQuery(RunFilter(statuses=("EXECUTING",)))
    backend.add(make_rows(range(3), "EXECUTING"))
    await watch(connection, clock, query)
    backend.change("run_000001", status_name="COMPLETED")
    await poll(clock, 2)
    assert numbers(held(connection, query)) == [2, 0]


async def loaded(connection: Connection, clock: FakeClock, query: RunsQuery = ALL) -> None:
    """Watch and page down to the end."""
    await watch(connection, clock, query)
    while not held(connection, query).complete:
        connection.older(query)
        await clock.settle()


async def test_older_unfinished_rows_are_followed_to_their_end_and_finished_ones_never_asked(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(400)))
    backend.change("run_000010", status_name="EXECUTING")
    backend.change("run_000050", status_name="WAITING")
    await loaded(connection, clock)
    backend.change("run_000010", status_name="FAILED", finished_ms=99)
    backend.change("run_000050", status_name="EXECUTING")
    backend.log.clear()
    await poll(clock, 8)
    runs = held(connection)
    assert runs.find("run_000010") == backend.world["run_000010"]
    assert runs.find("run_000050") == backend.world["run_000050"]
    assert backend.asked("run") == [("run_000010",)]
    extra = [narrowed for narrowed, _ in backend.asked("runs") if narrowed.statuses]
    assert 2 <= len(extra) <= 4, "one page each third poll"
    assert "COMPLETED" not in extra[0].statuses
    backend.change("run_000050", status_name="COMPLETED")
    await poll(clock, 6)
    assert held(connection).find("run_000050") == backend.world["run_000050"]
    backend.log.clear()
    await poll(clock, 12)
    assert all(not narrowed.statuses for narrowed, _ in backend.asked("runs"))
    assert backend.asked("run") == []


async def test_many_that_finish_together_are_asked_by_pages(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(300), "QUEUED"))
    backend.add(make_rows(range(300, 500)))
    await loaded(connection, clock)
    for row in make_rows(range(300)):
        backend.change(row.id, status_name="COMPLETED")
    backend.log.clear()
    await poll(clock, 12)
    assert {row.status_name for row in held(connection)} == {"COMPLETED"}
    assert len(backend.log) <= 12 + 9


async def test_deleted_older_rows_leave(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(50), "QUEUED"))
    backend.add(make_rows(range(50, 300)))
    await loaded(connection, clock)
    for number in (3, *range(20, 30)):
        del backend.world[f"run_{number:06d}"]
    await poll(clock, 12)
    assert numbers(held(connection)) == [*range(299, 29, -1), *range(19, 3, -1), 2, 1, 0]


async def test_a_long_round_through_many_unfinished_rows_loses_none_at_the_seams(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_row(number, "QUEUED", created_ms=number // 7 * 1000) for number in range(450))
    await loaded(connection, clock)
    backend.log.clear()
    await poll(clock, 30)
    assert backend.asked("run") == [], "runs that share a millisecond are not taken for gone"
    assert len(held(connection)) == 450


async def test_words_that_cannot_be_filtered_by_are_asked_one_by_one(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(4), "running"))
    backend.add(make_rows(range(4, 200), "completed"))
    await loaded(connection, clock)
    backend.change("run_000002", status_name="failed")
    backend.log.clear()
    await poll(clock, 8)
    found = held(connection).find("run_000002")
    assert found is not None
    assert found.status_name == "failed"
    assert all(not narrowed.statuses for narrowed, _ in backend.asked("runs"))


async def test_less_is_asked_again_when_the_own_share_is_nearly_spent(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(300), "QUEUED"))
    await loaded(connection, clock)
    backend.budget = RateBudget(limit=750, remaining=700, share=0.1, spent=70)
    backend.log.clear()
    await poll(clock, 27)
    assert sum(1 for narrowed, _ in backend.asked("runs") if narrowed.statuses) == 3
    backend.budget = RateBudget(limit=750, remaining=700, stopped=True)
    backend.log.clear()
    await clock.advance(60)
    assert all(not narrowed.statuses for narrowed, _ in backend.asked("runs"))


async def test_runs_that_something_was_done_to_are_asked_again_at_once(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(300), "QUEUED"))
    await loaded(connection, clock)
    for row in make_rows(range(150)):
        backend.change(row.id, status_name="CANCELED")
    connection.actions.wake_all([row.id for row in make_rows(range(150))])
    await poll(clock, 3)
    words = [row.status_name for row in held(connection)]
    assert words == ["QUEUED"] * 150 + ["CANCELED"] * 150


async def test_trouble_with_older_rows_is_no_trouble_of_the_newest(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(300), "QUEUED"))
    await loaded(connection, clock)
    backend.failures["run"] = CannotReach("cut")
    backend.change("run_000001", status_name="COMPLETED")
    await poll(clock, 10)
    assert connection.snapshot(ALL).problem is None
    backend.failures.clear()
    await poll(clock, 3)
    assert held(connection).find("run_000001") == backend.world["run_000001"]


async def test_a_failed_poll_leaves_the_list_usable(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.add(make_rows(range(120)))
    before = await watch(connection, clock)
    backend.failure = CannotReach()
    await poll(clock, 3)
    assert held(connection) is before
    backend.failure = None
    backend.add([make_row(120)])
    await clock.advance(30)
    assert numbers(held(connection))[:2] == [120, 119]


async def test_a_list_whose_successor_was_thrown_away_goes_on() -> None:
    first = RunList().merge(make_rows(range(10)))
    first.merge([make_row(99)])
    again = first.merge([make_row(50)])
    assert numbers(again) == [50, *range(9, -1, -1)]
    assert again.find("run_000099") is None
    assert first.find("run_000050") is None


async def test_the_oldest_rows_leave_when_the_list_is_full(
    connection: Connection, backend: FakeBackend, clock: FakeClock, monkeypatch: Any
) -> None:
    monkeypatch.setattr(run_list, "MAX_ROWS", 150)
    backend.add(make_rows(range(400)))
    await watch(connection, clock)
    connection.older(ALL)
    await clock.settle()
    runs = held(connection)
    assert (len(runs), runs.full, runs.next, runs.complete) == (150, True, None, False)
    backend.add(make_rows(range(400, 410)))
    await poll(clock)
    assert numbers(held(connection)) == list(range(409, 259, -1))


async def test_text_narrows_what_is_loaded_and_is_no_reason_to_load_anew() -> None:
    assert RunsQuery(RunFilter(text="mail", tags=("a",))) == RunsQuery(RunFilter(tags=("a",)))


async def test_the_window_says_what_was_asked_and_what_applies_silently(
    connection: Connection, clock: FakeClock
) -> None:
    window = (await watch(connection, clock)).window
    assert window is not None
    assert (window.period, window.is_default) == ("7d", True)
    day = RunsQuery(RunFilter(period="24h"))
    window = (await watch(connection, clock, day)).window
    assert window is not None
    assert (window.period, window.is_default) == ("24h", False)


async def test_merging_like_sorting_from_scratch() -> None:
    """A few hundred random merges give what a sort of everything would give."""

    random = Random(3)
    runs, world = RunList(), dict[str, RunRow]()
    for step in range(300):
        page = [
            make_row(n, created_ms=n % 40 * 1000, updated_ms=step, compute_ms=random.randrange(3))
            for n in random.sample(range(200), 12)
        ]
        drop = random.sample(range(200), 3)
        dropped = {f"run_{n:06d}" for n in drop} - {row.id for row in page}
        runs = runs.merge(page, dropped)
        world.update((row.id, row) for row in page)
        for run_id in dropped:
            world.pop(run_id, None)
        assert list(runs.rows) == sorted(world.values(), key=run_list.key_of)
        assert all(runs.find(run_id) == row for run_id, row in world.items())


@pytest.mark.parametrize("seed", range(3))
async def test_a_living_world_is_shown_as_it_is_once_it_rests(
    connection: Connection, backend: FakeBackend, clock: FakeClock, seed: int
) -> None:
    """Births, bursts, ends, deletions, outages and lagging lists; then the truth."""
    random = Random(seed)
    backend.add(make_rows(range(500), "QUEUED"))
    await loaded(connection, clock)
    newest = 500
    for _ in range(60):
        for _ in range(random.choice((0, 1, 5, 40, 150))):
            word = random.choice(("QUEUED", "DELAYED", "COMPLETED"))
            backend.add([make_row(newest, word, created_ms=(newest + 1000) // 3 * 1000)])
            newest += 1
        for run_id in random.sample(sorted(backend.world), 40):
            if not backend.world[run_id].status.is_final:
                ends = ("EXECUTING", "WAITING", "COMPLETED", "CRASHED", "EXPIRED")
                backend.change(run_id, status_name=random.choice(ends))
        if random.random() < 0.2:
            del backend.world[random.choice(sorted(backend.world))]
        backend.hidden = set(random.sample(sorted(backend.world)[-5:], 2))
        backend.failure = CannotReach() if random.random() < 0.1 else None
        await clock.advance(random.choice((0.5, 2, 3)))
    backend.failure, backend.hidden = None, set()
    await clock.advance(30)
    for _ in range(20):
        for gap in held(connection).gaps:
            connection.fill_gap(ALL, gap)
        await clock.settle()
    await clock.advance(300)
    runs, world = held(connection), sorted(backend.world.values(), key=run_list.key_of)
    assert runs.gaps == ()
    finished_and_deleted = {row.id for row in runs} - {row.id for row in world}
    assert all(row.status.is_final for row in runs if row.id in finished_and_deleted), (
        "nobody asks for finished rows far down again"
    )
    assert [row for row in runs if row.id not in finished_and_deleted] == world
