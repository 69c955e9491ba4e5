"""What a scenario planted, as the truth that "why" and "what now" are tested against."""

from collections.abc import Iterator

from trigdash.simulator.world.error_groups import fingerprint_of
from trigdash.simulator.world.scenario import Incident, Plant
from trigdash.simulator.world.schedules import Schedule
from trigdash.simulator.world.timeline import MINUTE_MS
from trigdash.simulator.world.world import World

RECENT_MIN = 60
"""How long a change counts as recent, in minutes."""


def plants_of(world: World) -> list[Plant]:
    """All plants up to now, by time."""
    found = [*world.plants, *_promotions(world)]
    for number, incident in enumerate(world.scenario.incidents):
        if incident.from_min <= world.now_min < incident.to_min:
            found += _consequences(world, incident, number)
    return sorted(found, key=lambda plant: (plant.at_min, plant.code))


def _promotions(world: World) -> Iterator[Plant]:
    """Versions that became current lately."""
    for deployment in world.env.deployments:
        at_min = (deployment.since_ms - world.start_ms) / MINUTE_MS
        if world.now_min - RECENT_MIN <= at_min <= world.now_min:
            note = "this version became the current one"
            yield Plant("promoted", deployment.version, "deployment", world.main_env, at_min, note)


def _consequences(world: World, incident: Incident, number: int) -> Iterator[Plant]:
    """A task that fails more than usual, its error, and the schedule whose runs fail."""
    env, slug = world.env, world.main_env
    task = env.tasks.get(incident.task)
    own = len(task.faults) if task else 0
    hit = [
        run
        for run in env.runs.all
        if run.task_id == incident.task and run.error == own + number and run.is_final
    ]
    if not hit:
        return
    error = f"error_{fingerprint_of(hit[0])}"
    facts: dict[str, object] = {"error": error, "step": incident.fault.at}
    if incident.when is not None:
        facts["separates"] = {"field": incident.when[0], "values": list(incident.when[1])}
    at_min = incident.from_min
    yield Plant("failing_more_than_usual", incident.task, "task", slug, at_min, facts=facts)
    if incident.is_new:
        version = env.deployment_at(hit[0].created_ms)
        facts = facts | {"task": incident.task, "version": version and version.version}
        yield Plant("error_new_in_deployment", error, "error", slug, at_min, facts=facts)
    if incident.schedule:
        for schedule in _schedules(world, incident.task):
            yield Plant("schedule_failed", schedule.id, "schedule", slug, at_min)


def _schedules(world: World, task_id: str) -> list[Schedule]:
    return [each for each in world.env.schedules.values() if each.task_id == task_id]
