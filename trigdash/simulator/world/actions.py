"""What clients do to the world: trigger, replay, reschedule, tag, and change settings."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from trigdash.simulator.world import content
from trigdash.simulator.world.environments import Environment, Spawn
from trigdash.simulator.world.ids import friendly, mix, seed_of
from trigdash.simulator.world.limits import ConcurrencyLimit
from trigdash.simulator.world.queues import Queue
from trigdash.simulator.world.runs import EnvironmentBase, Run, Sent
from trigdash.simulator.world.schedules import MINUTE_MS, Schedule
from trigdash.simulator.world.world import World

MOST_TAGS = 10


def to_json(value: object) -> str:
    """JSON as the server stores it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fresh_seed(world: World, env: EnvironmentBase) -> int:
    """The seed of something that a client makes; the n-th one is always the same."""
    env.made += 1
    return mix(env.seed, 99, env.made, world.now_ms - world.start_ms)


def trigger(world: World, env: EnvironmentBase, spawn: Spawn, **given: Any) -> Run:
    """A run that a client triggers, with what it sent along (`payload`, `metadata`, keys …)."""
    run = world.engine.trigger(env, spawn)
    for name, value in given.items():
        if value is not None:
            setattr(run, name, value)
    return run


def like(world: World, run: Run) -> Spawn:
    """What a replay carries over: tags, queue, concurrency key, machine, region and test flag.

    Not carried over: idempotency key, delay, ttl, attempts, version, parent and batch.
    """
    return Spawn(
        run.task_id,
        fresh_seed(world, run.env),
        tags=run.tags,
        queue=run.queue.name if run.task else None,
        concurrency_key=run.concurrency_key,
        machine=run.machine,
        region=run.region,
        is_test=run.is_test,
    )


def payload_of(run: Run) -> Sent | None:
    """The stored payload of a run, a generated one included."""
    if run.payload is None and (value := content.payload(run)) is not content.ABSENT:
        return Sent(to_json(value))
    return run.payload


def replay(world: World, run: Run) -> Run:
    """A new run of the same task with the same payload and metadata."""
    spawn = like(world, run)
    return trigger(world, run.env, spawn, payload=payload_of(run), metadata=run.metadata)


def reschedule(world: World, run: Run, until_ms: int) -> None:
    """Move a delayed run to another time."""
    run.updated_ms = world.now_ms
    world.engine.delay(run, until_ms)


def add_tags(world: World, run: Run, tags: Sequence[str]) -> None:
    """More tags on a run."""
    run.tags = (*run.tags, *tags)
    run.updated_ms = world.now_ms
    for tag in tags:
        run.env.on_run_tagged(run, tag)


def metadata_of(world: World, run: Run) -> dict[str, Any] | None:
    """The metadata now."""
    return content.metadata(run, world.now_ms)


def replace_metadata(world: World, run: Run, metadata: dict[str, Any]) -> None:
    run.metadata = metadata
    run.updated_ms = world.now_ms


def operate_on_metadata(world: World, run: Run, operations: Sequence[Any]) -> dict[str, Any]:
    """Apply set, delete, append, remove, increment and update; the metadata afterwards."""
    value = json.loads(to_json(metadata_of(world, run) or {}))
    for operation in operations:
        if isinstance(operation, dict):
            _operate(value, operation)
    replace_metadata(world, run, value)
    return value  # type: ignore[no-any-return]


def _operate(whole: dict[str, Any], operation: dict[str, Any]) -> None:
    kind, given = operation.get("type"), operation.get("value")
    if kind == "update" and isinstance(given, dict):
        whole.clear()
        whole.update(given)
        return
    place, key = _place_of(whole, str(operation.get("key", "")), kind == "set")
    if place is None:
        return
    held = place.get(key)
    if kind == "set":
        place[key] = given
    elif kind == "delete":
        place.pop(key, None)
    elif kind == "append":
        place[key] = [*held, given] if isinstance(held, list) else [given]
    elif kind == "remove" and isinstance(held, list) and given in held:
        held.remove(given)
    elif kind == "increment" and isinstance(given, int | float):
        place[key] = (held if isinstance(held, int | float) else 0) + given


