"""How runs are born of the outside world: one by one and in batches, with believable options."""

from typing import TYPE_CHECKING

from trigdash.simulator import content
from trigdash.simulator.batches import Batch
from trigdash.simulator.environments import Environment, Spawn
from trigdash.simulator.ids import mix
from trigdash.simulator.plan import unit
from trigdash.simulator.runs import Run

if TYPE_CHECKING:
    from trigdash.simulator.world import World


def trigger_one(
    world: "World", env: Environment, task_id: str, seed: int, **changes: object
) -> Run:
    """One run as the outside world triggers it."""
    task = env.tasks.get(task_id)
    spawn = Spawn(task_id, seed)
    luck = mix(seed, 31)
    if task is not None:
        spawn.tags = tuple(sorted(content.tags(task.tags, seed)))
        if task.ttl and _shared(luck, task.ttl_share):
            spawn.ttl = task.ttl
        if task.keyed:
            spawn.concurrency_key = spawn.tags[-1] if spawn.tags else None
    spawn.is_test = _shared(luck >> 10, 0.01)
    if _shared(luck >> 20, 0.12):
        spawn.region = "eu-central-1"
    if _shared(luck >> 30, 0.008):
        spawn.delay_until_ms = world.now_ms + int(60_000 * (1 + 30 * unit(seed, 35)))
    if _shared(luck >> 40, 0.02):
        spawn.priority_ms = 10_000
    for name, value in changes.items():
        setattr(spawn, name, value)
    run = world.engine.trigger(env, spawn)
    # Somebody cancels a few of the runs that still wait.
    if _shared(luck >> 50, 0.01) and spawn.habit is None:
        world.always(world.now_ms + 4_000, world.engine.cancel_waiting, run)
    return run


def _shared(luck: int, share: float) -> bool:
    """Whether ten bits of luck fall into a share."""
    return (luck & 1023) < share * 1024


def trigger_batch(world: "World", env: Environment, task_id: str, count: int, seed: int) -> Batch:
    """A batch of runs, made by the streaming form."""
    batch = world.new_batch(env, "v3", count, seed)
    batch.sealed = True
    batch.processed_ms = world.now_ms
    for n in range(count):
        trigger_one(
            world, env, task_id, mix(seed, n), batch=batch, trigger_function="batchTrigger",
            delay_until_ms=None,
        )  # fmt: skip
    return batch
