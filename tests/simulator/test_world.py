"""The world without HTTP: runs live, wait, fail and end by its clock alone."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from tests.simulator.callers import START_MS
from trigdash.simulator.scenarios.arrivals import trigger_one
from trigdash.simulator.scenarios.definitions import BUSY, CALM, SCENARIOS
from trigdash.simulator.scenarios.play import open_world
from trigdash.simulator.world import actions
from trigdash.simulator.world.deployments import deploy
from trigdash.simulator.world.environments import Environment, Spawn
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.statuses import FINAL
from trigdash.simulator.world.world import World

MINUTE_MS = 60_000


def empty_world(env: str = "prod") -> World:
    """A world in which nothing happens by itself."""
    return open_world(START_MS, runs=0, env=env)


def start(world: World, task: str = "send-email", seed: int = 1, **more: object) -> Run:
    return world.engine.trigger(world.env, Spawn(task, seed, **more))  # type: ignore[arg-type]


def pass_until(world: World, run: Run, *statuses: str, most_ms: int = 3_600_000) -> None:
    """Move the world on, a tenth of a second at a time, until the run is in one of the statuses."""
    end_ms = world.now_ms + most_ms
    while run.status not in statuses:
        assert world.now_ms < end_ms, f"{run.id} is still {run.status}"
        world.advance(world.now_ms + 100)


def picture(world: World) -> list[tuple[object, ...]]:
    """What there is to know of a world's runs."""
    return [
        (run.id, run.status, run.created_ms, run.updated_ms, run.tags, run.version, run.attempt)
        for env in world.environments.values()
        for run in env.runs.all
    ]


def assert_within_limits(env: Environment) -> None:
    at_work = Counter[tuple[str, str | None]]()
    for run in env.runs.open.values():
        if run.status in {"DEQUEUED", "EXECUTING"}:
            at_work[run.queue.name, run.concurrency_key] += 1
    for (name, key), count in at_work.items():
        limit = env.queues[name].limit
        assert limit is None or count <= limit, f"{name} {key}: {count} at work"
    assert sum(at_work.values()) <= env.running <= env.limits.concurrency


def test_the_same_seed_makes_the_same_world() -> None:
    first, second = open_world(START_MS, 11, runs=300), open_world(START_MS, 11, runs=300)
    for world in (first, second):
        world.advance(START_MS + 5 * MINUTE_MS)
    assert picture(first) == picture(second)
    assert first.env.secret_key == second.env.secret_key


def test_the_same_seed_makes_the_same_ids_on_another_day() -> None:
    first, second = (
        open_world(START_MS, 11, runs=300),
        open_world(START_MS + 86_400_000 * 5, 11, runs=300),
    )
    born = [{run.id for run in world.env.runs.all if not run.schedule} for world in (first, second)]
    same = born[0] & born[1]
    assert len(same) > 0.9 * len(born[0])
    assert first.env.secret_key == second.env.secret_key


def test_another_seed_makes_another_world() -> None:
    first, second = open_world(START_MS, 1, runs=100), open_world(START_MS, 2, runs=100)
    assert not {run.id for run in first.env.runs.all} & {run.id for run in second.env.runs.all}
    assert first.env.secret_key != second.env.secret_key


def test_every_final_status_occurs_in_a_calm_history() -> None:
    world = open_world(START_MS, runs=3_000)
    found = Counter(run.status for run in world.env.runs.all)
    assert set(found) >= FINAL - {"INTERRUPTED"}
    failed = sum(
        found[each] for each in ("COMPLETED_WITH_ERRORS", "CRASHED", "SYSTEM_FAILURE", "TIMED_OUT")
    )
    assert 0.02 < failed / len(world.env.runs) < 0.09


def test_history_reaches_back_beyond_the_default_window() -> None:
    world = open_world(START_MS, runs=2_000)
    assert len(world.env.runs) >= 2_000
    assert world.env.runs.all[0].created_ms < START_MS - 7 * 86_400_000
    assert all(run.created_ms <= START_MS for run in world.env.runs.all)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_no_limit_is_ever_exceeded(scenario: object) -> None:
    world = open_world(START_MS, runs=400, scenario=scenario)  # type: ignore[arg-type]
    for step in range(400):
        world.advance(START_MS + step * 1_500)
        assert_within_limits(world.env)


