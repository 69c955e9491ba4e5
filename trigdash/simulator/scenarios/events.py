"""Play the events of a scenario and log them."""

from collections.abc import Callable
from functools import partial

from trigdash.simulator.scenarios.arrivals import trigger_batch, trigger_one
from trigdash.simulator.world.deployments import deploy
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.ids import mix, seed_of
from trigdash.simulator.world.runs import Run, Sent
from trigdash.simulator.world.scenario import LogEntry, ScenarioEvent
from trigdash.simulator.world.timeline import MINUTE_MS
from trigdash.simulator.world.world import World

# Ids that the log names for one event.
_NAMED = 5


def plan(world: World) -> None:
    """Put the scenario's events on the calendar."""
    for moment in world.scenario.events:
        env = world.environments[moment.env] if moment.env else world.env
        due_ms = world.start_ms + int(moment.at_min * MINUTE_MS)
        world.later(due_ms, partial(happen, world, env, moment))


def happen(world: World, env: Environment, moment: ScenarioEvent) -> None:
    """Play one event."""
    ids = _KINDS[moment.what](world, env, moment)
    world.log.append(LogEntry(moment.at_min, env.slug, _text(moment), tuple(ids)[:_NAMED]))


def _text(moment: ScenarioEvent) -> str:
    if moment.note:
        return moment.note
    count = f" × {moment.number}" if moment.number > 1 else ""
    return f"{moment.what} {moment.name}{count}".strip()


def outlook(world: World) -> list[LogEntry]:
    """The log so far, the events to come, and the incidents, by time."""
    entries = list(world.log)
    now_min = (world.now_ms - world.start_ms) / MINUTE_MS
    entries += [
        LogEntry(moment.at_min, moment.env or world.main_env, _text(moment))
        for moment in world.scenario.events
        if moment.at_min > now_min
    ]
    for incident in world.scenario.incidents:
        cause = incident.fault
        words = f"{incident.share:.0%} of the attempts of {incident.task} throw {cause.name}: "
        entries.append(LogEntry(incident.from_min, world.main_env, words + cause.message))
    return sorted(entries, key=lambda entry: entry.at_min)


def _seed(env: Environment, moment: ScenarioEvent) -> int:
    return mix(env.seed, 4, int(moment.at_min * 1000), moment.number, seed_of(moment.name))


def _deploy(world: World, env: Environment, moment: ScenarioEvent) -> list[str]:
    return [deploy(world, env, world.now_ms).version]


def _batch(world: World, env: Environment, moment: ScenarioEvent) -> list[str]:
    batch = trigger_batch(world, env, moment.name, moment.number, _seed(env, moment))
    return [batch.id]


def _trigger(world: World, env: Environment, moment: ScenarioEvent) -> list[str]:
    return [
        _one(world, env, moment, mix(_seed(env, moment), n), n).id for n in range(moment.number)
    ]


def _one(world: World, env: Environment, moment: ScenarioEvent, seed: int, n: int) -> Run:
    extra = moment.extra
    changes: dict[str, object] = {"is_test": extra.test, "stall": extra.stall}
    changes["delay_until_ms"] = (
        world.now_ms + int(extra.delay_min * MINUTE_MS) if extra.delay_min else None
    )
    if extra.ttl is not None:
        changes["ttl"] = extra.ttl
    if extra.key is not None:
        changes["concurrency_key"] = extra.key
    if extra.tags:
        changes["tags"] = extra.tags
    if extra.queue is not None:
        changes["queue"] = extra.queue.format(n=n + 1)
    run = trigger_one(world, env, moment.name, seed, **changes)
    if extra.output_bytes:
        run.output = Sent(_large_json(extra.output_bytes))
    return run


def _large_json(size: int) -> str:
    """A JSON list of rows of at least `size` bytes."""
    rows, length, number = [], 0, 0
    while length < size:
        row = (
            f'{{"id":{number},"sku":"sku_{number * 7919 % 1_000_000:06d}","level":{number % 997}}}'
        )
        rows.append(row)
        length += len(row) + 1
        number += 1
    return f"[{','.join(rows)}]"


def _pause(world: World, env: Environment, moment: ScenarioEvent) -> list[str]:
    queue = env.queue(moment.name)
    queue.paused = moment.what == "pause"
    world.engine.pull(env, queue)
    return [queue.id]


def _limit(world: World, env: Environment, moment: ScenarioEvent) -> list[str]:
    queue = env.queue(moment.name)
    queue.override, queue.overridden_ms = moment.number, world.now_ms
    world.engine.pull(env, queue)
    return [queue.id]


def _environment(world: World, env: Environment, moment: ScenarioEvent) -> list[str]:
    if moment.what == "environment limit":
        env.limits.concurrency = moment.number
    else:
        env.paused = moment.what == "pause environment"
    world.engine.pull_all(env)
    return [env.id]


def _queues(world: World, env: Environment, moment: ScenarioEvent) -> list[str]:
    """Many queues, a few of them with a limit of one."""
    width = len(str(moment.number))
    names = [f"{moment.name}-{n:0{width}d}" for n in range(1, moment.number + 1)]
    return [env.queue(name, None if n % 3 else 1).id for n, name in enumerate(names)]


_KINDS: dict[str, Callable[[World, Environment, ScenarioEvent], list[str]]] = {
    "deploy": _deploy,
    "batch": _batch,
    "trigger": _trigger,
    "pause": _pause,
    "resume": _pause,
    "limit": _limit,
    "queues": _queues,
    "pause environment": _environment,
    "resume environment": _environment,
    "environment limit": _environment,
}
