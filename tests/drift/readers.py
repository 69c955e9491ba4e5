"""What reads each recorded answer, and what both faces make of it.

A resource is covered as soon as it is registered: its operations say which recorded requests they
are, and the simulator answers beside.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tests.recorded import Recorded, all_recorded, successes_of
from tests.simulator.callers import Served
from trigdash.backends.operation import Operation
from trigdash.backends.operations.environments import dev_status
from trigdash.backends.operations.groups import batch_results
from trigdash.backends.operations.inputs import create_token, list_timezones
from trigdash.backends.operations.project import current_worker, promote
from trigdash.backends.operations.reports import health_report, raw_rows
from trigdash.backends.operations.runs import replay_run, takes_replay_changes, trace_page
from trigdash.backends.trigger import parsers
from trigdash.model.environment import (
    parse_access,
    parse_branches,
    parse_environments,
    parse_projects,
    parse_whoami_environment,
    parse_whoami_user,
)
from trigdash.model.listing import Listing
from trigdash.model.queue import QueuesPage
from trigdash.model.run import parse_triggered_run
from trigdash.model.run_page import parse_runs
from trigdash.model.run_row import RunsPage
from trigdash.presentation.cell import cell_text
from trigdash.presentation.field import plain
from trigdash.presentation.registry import RESOURCES, load_resource
from trigdash.presentation.resource import Resource

Parser = Callable[[bytes], Any]

NOW_MS = 1_795_400_000_000.0

BY_NAME: dict[Parser, tuple[str, ...]] = {
    parse_runs: ("runs_list", "project_runs_list", "ratelimit_headers"),
    parsers.parse_run: ("runs_get_v1", "runs_get_v3", "run_reschedule"),
    parsers.parse_trace: ("run_trace", "run_trace_pgstore"),
    parsers.parse_events: ("run_events", "run_events_pgstore"),
    parsers.parse_span: ("run_span", "run_span_pgstore"),
    parsers.parse_batch: ("batches_get", "batches_get_v1", "batches_get_v2"),
    parsers.parse_bulk: ("bulk_actions_get",),
    parsers.parse_bulks: ("bulk_actions_list",),
    parsers.parse_queue: (
        *("queues_get", "queues_pause", "queues_resume", "queues_override", "queues_reset"),
    ),
    parsers.parse_queues: ("queues_list",),
    parsers.parse_queue_metrics: ("queues_metrics",),
    parsers.parse_error_groups: ("errors_list",),
    parsers.parse_id: ("run_replay", "bulk_actions_create", "bulk_actions_abort"),
    parsers.parse_message: ("run_tags_post",),
    parsers.parse_rows: ("query",),
    parse_environments: ("project_environments",),
    parse_branches: ("project_branches",),
    parse_projects: ("projects_list",),
    parse_access: ("project_env_get",),
    parse_whoami_environment: ("whoami_v1",),
    parse_whoami_user: ("whoami_v2",),
    parse_triggered_run: ("task_trigger", "batches_v3_create"),
    raw_rows("").parser: ("query",),
    batch_results("any").parser: ("batch_results",),
    list_timezones().parser: ("timezones",),
    replay_run("any", {}).parser: ("run_replay",),
    promote("any").parser: ("deployments_promote",),
    create_token(None, None, None).parser: ("waitpoint_tokens_create",),
    load_resource("schedules").get("any").parser: (  # type: ignore[misc]
        *("schedules_create", "schedules_update", "schedules_activate", "schedules_deactivate"),
    ),
    load_resource("errors").get("any").parser: (  # type: ignore[misc]
        *("errors_resolve", "errors_ignore", "errors_unresolve"),
    ),
}
"""Parsers by the recorded operations that they read, beside what the registry tells."""


def _other_reads() -> tuple[Operation[Any], ...]:
    """Reads that belong to no resource."""
    root = next(run for run in _served().world.env.runs.all if run.is_final and not run.parent)
    pages = trace_page(root.id, None)
    return (health_report("1h"), current_worker(), dev_status(), takes_replay_changes(), pages)


@dataclass(frozen=True, slots=True)
class Reader:
    """A parser, the answers that it reads, and what its value is put to."""

    name: str
    parser: Parser
    bodies: tuple[bytes, ...]
    use: Callable[[Any], object]

    def within(self, longest: int) -> Reader:
        """The reader with its answers of at most so many bytes, a few in another form left out:
        a query may be answered as CSV."""
        bodies = tuple(body for body in self.bodies if len(body) <= longest and self._reads(body))
        assert bodies, self.name
        return replace(self, bodies=bodies)

    def _reads(self, body: bytes) -> bool:
        try:
            self.use(self.parser(body))
        except ValueError:
            return False
        return True


@cache
def readers(longest: int) -> tuple[Reader, ...]:
    """Every reader, with its answers of at most so many bytes."""
    return tuple(each.within(longest) for each in (*_of_resources(), *_by_name()))


def _by_name() -> Iterator[Reader]:
    for parser, operations in BY_NAME.items():
        bodies = tuple(answer.body for answer in successes_of(*operations))
        assert bodies, operations
        yield Reader(f"{operations[0]} {_word(parser)}", parser, bodies, repr)
    for operation in _other_reads():
        name = "/".join(operation.path[1:])
        yield Reader(name, operation.parser, _told(name, operation), repr)


def _word(parser: Parser) -> str:
    return f"by {parser.__module__.rpartition('.')[2]}.{parser.__name__}"


def _of_resources() -> Iterator[Reader]:
    for name in (*RESOURCES, "queues", "batches"):
        resource = load_resource(name)
        listed = resource.page(None)
        yield Reader(f"{name} list", listed.parser, _told(name, listed), _shown_rows(resource))
        if resource.get is not None:
            one = resource.get("any")
            if bodies := _recorded_for(one):
                yield Reader(f"{name} get", one.parser, bodies, _shown_one(resource))
        if resource.beside is not None:
            beside = resource.beside()
            yield Reader(f"{name} beside", beside.parser, _told(name, beside), repr)


def _told(name: str, operation: Operation[Any]) -> tuple[bytes, ...]:
    """Recorded answers of an operation, and the simulator's: some were never recorded."""
    simulated = asyncio.run(_simulated(operation))
    assert simulated, f"nobody answers for {name}"
    return (*_recorded_for(operation), simulated)