def test_a_busy_world_has_queues_at_their_limit() -> None:
    world = open_world(START_MS, runs=3_000, scenario=BUSY)
    world.advance(START_MS + MINUTE_MS)
    waiting = {queue.name: queue.waiting_count for queue in world.env.queues.values()}
    assert sum(waiting.values()) > 20


def test_times_of_a_run_follow_one_another() -> None:
    world = open_world(START_MS, runs=800)
    for run in world.env.runs.all:
        assert run.started_ms is None or run.started_ms >= run.created_ms
        assert run.updated_ms >= run.created_ms
        if run.finished_ms is not None:
            assert run.finished_ms >= (run.started_ms or run.created_ms)
            assert run.active_ms <= run.finished_ms - run.created_ms
        journal = [time_ms for time_ms, _, _ in run.entries()]
        assert journal == sorted(journal)


def test_a_run_is_queued_dequeued_executed_and_completed() -> None:
    world = empty_world()
    run = start(world)
    assert run.status == "DEQUEUED"  # nobody is before it
    pass_until(world, run, "EXECUTING")
    assert run.attempt == 1
    assert run.version == world.env.deployments[-1].version
    pass_until(world, run, "COMPLETED_SUCCESSFULLY")
    assert run.finished_ms is not None
    assert run.active_ms > 0
    assert world.env.running == 0


def test_more_runs_than_the_limit_wait_their_turn() -> None:
    world = empty_world()
    limit = world.env.queues["task/resize-image"].limit
    assert limit is not None
    runs = [start(world, "resize-image", seed) for seed in range(10, 20)]
    assert [run.status for run in runs].count("DEQUEUED") == limit
    world.advance(world.now_ms + 5 * MINUTE_MS)
    assert all(run.is_final for run in runs)
    began = [run.started_ms for run in runs if run.started_ms]
    assert began == sorted(began)


def test_a_limit_counts_for_each_concurrency_key_apart() -> None:
    world = empty_world()
    first, second, other = (
        start(world, "charge-invoice", n, concurrency_key=key) for n, key in enumerate("aab")
    )
    assert [run.status for run in (first, second, other)] == ["DEQUEUED", "PENDING", "DEQUEUED"]


def test_priority_overtakes_in_the_queue() -> None:
    world = empty_world()
    queue = world.env.queues["task/send-email"]
    actions.override_limit(world, world.env, queue, 0, None)
    late, early = start(world, seed=1), start(world, seed=2, priority_ms=60_000)
    queue.override = 1
    world.engine.pull(world.env, queue)
    assert (early.status, late.status) == ("DEQUEUED", "PENDING")


def test_the_environment_limit_holds_over_all_queues() -> None:
    world = empty_world()
    world.env.limits.concurrency = 3
    runs = [start(world, task, n) for n, task in enumerate(["send-email", "sync-crm"] * 4)]
    assert sum(run.status == "DEQUEUED" for run in runs) == 3
    for _ in range(300):
        world.advance(world.now_ms + 1_000)
        assert_within_limits(world.env)
    assert all(run.is_final for run in runs)


def test_a_paused_queue_starts_nothing_until_it_is_resumed() -> None:
    world = empty_world()
    queue = world.env.queues["task/send-email"]
    actions.pause_queue(world, world.env, queue, True)
    run = start(world)
    world.advance(world.now_ms + 10 * MINUTE_MS)
    assert (run.status, queue.waiting_count) == ("PENDING", 1)
    actions.pause_queue(world, world.env, queue, False)
    assert (run.status, queue.waiting_count) == ("DEQUEUED", 0)


def test_a_paused_environment_starts_nothing() -> None:
    world = empty_world()
    actions.pause_environment(world, world.env, True)
    run = start(world)
    world.advance(world.now_ms + MINUTE_MS)
    assert run.status == "PENDING"
    actions.pause_environment(world, world.env, False)
    assert run.status == "DEQUEUED"


def test_an_override_of_zero_blocks_and_its_reset_frees() -> None:
    world = empty_world()
    queue = world.env.queues["crm"]
    actions.override_limit(world, world.env, queue, 0, None)
    run = start(world, "sync-crm")
    assert run.status == "PENDING"
    actions.reset_limit(world, world.env, queue)
    assert run.status == "DEQUEUED"
    assert queue.limit == 3


