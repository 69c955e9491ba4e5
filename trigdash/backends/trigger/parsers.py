"""Parsers of answers; a model is loaded when its first answer arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import TypeAdapter

from trigdash.model.wire import Line, NullIsEmpty, Wire, parse

if TYPE_CHECKING:
    from trigdash.model.batch import Batch
    from trigdash.model.bulk import BulkAction
    from trigdash.model.error_group import ErrorGroupsPage
    from trigdash.model.event import EventLog
    from trigdash.model.queue import Queue, QueueMetrics, QueuesPage
    from trigdash.model.run import Run
    from trigdash.model.span import SpanDetail
    from trigdash.model.trace import Trace


class _Created(Wire):
    id: Line


class _MessageAnswer(Wire):
    message: Line = ""


class _Rows(Wire):
    results: Annotated[list[Any], NullIsEmpty] = []  # noqa: RUF012 - frozen, copied


_CREATED = TypeAdapter(_Created)
_MESSAGE = TypeAdapter(_MessageAnswer)
_ROWS = TypeAdapter(_Rows)


def parse_id(body: bytes) -> str:
    """The id of what a write made; ValueError when there is none."""
    return parse(_CREATED, body).id


def parse_message(body: bytes) -> str:
    """The server's own words on what it did; ValueError when it is no JSON object."""
    return parse(_MESSAGE, body).message


def parse_done(body: bytes) -> None:
    """Nothing: a success status says all. The body is not looked at."""


def parse_rows(body: bytes) -> list[dict[str, Any]]:
    """The rows of a query; ValueError when it does not fit. Whatever is no row becomes an empty
    one, so that a reader can count it."""
    return [row if isinstance(row, dict) else {} for row in parse(_ROWS, body).results]


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
