"""Parsers whose models are loaded when the first such answer arrives.

Pydantic needs about a millisecond for each model, and the run list needs two of forty: loaded with
the client, the others held up the first rows by a fifth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigdash.model.batch import Batch
    from trigdash.model.bulk import BulkAction
    from trigdash.model.error_group import ErrorGroupsPage
    from trigdash.model.event import EventLog
    from trigdash.model.queue import Queue, QueueMetrics, QueuesPage
    from trigdash.model.run import Run
    from trigdash.model.span import SpanDetail
    from trigdash.model.trace import Trace


def parse_run(body: bytes) -> Run:
    from trigdash.model import run

    return run.parse_run(body)


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
