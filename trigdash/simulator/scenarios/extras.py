"""What a project has besides its flow of runs.

An error of each kind some days ago, and on servers from 4.8 on sessions, a prompt and an alert.
"""

from collections.abc import Iterator
from functools import partial

from trigdash.simulator.scenarios.arrivals import trigger_one
from trigdash.simulator.world.engine import runs_out_of_memory
from trigdash.simulator.world.ids import friendly, mix
from trigdash.simulator.world.records import Alert, Prompt, PromptVersion, Session, session_id
from trigdash.simulator.world.timeline import MINUTE_MS
from trigdash.simulator.world.world import World

_HOUR_MS = 60 * MINUTE_MS
_SESSION_TASK = "moderate-comment"
_PROMPTS = (
    "You answer {{name}} politely about {{topic}}.",
    "You answer {{name}} politely and briefly about {{topic}}.",
)
_CHANNEL = {"type": "channel", "channelId": "channel_ops"}


# Before the week that is usual is taken from, so that no share of failures changes.
_PAST_MS = 204 * _HOUR_MS
_APART_MS = 4 * MINUTE_MS


def add_past_errors(world: World) -> None:
    """Let each error of the main environment's tasks occur once, some days ago."""
    for number, (task_id, outcome) in enumerate(_outcomes(world)):
        due_ms = world.start_ms - _PAST_MS + number * _APART_MS
        world.later(due_ms, partial(_fail, world, task_id, outcome, number))


def _outcomes(world: World) -> Iterator[tuple[str, int | str]]:
    """Tasks with the numbers of their faults, and the other bad outcomes that they can have."""
    for task in world.env.tasks.values():
        if task in world.scenario.tasks:
            continue  # nothing but the scenario's own events triggers it
        for number in range(len(task.faults)):
            yield task.id, number
        yield task.id, "system"
        if task.timeout:
            yield task.id, "timeout"
        if task.crash:
            yield task.id, "crash"
            yield task.id, "crash"


def _fail(world: World, task_id: str, outcome: int | str, number: int) -> None:
    seed = mix(world.env.seed, 8, number)
    # Two crashes in a row are of both kinds.
    while outcome == "crash" and runs_out_of_memory(seed) == (number % 2 == 0):
        seed = mix(seed, 1)
    changes: dict[str, object] = {"delay_until_ms": None, "ttl": None}
    schedules = (each for each in world.env.schedules.values() if each.task_id == task_id)
    schedule = next(schedules, None)
    if schedule is not None:
        changes |= {"schedule": schedule, "created_ms": schedule.last_before(world.now_ms)}
    run = trigger_one(world, world.env, task_id, seed, **changes)
    world.forced_outcomes[run.id] = outcome


def add_extras(world: World) -> None:
    """Sessions, a prompt with two versions, and an alert that is clear, in the main environment."""
    _add_sessions(world)
    _add_prompt(world)
    add_alert(world, "queues.backlog", "Backlog of mail", "task/send-email", 200)


def _add_sessions(world: World) -> None:
    env, now_ms = world.env, world.now_ms
    runs = [run for run in env.runs.all if run.task_id == _SESSION_TASK][-3:]
    for number, run in enumerate(runs):
        name = session_id(run.created_ms - world.start_ms, number, mix(env.seed, 96, number))
        session = Session(
            name, "chat.agent", _SESSION_TASK, {"basePayload": {"room": number}, "tags": []},
            run.created_ms - 5 * MINUTE_MS, run.created_ms, f"room-{number + 1}",
            [f"room:{number + 1}"], {"language": "en"}, now_ms + 24 * _HOUR_MS, run=run,
        )  # fmt: skip
        if not number:
            session.closed_ms, session.closed_reason = run.created_ms + MINUTE_MS, "completed"
        world.sessions.setdefault(env.id, {})[session.id] = session


def _add_prompt(world: World) -> None:
    made_ms = world.start_ms - 48 * _HOUR_MS
    versions = [
        PromptVersion(number, text, "example-model", made_ms + number * _HOUR_MS)
        for number, text in enumerate(_PROMPTS, 1)
    ]
    seed = mix(world.env.seed, 97)
    prompt = Prompt(
        f"prompt_{friendly(seed)}", "support-reply", "Reply to a customer", "example-model",
        versions,
    )  # fmt: skip
    world.prompts[world.env.id] = {prompt.slug: prompt}


def add_alert(world: World, capability: str, name: str, queue: str, value: int) -> Alert:
    """An alert on a queue of the main environment."""
    now_ms = world.now_ms
    made_ms = now_ms - 24 * _HOUR_MS
    alert_id = f"alert_{friendly(mix(world.seed, 95, len(world.alerts)))}"
    alert = Alert(
        alert_id, world.env, capability, {"scope": {"type": "queue", "queue": queue}},
        {"kind": "threshold", "operator": ">", "value": value, "windowSec": 300},
        made_ms, made_ms, name, [_CHANNEL],
    )  # fmt: skip
    alert.add_event("created", made_ms, {})
    world.alerts[alert.id] = alert
    return alert