def test_a_delayed_run_waits_for_its_time_and_can_be_moved() -> None:
    world = empty_world()
    run = start(world, delay_until_ms=world.now_ms + MINUTE_MS)
    assert run.status == "DELAYED"
    actions.reschedule(world, run, world.now_ms + 10 * MINUTE_MS)
    world.advance(world.now_ms + 5 * MINUTE_MS)
    assert run.status == "DELAYED"
    world.advance(world.now_ms + 6 * MINUTE_MS)
    assert run.is_final


def test_a_run_of_an_unknown_task_waits_for_a_version_that_has_it() -> None:
    world = empty_world()
    env = world.env
    task = env.tasks["send-email"]
    run = start(world, "brand-new")
    assert run.status == "PENDING_VERSION"
    env.tasks["brand-new"] = task
    run.task = task
    deploy(world, env, world.now_ms)
    assert run.status in {"PENDING", "DEQUEUED"}


def test_a_run_that_waits_too_long_expires() -> None:
    world = empty_world()
    world.env.queues["task/send-email"].paused = True
    run = start(world, ttl="30s")
    world.advance(world.now_ms + 29_000)
    assert run.status == "PENDING"
    world.advance(world.now_ms + 2_000)
    assert run.status == "EXPIRED"
    assert run.expired_ms == run.finished_ms == START_MS + 30_000
    assert world.env.queues["task/send-email"].waiting_count == 0


def first_with_fate(world: World, task: str, fates: set[str]) -> int:
    """A seed whose run of a task is destined to end so."""
    from trigdash.simulator.world.plan import outcome_of

    for seed in range(1, 20_000):
        probe = Run(world.env, task, world.env.tasks[task], seed, 0)
        if outcome_of(probe, world.env.tasks[task]) in fates:
            return seed
    raise LookupError(fates)


def test_a_failing_run_retries_soon_keeping_its_worker_and_then_fails() -> None:
    world = empty_world()
    run = start(world, seed=first_with_fate(world, "send-email", {"error"}))
    pass_until(world, run, "COMPLETED_WITH_ERRORS")
    assert run.attempt == 3
    assert isinstance(run.error, int)
    assert world.env.running == 0


def test_a_late_retry_goes_back_into_the_queue() -> None:
    world = empty_world()
    run = start(world, "sync-crm", first_with_fate(world, "sync-crm", {"error"}))
    while not (run.attempt == 2 and run.status == "PENDING"):
        assert not run.is_final
        world.advance(world.now_ms + 100)
    assert world.env.running == 0
    pass_until(world, run, "COMPLETED_WITH_ERRORS")


def test_a_flaky_run_succeeds_the_second_time() -> None:
    world = empty_world()
    run = start(world, seed=first_with_fate(world, "send-email", {"flaky"}))
    pass_until(world, run, "COMPLETED_SUCCESSFULLY")
    assert run.attempt == 2
    assert run.error is None


def test_a_waiting_run_frees_its_place_and_comes_back() -> None:
    world = empty_world()
    run = start(world, "onboard-customer", 4)
    pass_until(world, run, "WAITING_TO_RESUME")
    assert all(other.status != "EXECUTING" or other is not run for other in world.env.runs.all)
    assert world.env.queues["task/onboard-customer"].running == 0
    pass_until(world, run, *FINAL)
    assert run.attempt >= 1


def parent_with_open_children(world: World) -> Run:
    run = start(world, "generate-report", 3)
    while not any(not child.is_final for child in run.children or ()):
        assert not run.is_final
        world.advance(world.now_ms + 50)
    return run


def test_a_parent_waits_for_its_children() -> None:
    world = empty_world()
    run = parent_with_open_children(world)
    children = list(run.children or ())
    assert {child.depth for child in children} == {1}
    pass_until(world, run, *FINAL)
    assert all(child.is_final for child in children)
    assert run.batch is None
    assert children[0].batch is not None


def test_cancelling_a_parent_cancels_its_children() -> None:
    world = empty_world()
    run = parent_with_open_children(world)
    world.engine.cancel(run)
    assert run.status == "CANCELED"
    assert all(child.is_final for child in run.children or ())
    world.advance(world.now_ms + 10_000)
    assert world.env.running == 0