def _recorded_for(operation: Operation[Any]) -> tuple[bytes, ...]:
    return tuple(
        answer.body
        for answer in all_recorded()
        if answer.is_success
        and answer.data is not None
        and answer.method == operation.method
        and _is_path(answer, operation.path)
    )


def _is_path(answer: Recorded, steps: tuple[str, ...]) -> bool:
    asked = answer.path.strip("/").split("/")[1:]
    return len(asked) == len(steps) and all(
        step in (given, "any") or step.startswith("{")
        for step, given in zip(steps, asked, strict=True)
    )


@cache
def _served() -> Served:
    return Served(runs=60, version="4.8")


async def _simulated(operation: Operation[Any]) -> bytes:
    served = _served()
    names = {"{project}": served.world.project.ref, "{environment}": "prod"}
    path = "/api/" + "/".join(names.get(step, step) for step in operation.path)
    query = {key: names.get(value, value) for key, value in operation.params}
    who = "pat" if "projects" in operation.path else "prod"
    answer = await served(operation.method, path, who=who, query=query, body=operation.body)
    assert answer.status == 200, (path, answer.text)
    return answer.text.encode()


# What both faces make of it


def _shown_rows(resource: Resource[Any]) -> Callable[[Any], object]:
    show = _shown_one(resource)

    def use(listing: Listing[Any]) -> None:
        for row in listing.rows:
            show(row)

    return use


def _shown_one(resource: Resource[Any]) -> Callable[[Any], object]:
    def use(row: Any) -> None:
        assert isinstance(resource.key(row), str)
        for field in resource.fields:
            cell_text(field.cell(row, NOW_MS))
            plain(field.value(row))
            field.is_live and field.is_live(row)
        json.dumps(resource.record(row))
        resource.explanation(row, NOW_MS)
        resource.matches(row, "a -b status:c", NOW_MS)
        resource.opens and resource.opens(row)
        for action in resource.actions:
            if not action.on_list:
                action.disabled_reason(row)

    return use


@dataclass(frozen=True, slots=True)
class Rows:
    """A list that was read."""

    rows: tuple[Any, ...]
    unread: int
    """How many of its rows were counted as not read whole."""


def rows_of(value: Any) -> Rows | None:
    """The rows of a list; None for what is none."""
    match value:
        case Listing():
            return Rows(value.rows, value.unreadable)
        case RunsPage():
            return Rows(value.rows, len(value.odd))
        case QueuesPage():
            return Rows(value.data, len(value.odd))
    return None
