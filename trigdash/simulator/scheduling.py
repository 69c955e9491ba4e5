"""Scheduled runs really start: each start plans the next one."""

from functools import partial
from typing import TYPE_CHECKING

from trigdash.simulator.environments import Environment, Spawn
from trigdash.simulator.ids import friendly, mix, seed_of
from trigdash.simulator.schedules import MINUTE_MS, Schedule

if TYPE_CHECKING:
    from trigdash.simulator.world import World


def make(world: "World", env: Environment, task_id: str, expression: str) -> Schedule:
    """A schedule that somebody makes through the API; it is not planned yet."""
    env.made += 1
    seed = mix(env.seed, 98, env.made)
    schedule = Schedule(f"sched_{friendly(seed)}", task_id, expression, "IMPERATIVE")
    schedule.created_ms = world.now_ms
    env.schedules[schedule.id] = schedule
    return schedule


def plan(world: "World", env: Environment, schedule: Schedule, after_ms: int) -> None:
    """Plan the first start after a time; what was planned before is void."""
    schedule.generation += 1
    due_ms = schedule.next_after(after_ms)
    world.later(due_ms, partial(_start, world, env, schedule, due_ms, schedule.generation))


def _start(
    world: "World", env: Environment, schedule: Schedule, due_ms: int, generation: int
) -> None:
    if env.schedules.get(schedule.id) is not schedule or schedule.generation != generation:
        return
    if schedule.active:
        seed = mix(env.seed, 3, due_ms // MINUTE_MS, seed_of(schedule.id))
        spawn = Spawn(schedule.task_id, seed, schedule=schedule, created_ms=due_ms)
        world.engine.trigger(env, spawn)
    plan(world, env, schedule, due_ms)