def _place_of(whole: dict[str, Any], key: str, make: bool) -> tuple[dict[str, Any] | None, str]:
    """The location of a key: at the top, or along a JSON path that starts with `$.`."""
    if not key.startswith("$."):
        return whole, key
    *path, last = key[2:].split(".")
    place = whole
    for name in path:
        inner = place.setdefault(name, {}) if make else place.get(name)
        if not isinstance(inner, dict):
            return None, last
        place = inner
    return place, last


def pause_queue(world: World, env: Environment, queue: Queue[Run], paused: bool) -> None:
    """Pause or resume a queue; running runs continue."""
    queue.paused = paused
    world.engine.pull(env, queue)


def override_limit(
    world: World, env: Environment, queue: Queue[Run], limit: int, percent: float | None
) -> None:
    """Another concurrency limit for a queue; 0 blocks it."""
    queue.override = limit
    queue.override_percent = percent
    queue.overridden_ms = world.now_ms
    world.engine.pull(env, queue)


def reset_limit(world: World, env: Environment, queue: Queue[Run]) -> None:
    """Back to the queue's own limit."""
    queue.override = queue.override_percent = queue.overridden_ms = None
    world.engine.pull(env, queue)


def pause_limit(world: World, env: Environment, limit: ConcurrencyLimit, paused: bool) -> None:
    """Hold every run that needs this limit, or no longer."""
    limit.paused = paused
    world.engine.pull_all(env)


def override_bounds(
    world: World, env: Environment, limit: ConcurrencyLimit, per_key: int | None, total: int | None
) -> None:
    """Override the given bounds of a limit; the others stay as they are."""
    for bound, value in ((limit.per_key, per_key), (limit.total, total)):
        if value is not None:
            bound.override, bound.overridden_ms = value, world.now_ms
    world.engine.pull_all(env)


def reset_bounds(world: World, env: Environment, limit: ConcurrencyLimit) -> None:
    """Back to the declared bounds; overrides of keys stay."""
    for bound in (limit.per_key, limit.total):
        bound.override = bound.overridden_ms = None
    world.engine.pull_all(env)


def override_key(
    world: World,
    env: Environment,
    limit: ConcurrencyLimit,
    key: str,
    override: tuple[int, int] | None,
) -> None:
    """Another bound for one concurrency key until a time, or none any more."""
    if override is None:
        limit.key_overrides.pop(key, None)
    else:
        limit.key_overrides[key] = override
        world.later(override[1], partial(world.engine.pull_all, env))
    world.engine.pull_all(env)


def pause_environment(world: World, env: Environment, paused: bool) -> None:
    """Pause or resume a whole environment; running runs continue."""
    env.paused = paused
    world.engine.pull_all(env)


def make_schedule(world: World, env: Environment, task_id: str, expression: str) -> Schedule:
    """A schedule that is created through the API; it is not planned yet."""
    env.made += 1
    seed = mix(env.seed, 98, env.made)
    schedule = Schedule(f"sched_{friendly(seed)}", task_id, expression, "IMPERATIVE")
    schedule.created_ms = world.now_ms
    env.schedules[schedule.id] = schedule
    return schedule


def plan_schedule(world: World, env: Environment, schedule: Schedule, after_ms: int) -> None:
    """Plan the first start after a time; what was planned before is void."""
    schedule.generation += 1
    due_ms = schedule.next_after(after_ms)
    world.later(
        due_ms, partial(_start_scheduled, world, env, schedule, due_ms, schedule.generation)
    )


def _start_scheduled(
    world: World, env: Environment, schedule: Schedule, due_ms: int, generation: int
) -> None:
    if env.schedules.get(schedule.id) is not schedule or schedule.generation != generation:
        return
    if schedule.active:
        seed = mix(env.seed, 3, due_ms // MINUTE_MS, seed_of(schedule.id))
        spawn = Spawn(schedule.task_id, seed, schedule=schedule, created_ms=due_ms)
        world.engine.trigger(env, spawn)
    plan_schedule(world, env, schedule, due_ms)
