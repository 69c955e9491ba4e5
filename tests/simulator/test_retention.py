"""A world that runs for long keeps a bounded number of runs, in whole families."""

from __future__ import annotations

from dataclasses import replace

from trigdash.simulator.scenarios.arrivals import MOST_WAITING
from trigdash.simulator.scenarios.definitions import BUSY
from trigdash.simulator.scenarios.play import open_world
from trigdash.simulator.world.index import RunFilter
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.statuses import FINAL
from trigdash.simulator.world.world import World

NOW_MS = 1_700_000_000_000
MINUTE_MS = 60_000
KEPT = 1_000


def busy() -> World:
    """The busy world at sixty times the speed of life, which keeps few runs."""
    world = open_world(NOW_MS, scenario=BUSY, runs=100, speed=60.0)
    for env in world.every_environment():
        env.keep(KEPT)
    world.advance(NOW_MS + MINUTE_MS // 3)
    return world


def test_ended_runs_beyond_a_number_are_let_go() -> None:
    world = busy()
    for env in world.every_environment():
        ended = len(env.runs) - len(env.runs.open)
        assert ended < 2 * KEPT
        assert set(env.runs.by_id) == {run.id for run in env.runs.all}
    assert len(world.env.runs.all) > KEPT


def test_what_is_kept_is_whole() -> None:
    env = busy().env
    for run in env.runs.all:
        assert run.root.id in env.runs.by_id
        assert all(each.id in env.runs.by_id for each in run.descendants())
        if run.batch is not None:
            assert run.batch.id in env.batches
    listed = env.runs.select(RunFilter(statuses=FINAL))
    assert {run.id for run in listed} == {run.id for run in env.runs.all if run.is_final}
    failed = env.runs.select(RunFilter(statuses=frozenset({"COMPLETED_WITH_ERRORS"})))
    assert all(run.id in env.runs.by_id for run in failed)
    tag = next(tag for run in env.runs.all for tag in run.tags)
    tagged = env.runs.select(RunFilter(tags=frozenset({tag})))
    assert tagged == [run for run in reversed(env.runs.all) if tag in run.tags]


def test_nothing_is_left_of_those_that_were_let_go() -> None:
    world = busy()
    planned = [each[3] for each in world._calendar if isinstance(each[3], Run) and each[4] < 0]
    known = {run_id for env in world.every_environment() for run_id in env.runs.by_id}
    assert {run.id for run in planned} <= known
    assert all(any(run.id in known for run in b.runs) for b in world.env.batches.values() if b.runs)
    assert {token.run_id for token in world.env.waitpoints.values()} <= {None, *known}


def test_the_history_is_kept_whole_at_first() -> None:
    world = open_world(NOW_MS, scenario=BUSY, runs=2_000)
    before = [run.id for run in world.env.runs.all]
    world.advance(NOW_MS + MINUTE_MS)
    assert [run.id for run in world.env.runs.all][: len(before)] == before


def test_a_full_queue_takes_no_more() -> None:
    one_task = replace(BUSY, weights={"deliver-webhook": 5_000.0})
    world = open_world(NOW_MS, scenario=one_task, runs=100, speed=600.0)
    world.env.paused = True
    world.advance(NOW_MS + MINUTE_MS // 6)
    most = max(queue.waiting_count for queue in world.env.queues.values())
    # A batch, and the children of runs, are taken whole.
    assert MOST_WAITING <= most < 1.1 * MOST_WAITING
