"""Where runs come from: the history before the start, the flow after it, and schedules."""

import math
from array import array
from functools import partial
from itertools import accumulate
from random import Random

from trigdash.simulator.world import actions, content
from trigdash.simulator.world.deployments import deploy, finish, order
from trigdash.simulator.world.environments import Environment, Spawn
from trigdash.simulator.world.ids import mix
from trigdash.simulator.world.plan import unit
from trigdash.simulator.world.records import BUILD_MS
from trigdash.simulator.world.runs import Batch, Run
from trigdash.simulator.world.schedules import Schedule
from trigdash.simulator.world.world import World

_DAY_MS = 86_400_000
# No version of the history became current later than so long before the start.
_QUIET_MS = 3 * 3_600_000
_HOUR_MS = 3_600_000
_MINUTE_MS = 60_000
# How many runs of each schedule the history holds, at most two days of them.
_SCHEDULED_RUNS = 72
MOST_WAITING = 5_000
"""Runs that wait in a queue when what arrives after the start is refused."""
# An arrival makes more than one run: batches and children follow from it.
_ARRIVALS_PER_RUN = 0.72


def populate(world: World, env: Environment, runs: int) -> None:
    """Fill an environment's calendar: versions, about `runs` runs of history, and what follows."""
    oldest_ms = world.start_ms - int(world.scenario.history_days * _DAY_MS)
    _deploy_history(world, env, oldest_ms)
    if runs:
        flow = Flow(world, env, runs, oldest_ms)
        flow.schedule_next()
        for task in env.tasks.values():
            if task.cron:
                schedule = Schedule.declared(task, env.seed)
                env.schedules[schedule.id] = schedule
                first_ms = (
                    world.start_ms - min(_SCHEDULED_RUNS * schedule.every_min, 2_880) * _MINUTE_MS
                )
                actions.plan_schedule(world, env, schedule, first_ms)
    if env is world.env:
        env.extra_faults = tuple(incident.fault for incident in world.scenario.incidents)


class Flow:
    """The stream of new runs of one environment."""

    def __init__(self, world: World, env: Environment, runs: int, oldest_ms: int):
        self.world = world
        self.env = env
        self.rng = Random(mix(env.seed, 1))
        self.count = 0
        scenario = world.scenario
        share = 1.0 if env is world.env else 0.08
        self.interval_ms = scenario.interval_s * 1000 / share
        self.times = self._history(runs, oldest_ms)
        weights = {
            task.id: scenario.weights.get(task.id, task.weight) for task in env.tasks.values()
        }
        self.names = [name for name, weight in weights.items() if weight]
        self.weights = list(accumulate(weights[name] for name in self.names))

    def _history(self, runs: int, oldest_ms: int) -> "array[int]":
        """Arrival times: recently as often as now, before that in a daily rhythm."""
        world, rng = self.world, self.rng
        scenario = world.scenario
        room = scenario.recent_hours * _HOUR_MS / self.interval_ms
        arrivals = round(runs * _ARRIVALS_PER_RUN)
        recent = int(min(arrivals * scenario.recent_share, room))
        recent_ms = int(recent * self.interval_ms)
        times = [world.start_ms - rng.randrange(recent_ms) for _ in range(recent)] if recent else []
        last_ms = world.start_ms - recent_ms
        while len(times) < arrivals:
            moment = rng.randrange(oldest_ms, last_ms)
            hours = (moment - world.start_ms) / _HOUR_MS
            if rng.random() < 0.55 + 0.45 * math.cos(hours / 24 * math.tau):
                times.append(moment)
        return array("q", sorted(times))

    def schedule_next(self) -> None:
        """Put the next arrival on the calendar."""
        if self.count < len(self.times):
            due_ms = self.times[self.count]
        else:
            gap_ms = self.rng.expovariate(1) * self.interval_ms / self.world.pace
            due_ms = self.world.now_ms + max(1, int(gap_ms))
            due_ms = max(due_ms, self.world.start_ms)
        self.world.later(due_ms, self._arrive)

    def _arrive(self) -> None:
        self.count += 1
        seed = mix(self.env.seed, 2, self.count)
        self.schedule_next()
        task_id = self.rng.choices(self.names, cum_weights=self.weights)[0]
        task = self.env.tasks[task_id]
        is_full = self.env.queue(task.queue_name).waiting_count >= MOST_WAITING
        if is_full and self.count > len(self.times):
            return  # refused, as by a server whose queue is full
        if task.batched and unit(seed, 30) < self._batch_share(task.batched):
            low, high = task.batched
            trigger_batch(self.world, self.env, task_id, low + seed % (high - low + 1), seed)
            return
        trigger_one(self.world, self.env, task_id, seed)

    def _batch_share(self, sizes: tuple[int, int]) -> float:
        """The share of the batched task's arrivals that are a whole batch."""
        weight = self.weights[-1]
        return min(0.5, self.interval_ms * weight / 9 / (self.world.scenario.batch_every_s * 1000))


def _deploy_history(world: World, env: Environment, oldest_ms: int) -> None:
    """One or two versions a day up to now, and later ones as the scenario says."""
    moment = oldest_ms - _DAY_MS
    number = 0
    while moment < world.start_ms - _QUIET_MS:
        number += 1
        deploy(world, env, moment)
        moment += int(_DAY_MS * (0.4 + 0.5 * unit(env.seed, 300 + number)))
    every_min = world.scenario.deploy_every_min
    if every_min and env is world.env:
        first_ms = world.start_ms - int(every_min * 0.4 * _MINUTE_MS)
        world.later(first_ms, partial(_deploy_again, world, env, int(every_min * _MINUTE_MS)))


def _deploy_again(world: World, env: Environment, every_ms: int) -> None:
    """Start a build; when it is ready, its version becomes current."""
    release = order(env, world.now_ms)
    ready_ms = world.now_ms + BUILD_MS
    world.later(ready_ms, partial(finish, world, env, release))
    world.later(world.now_ms + every_ms, partial(_deploy_again, world, env, every_ms))


def trigger_one(world: World, env: Environment, task_id: str, seed: int, **changes: object) -> Run:
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
    if _shared(luck >> 50, 0.01) and spawn.stall is None:
        world.always(world.now_ms + 4_000, world.engine.cancel_waiting, run)
    return run


def _shared(luck: int, share: float) -> bool:
    """Whether ten bits of luck fall into a share."""
    return (luck & 1023) < share * 1024


def trigger_batch(world: World, env: Environment, task_id: str, count: int, seed: int) -> Batch:
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
