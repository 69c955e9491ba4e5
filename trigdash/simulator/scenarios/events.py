"""Play the events of a scenario, log them, and note what they plant."""

from collections.abc import Callable
from functools import partial

from trigdash.simulator.scenarios.arrivals import trigger_batch, trigger_one
from trigdash.simulator.scenarios.extras import add_alert
from trigdash.simulator.world import actions
from trigdash.simulator.world.deployments import deploy
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.ids import mix, seed_of
from trigdash.simulator.world.runs import Run, Sent
from trigdash.simulator.world.scenario import LogEntry, Plant, ScenarioEvent
from trigdash.simulator.world.timeline import MINUTE_MS
from trigdash.simulator.world.world import World

# Ids that the log names for one event.
_NAMED = 5
_PREFIXES = {
    "run_": "run", "alert_": "alert", "deployment_": "deployment", "queue_": "queue",
}  # fmt: skip
_KINDS_OF_EVENTS = {
    "pause": "queue", "limit": "queue", "pause limit": "limit", "deploy": "deployment",
    "pause environment": "environment", "environment limit": "environment",
    "disconnect": "environment",
}  # fmt: skip


def schedule_events(world: World) -> None:
    """Put the scenario's events on the calendar."""
    for event in world.scenario.events:
        env = world.environments[event.env] if event.env else world.env
        due_ms = world.start_ms + int(event.at_min * MINUTE_MS)
        world.later(due_ms, partial(play, world, env, event))


def play(world: World, env: Environment, event: ScenarioEvent) -> None:
    """Play one event."""
    ids = _PLAYERS[event.what](world, env, event)
    if not ids:
        return  # this server does not know such a thing
    world.log.append(LogEntry(event.at_min, env.slug, _text(event), tuple(ids)[:_NAMED]))
    for code, subject in event.plants:
        told = code if world.has_v2_queues else _before_limits(code, event)
        world.plants.append(_plant(env, event, told, subject or ids[-1]))


def _before_limits(code: str, event: ScenarioEvent) -> str:
    """What holds a run of a V1 queue where a limit would hold it on a newer server."""
    if code == "limit_full":
        return "queue_full" if event.extra.key is None else "key_full"
    return "limit_zero" if code == "limit_paused" else code


def _plant(env: Environment, event: ScenarioEvent, code: str, subject: str) -> Plant:
    prefix = next((kind for start, kind in _PREFIXES.items() if subject.startswith(start)), None)
    if subject in env.concurrency_limits:
        prefix = "limit"
    elif subject in env.queues or f"task/{subject}" in env.queues:
        prefix = "queue"
    kind = prefix or _KINDS_OF_EVENTS.get(event.what, "environment")
    return Plant(code, subject, kind, env.slug, event.at_min, _text(event))


def _text(event: ScenarioEvent) -> str:
    if event.note:
        return event.note
    count = f" × {event.number}" if event.number > 1 else ""
    return f"{event.what} {event.name}{count}".strip()


def history(world: World) -> list[LogEntry]:
    """The log so far, the events to come, and the incidents, by time."""
    entries = list(world.log)
    entries += [
        LogEntry(event.at_min, event.env or world.main_env, _text(event))
        for event in world.scenario.events
        if event.at_min > world.now_min
    ]
    for incident in world.scenario.incidents:
        cause = incident.fault
        which = f"{incident.share:.0%} of the attempts of {incident.task}"
        if incident.when is not None:
            name, values = incident.when
            which += f" with {name} {'|'.join(values)}"
        words = f"{which} throw {cause.name}: {cause.message}"
        entries.append(LogEntry(incident.from_min, world.main_env, words))
    return sorted(entries, key=lambda entry: entry.at_min)


def _seed(env: Environment, event: ScenarioEvent) -> int:
    return mix(env.seed, 4, int(event.at_min * 1000), event.number, seed_of(event.name))


def _deploy(world: World, env: Environment, event: ScenarioEvent) -> list[str]:
    return [deploy(world, env, world.now_ms).version]


def _batch(world: World, env: Environment, event: ScenarioEvent) -> list[str]:
    batch = trigger_batch(world, env, event.name, event.number, _seed(env, event))
    return [batch.id, *(run.id for run in batch.runs[-1:])]


def _trigger(world: World, env: Environment, event: ScenarioEvent) -> list[str]:
    return [_one(world, env, event, mix(_seed(env, event), n), n).id for n in range(event.number)]


def _one(world: World, env: Environment, event: ScenarioEvent, seed: int, n: int) -> Run:
    extra = event.extra
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
    if extra.external is not None:
        changes["external_deployment"] = extra.external
    if extra.queue is not None:
        changes["queue"] = extra.queue.format(n=n + 1)
    run = trigger_one(world, env, event.name, seed, **changes)
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


def _pause(world: World, env: Environment, event: ScenarioEvent) -> list[str]:
    queue = env.queue(event.name)
    actions.pause_queue(world, env, queue, event.what == "pause")
    return [queue.id]


def _limit(world: World, env: Environment, event: ScenarioEvent) -> list[str]:
    queue = env.queue(event.name)
    actions.override_limit(world, env, queue, event.number, None)
    return [queue.id]


def _pause_limit(world: World, env: Environment, event: ScenarioEvent) -> list[str]:
    limit = env.concurrency_limits.get(event.name)
    if limit is None:
        return []
    actions.pause_limit(world, env, limit, True)
    return [limit.name]


def _environment(world: World, env: Environment, event: ScenarioEvent) -> list[str]:
    if event.what == "environment limit":
        env.limits.concurrency = event.number
    elif event.what == "disconnect":
        env.worker_connected = False
    else:
        env.paused = event.what == "pause environment"
    world.engine.pull_all(env)
    return [env.id]


def _queues(world: World, env: Environment, event: ScenarioEvent) -> list[str]:
    """Many queues, a few of them with a limit of one."""
    width = len(str(event.number))
    names = [f"{event.name}-{n:0{width}d}" for n in range(1, event.number + 1)]
    return [env.queue(name, None if n % 3 else 1).id for n, name in enumerate(names)]


def _alert(world: World, env: Environment, event: ScenarioEvent) -> list[str]:
    """An alert on a queue that was triggered."""
    if not world.has_v2_queues:
        return []
    queue = env.queue(event.name)
    alert = add_alert(world, "queues.backlog", event.note, event.name, event.number)
    alert.add_event("triggered", world.now_ms, {"value": queue.waiting_count})
    return [alert.id]


_PLAYERS: dict[str, Callable[[World, Environment, ScenarioEvent], list[str]]] = {
    "alert": _alert,
    "deploy": _deploy,
    "batch": _batch,
    "trigger": _trigger,
    "pause": _pause,
    "resume": _pause,
    "limit": _limit,
    "pause limit": _pause_limit,
    "queues": _queues,
    "pause environment": _environment,
    "resume environment": _environment,
    "environment limit": _environment,
    "disconnect": _environment,
}
