"""Payloads, outputs, metadata, errors and tags, generated from a run's seed on demand.

Templates hold `{…}` placeholders: `{n:50}` a number below 50, `{hex}` eight hex digits, `{user}` a
name, `{pick:a|b}` one of some words, `{progress}` a percentage of the run's work done, `{tag:org_}`
the run's tag with that prefix. A text that is a single numeric placeholder becomes a number.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from trigdash.simulator.world.ids import mix
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.schedules import Schedule
from trigdash.simulator.world.tasks import TaskError
from trigdash.simulator.world.texts import iso, read_json

_HOLE = re.compile(r"\{(n|hex|user|pick|progress|tag)(?::([^{}]*))?\}")
_NAMES = (
    "ada",
    "ben",
    "chloe",
    "dan",
    "eva",
    "finn",
    "gita",
    "hugo",
    "ines",
    "jonas",
    "kim",
    "leo",
)


@cache
def _holes(template: str) -> tuple[bool, tuple[re.Match[str], ...]]:
    """The holes of a template, and whether it is one number and nothing else."""
    holes = tuple(_HOLE.finditer(template))
    alone = len(holes) == 1 and holes[0][0] == template and holes[0][1] in {"n", "progress"}
    return alone, holes


def fill(template: object, seed: int, progress: int = 100, own_tags: Sequence[str] = ()) -> Any:
    """A template with its holes filled; the same seed gives the same text."""
    if isinstance(template, Mapping):
        return {
            key: fill(value, mix(seed, n), progress, own_tags)
            for n, (key, value) in enumerate(template.items())
        }
    if isinstance(template, list):
        return [fill(value, mix(seed, n), progress, own_tags) for n, value in enumerate(template)]
    if not isinstance(template, str) or "{" not in template:
        return template
    alone, holes = _holes(template)
    if alone:
        return int(_fill_hole(holes[0], seed, progress, own_tags))
    text, end = "", 0
    for hole in holes:
        filled = _fill_hole(hole, mix(seed, hole.start()), progress, own_tags)
        text += template[end : hole.start()] + filled
        end = hole.end()
    return text + template[end:]


def _fill_hole(hole: re.Match[str], seed: int, progress: int, own_tags: Sequence[str]) -> str:
    kind, argument = hole[1], hole[2] or ""
    if kind == "n":
        return str(seed % max(1, int(argument)))
    if kind == "hex":
        return f"{seed & 0xFFFFFFFF:08x}"
    if kind == "user":
        return _NAMES[seed % len(_NAMES)]
    if kind == "progress":
        return str(progress)
    if kind == "tag":
        fitting = (tag for tag in own_tags if tag.startswith(argument))
        return next(fitting, f"{argument}{seed % 40}")
    words = argument.split("|")
    return words[seed % len(words)]


def payload(run: Run) -> Any:
    """The payload as retrieve shows it; `ABSENT` without one."""
    if run.payload is not None:
        return read_packet(run.payload.text, run.payload.kind)
    if run.schedule is not None:
        return schedule_payload(run, run.schedule)
    if run.task is None:
        return ABSENT
    return fill(run.task.payload, run.content_seed(), own_tags=run.tags)


def schedule_payload(run: Run, schedule: Schedule) -> dict[str, Any]:
    """The payload of a scheduled run (recorded)."""
    upcoming, moment = [], run.created_ms
    last_ms = schedule.last_before(run.created_ms)
    for _ in range(10):
        moment = schedule.next_after(moment)
        upcoming.append(iso(moment))
    return {
        "scheduleId": schedule.id,
        "type": schedule.kind,
        "timestamp": iso(run.created_ms),
        "lastTimestamp": None if last_ms is None else iso(last_ms),
        "externalId": schedule.external_id,
        "timezone": schedule.timezone,
        "upcoming": upcoming,
    }


ABSENT: Any = object()


def read_packet(text: str, kind: str) -> Any:
    """A stored packet as the API shows it: JSON, the plain half of super+json, or the text."""
    if kind not in {"application/json", "application/super+json"}:
        return text
    try:
        value = read_json(text)
    except ValueError:
        return text
    if kind == "application/super+json" and isinstance(value, dict) and "json" in value:
        return value["json"]
    return value


def output(run: Run) -> Any:
    """The output of a completed run; `ABSENT` without one."""
    if run.status != "COMPLETED_SUCCESSFULLY":
        return ABSENT
    if run.output is not None:
        return read_packet(run.output.text, run.output.kind)
    template = run.task.output if run.task else None
    return ABSENT if template is None else fill(template, mix(run.content_seed(), 2))


def metadata(run: Run, now_ms: int) -> dict[str, Any] | None:
    """The metadata: what clients set, or the task's own, which follows its progress."""
    if run.metadata is not None:
        return run.metadata
    template = run.task.metadata if run.task else None
    if template is None or run.started_ms is None:
        return None
    return fill(template, mix(run.content_seed(), 3), progress_percent(run, now_ms))  # type: ignore[no-any-return]


def progress_percent(run: Run, now_ms: int) -> int:
    """How much of its work a run has done."""
    if run.status == "COMPLETED_SUCCESSFULLY":
        return 100
    plan = run.plan
    if plan is None:
        return 60 if run.is_final else 0
    done_ms = plan.done_ms + (now_ms - plan.resumed_ms if plan.resumed_ms else 0)
    return min(99, 100 * done_ms // max(1, plan.total_ms))


def fault(run: Run, number: int) -> TaskError:
    """The fault behind the number that a run keeps."""
    faults = (*(run.task.faults if run.task else ()), *run.env.extra_faults)
    return faults[number] if number < len(faults) else TaskError("Error", "Task failed", "run")


def error(run: Run, number: int | str | None = None) -> dict[str, str] | None:
    """The error as retrieve shows it: name, message and stack, or only a message (recorded)."""
    code = run.error if number is None else number
    if code is None:
        return None
    if isinstance(code, str):
        internal = code.isupper()
        return {"message": f"trigger.dev internal error ({code})" if internal else code}
    cause = fault(run, code)
    message = str(fill(cause.message, run.content_seed()))
    if cause.thrown != "error":
        return {"message": message}
    return {"name": cause.name, "message": message, "stackTrace": _stack(run, cause, message)}


def causes(run: Run) -> dict[str, Any]:
    """The chain of errors behind a run's error, as `causes`; nothing without one."""
    if not isinstance(run.error, int):
        return {}
    cause = fault(run, run.error)
    chain = [
        {
            "name": name,
            "message": str(fill(message, run.content_seed())),
            "stackTrace": f"{name}: {message}\n    at connect (node:internal/net:1300:16)",
        }
        for name, message in cause.causes
    ]
    return {"causes": chain} if chain else {}


def _stack(run: Run, cause: TaskError, message: str) -> str:
    file = run.task.file if run.task else "src/trigger/task.ts"
    line = 20 + mix(len(cause.place), len(cause.name)) % 90
    return (
        f"{cause.name}: {message}\n"
        f"    at {cause.place} (file:///app/{file}:{line}:{line % 17 + 3})\n"
        f"    at run (file:///app/{file}:{line % 19 + 8}:5)\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)"
    )


def tags(templates: tuple[str, ...], seed: int) -> tuple[str, ...]:
    """A new run's tags."""
    if not templates:
        return ()
    return tuple(fill(template, mix(seed, 50 + n)) for n, template in enumerate(templates))
