"""Parsers of answers; a model is loaded when its first answer arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trigdash.model.plain_run_page import plain_page

if TYPE_CHECKING:
    from trigdash.model.batch import Batch
    from trigdash.model.bulk import BulkAction
    from trigdash.model.environment import (
        Branch,
        Environment,
        EnvironmentAccess,
        Project,
        WhoamiEnvironment,
        WhoamiUser,
    )
    from trigdash.model.error_group import ErrorGroupsPage
    from trigdash.model.event import EventLog
    from trigdash.model.queue import Queue, QueueMetrics, QueuesPage
    from trigdash.model.run import Run, TriggeredRun
    from trigdash.model.run_row import RunsPage
    from trigdash.model.span import SpanDetail
    from trigdash.model.trace import Trace


def parse_id(body: bytes) -> str:
    from trigdash.backends.trigger import answers

    return answers.parse_id(body)


def parse_message(body: bytes) -> str:
    from trigdash.backends.trigger import answers

    return answers.parse_message(body)


def parse_done(body: bytes) -> None:
    """Ignores the body, since a success status suffices."""


def parse_rows(body: bytes) -> list[dict[str, Any]]:
    from trigdash.backends.trigger import answers

    return answers.parse_rows(body)


def parse_runs(body: bytes) -> RunsPage:
    """A page of slim rows, newest first. Raises ValueError if the body does not fit."""
    plain = plain_page(body)
    if plain is not None:
        return plain
    from trigdash.model import run_page

    return run_page.parse_runs(body)


def parse_run(body: bytes) -> Run:
    from trigdash.model import run

    return run.parse_run(body)


def parse_triggered_run(body: bytes) -> TriggeredRun:
    from trigdash.model import run

    return run.parse_triggered_run(body)


def parse_trace(body: bytes) -> Trace:
    from trigdash.model import trace

    return trace.parse_trace(body)


def parse_events(body: bytes) -> EventLog:
    from trigdash.model import event

    return event.parse_events(body)


def parse_span(body: bytes) -> SpanDetail:
    from trigdash.model import span

    return span.parse_span(body)


def parse_queue(body: bytes) -> Queue:
    from trigdash.model import queue

    return queue.parse_queue(body)


def parse_queues(body: bytes) -> QueuesPage:
    from trigdash.model import queue

    return queue.parse_queues(body)


def parse_queue_metrics(body: bytes) -> QueueMetrics:
    from trigdash.model import queue

    return queue.parse_queue_metrics(body)


def parse_batch(body: bytes) -> Batch:
    from trigdash.model import batch

    return batch.parse_batch(body)


def parse_bulk(body: bytes) -> BulkAction:
    from trigdash.model import bulk

    return bulk.parse_bulk(body)


def parse_bulks(body: bytes) -> tuple[BulkAction, ...]:
    from trigdash.model import bulk

    return bulk.parse_bulks(body)


def parse_error_groups(body: bytes) -> ErrorGroupsPage:
    from trigdash.model import error_group

    return error_group.parse_error_groups(body)


def parse_environments(body: bytes) -> tuple[Environment, ...]:
    from trigdash.model import environment

    return environment.parse_environments(body)


def parse_branches(body: bytes) -> tuple[Branch, ...]:
    from trigdash.model import environment

    return environment.parse_branches(body)


def parse_projects(body: bytes) -> tuple[Project, ...]:
    from trigdash.model import environment

    return environment.parse_projects(body)


def parse_whoami_environment(body: bytes) -> WhoamiEnvironment:
    from trigdash.model import environment

    return environment.parse_whoami_environment(body)


def parse_whoami_user(body: bytes) -> WhoamiUser:
    from trigdash.model import environment

    return environment.parse_whoami_user(body)


def parse_access(body: bytes) -> EnvironmentAccess:
    from trigdash.model import environment

    return environment.parse_access(body)