def test_a_cancelled_run_at_work_ends_only_when_its_worker_stops() -> None:
    world = empty_world()
    run = start(world)
    pass_until(world, run, "EXECUTING")
    assert world.engine.cancel(run)
    assert (run.status, run.finished_ms) == ("CANCELED", None)
    world.advance(world.now_ms + 3_000)
    assert run.finished_ms is not None
    assert not world.engine.cancel(run)


def test_a_cancelled_queued_run_never_starts_and_has_no_end() -> None:
    world = empty_world()
    queue = world.env.queues["task/send-email"]
    queue.paused = True
    run = start(world)
    world.engine.cancel(run)
    queue.paused = False
    world.engine.pull(world.env, queue)
    world.advance(world.now_ms + MINUTE_MS)
    assert (run.status, run.started_ms, run.finished_ms) == ("CANCELED", None, None)
    assert queue.waiting_count == 0


def test_a_replay_carries_payload_tags_queue_and_key_but_not_delay_ttl_and_parent() -> None:
    world = empty_world()
    run = start(
        world, "charge-invoice", 8, tags=("a", "b"), concurrency_key="c1", machine="large-1x",
        is_test=True, delay_until_ms=world.now_ms + MINUTE_MS, ttl="2h", priority_ms=5_000,
    )  # fmt: skip
    run.idempotency_key = "once"
    run.metadata = {"kept": True}
    again = actions.replay(world, run)
    assert again.id != run.id
    for name in ("task_id", "tags", "concurrency_key", "machine", "is_test", "metadata", "queue"):
        assert getattr(again, name) == getattr(run, name), name
    assert (again.delayed_ms, again.ttl, again.idempotency_key, again.parent) == (None,) * 4
    assert again.seed != run.seed


def test_speed_hurries_what_happens_after_the_start() -> None:
    slow, fast = open_world(START_MS, runs=200), open_world(START_MS, runs=200, speed=10)
    before = len(slow.env.runs), len(fast.env.runs)
    for world in (slow, fast):
        world.advance(START_MS + 3 * MINUTE_MS)
    born = [len(world.env.runs) - count for world, count in zip((slow, fast), before, strict=True)]
    assert born[1] > 4 * born[0]
    assert max(run.created_ms for run in fast.env.runs.all) <= START_MS + 3 * MINUTE_MS


def test_speed_hurries_what_executes_at_the_start() -> None:
    slow, fast = open_world(START_MS, runs=400), open_world(START_MS, runs=400, speed=60)
    left = []
    for world in (slow, fast):
        begun = [run for run in world.env.runs.all if run.status == "EXECUTING"]
        assert len(begun) > 3
        world.advance(START_MS + 3_000)
        left.append(sum(run.status == "EXECUTING" for run in begun) / len(begun))
    assert left[1] < left[0]
    assert left[1] < 0.2


def test_scheduled_runs_start_at_their_times() -> None:
    world = open_world(START_MS, runs=50, scenario=CALM)
    runs = [run for run in world.env.runs.all if run.task_id == "sync-inventory"]
    assert len(runs) > 50
    assert all(run.created_ms % (5 * MINUTE_MS) == 0 for run in runs)
    world.advance(START_MS + 11 * MINUTE_MS)
    later = [run for run in world.env.runs.all if run.task_id == "sync-inventory"]
    assert len(later) - len(runs) == 2


def test_older_history_has_a_daily_rhythm() -> None:
    world = open_world(START_MS, runs=6_000)
    hours = Counter(
        math.floor((START_MS - run.created_ms) / 3_600_000) % 24
        for run in world.env.runs.all
        if run.created_ms < START_MS - 24 * 3_600_000 and run.schedule is None
    )
    peak = hours[23] + hours[0] + hours[1]
    trough = hours[11] + hours[12] + hours[13]
    assert peak > 2 * trough


def test_each_environment_has_runs_of_its_own() -> None:
    world = open_world(START_MS, runs=500)
    ids = [set(env.runs.by_id) for env in world.environments.values()]
    assert all(len(each) > 20 for each in ids)
    assert len(set.union(*ids)) == sum(len(each) for each in ids)
    assert len({env.secret_key for env in world.environments.values()}) == 4


def test_a_run_born_from_outside_is_filed_under_its_tags() -> None:
    world = empty_world()
    trigger_one(world, world.env, "send-email", 5)
    run = world.env.runs.all[0]
    assert run.tags
    assert run.tags[0].startswith("user_")
