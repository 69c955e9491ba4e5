"""A scenario in words: what happens at which minute, to which ids, and what the world then
contains.

The same seed gives the same ids, so that people and tests can go straight to them.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from trigdash.simulator.scenarios.events import history
from trigdash.simulator.scenarios.plants import plants_of
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.scenario import Plant
from trigdash.simulator.world.statuses import shown
from trigdash.simulator.world.world import World


def describe(world: World) -> str:
    """The whole description, a line for each fact."""
    return "\n".join(_lines(world))


def describe_data(world: World) -> dict[str, Any]:
    """The scenario as data: what happened, and what it planted."""
    return {
        "scenario": world.scenario.name,
        "summary": world.scenario.summary,
        "seed": world.seed,
        "serverVersion": world.version,
        "plants": [_plant(plant) for plant in plants_of(world)],
        "log": [
            {
                "atMin": entry.at_min, "env": entry.env, "text": entry.text,
                "ids": list(entry.ids),
            }
            for entry in history(world)
        ],
    }  # fmt: skip


def _plant(plant: Plant) -> dict[str, Any]:
    body: dict[str, Any] = {
        "code": plant.code, "subject": plant.subject, "kind": plant.kind, "env": plant.env,
        "atMin": round(plant.at_min, 2),
    }  # fmt: skip
    if plant.note:
        body["note"] = plant.note
    return body | dict(plant.facts)


def _lines(world: World) -> Iterator[str]:
    scenario = world.scenario
    yield f"{scenario.name}: {scenario.summary}"
    flow = f"a new run each {scenario.interval_s:g} s"
    yield f"seed {world.seed}, {flow}, {scenario.history_days:g} days of history"
    yield ""
    yield "minute  where    what"
    for entry in history(world):
        yield f"{entry.at_min:6g}  {entry.env:<7}  {entry.text}"
        for name in entry.ids:
            yield f"{'':17}{name}"
    yield ""
    for plant in plants_of(world):
        yield f"plant {plant.code}: {plant.subject} ({plant.env})"
    for env in world.environments.values():
        yield from _environment(env)


def _environment(env: Environment) -> Iterator[str]:
    counts = Counter(shown(run.status, True) for run in env.runs.all)
    told = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    state = "paused, " if env.paused else ""
    places = f"{env.running} of {env.limits.concurrency}"
    yield f"{env.slug}: {state}{places} at work, {len(env.runs)} runs"
    yield f"  {told}"
    for queue in env.queues.values():
        if queue.paused or queue.override is not None or queue.waiting_count:
            limit = "no limit" if queue.limit is None else f"limit {queue.limit}"
            paused = ", paused" if queue.paused else ""
            load = f"{queue.waiting_count} waiting, {queue.running} at work"
            yield f"  queue {queue.name}: {load}, {limit}{paused}"
