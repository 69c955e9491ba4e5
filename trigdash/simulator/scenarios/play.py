"""Open a world on a scenario: play its history up to the start."""

from trigdash.simulator.scenarios.arrivals import populate
from trigdash.simulator.scenarios.catalog import CATALOG
from trigdash.simulator.scenarios.definitions import CALM
from trigdash.simulator.scenarios.events import schedule_events
from trigdash.simulator.scenarios.extras import add_extras, add_past_errors
from trigdash.simulator.world.scenario import Scenario
from trigdash.simulator.world.tasks import Task
from trigdash.simulator.world.world import World

# The history of the other environments: a share of the main one's runs, up to a maximum.
_OTHERS = {"prod": (0.2, 500), "stg": (0.2, 500), "dev": (0.1, 300), "preview": (0.05, 150)}


def open_world(
    now_ms: int,
    seed: int = 7,
    scenario: Scenario = CALM,
    runs: int = 2_000,
    speed: float = 1.0,
    env: str = "prod",
    tasks: dict[str, Task] | None = None,
    version: str = "4.8",
) -> World:
    """A world at its start, with about `runs` runs of history in the environment `env`.

    With 0 runs nothing happens on its own. `speed` divides durations from now on.
    """
    known = dict(CATALOG if tasks is None else tasks)
    known |= {task.id: task for task in scenario.tasks}
    world = World(now_ms, seed, scenario, known, env, version)
    for slug, each in world.environments.items():
        share, most = _OTHERS[slug]
        populate(world, each, runs if slug == env else min(most, round(runs * share)))
    if runs and scenario.past_errors:
        add_past_errors(world)
    if runs:
        schedule_events(world)
    first_ms = world.first_due_ms
    world.now_ms = now_ms if first_ms is None else first_ms
    world.advance(now_ms)
    if runs and version != "4.5":
        add_extras(world)
    _hasten(world, speed)
    for each in world.every_environment():
        each.keep()
    return world


def _hasten(world: World, speed: float) -> None:
    """Speed up everything from now on, including runs that already execute."""
    world.pace = speed
    for env in world.environments.values() if speed != 1 else ():
        for run in env.runs.all:
            if run.status == "EXECUTING":
                world.engine.hasten(run, speed)
