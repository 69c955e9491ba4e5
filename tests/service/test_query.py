"""What every query says of itself, and how old objects are kept."""

from __future__ import annotations

from dataclasses import dataclass

from trigdash.backends.operation import Operation
from trigdash.model.listing import Listing
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.listing_query import ListingQuery, ObjectQuery
from trigdash.service.cache.query import Query, keep, keep_rows
from trigdash.service.environments import IdentityQuery
from trigdash.service.queues.query import QueueQuery, QueuesQuery
from trigdash.service.runs.detail import EventsQuery, RunQuery, TraceQuery
from trigdash.service.runs.query import RunsQuery


@dataclass(frozen=True)
class Row:
    id: str
    value: int


def no_page(page: str | None) -> Operation[Listing[Row]]:
    raise AssertionError(page)


def no_row(row_id: str) -> Operation[Row]:
    raise AssertionError(row_id)


def test_lists_of_things_are_polled_after_any_action() -> None:
    lists: tuple[Query[object], ...] = (
        RunsQuery(RunFilter()),
        QueuesQuery(),
        QueueQuery("emails"),
        ListingQuery("schedules", no_page, lambda row: row.id),
        ObjectQuery("schedule", "sched_1", no_row),
    )
    assert all(query.concerns("run_1") for query in lists)


def test_an_opened_run_is_polled_after_an_action_on_itself_alone() -> None:
    for query in (RunQuery("run_1"), TraceQuery("run_1"), EventsQuery("run_1")):
        assert query.concerns("run_1")
        assert not query.concerns("run_2")
    assert not IdentityQuery().concerns("run_1")


def test_what_did_not_change_stays_the_same_object() -> None:
    old = Row("a", 1)
    assert keep(old, Row("a", 1)) is old
    assert keep(old, Row("a", 2)) == Row("a", 2)
    assert keep(None, old) is old


def test_rows_are_kept_by_their_key_and_take_the_new_order() -> None:
    a, b, c = Row("a", 1), Row("b", 1), Row("c", 1)
    rows = keep_rows((a, b, c), (Row("b", 1), Row("d", 1), Row("a", 2)), key=lambda row: row.id)
    assert rows == (b, Row("d", 1), Row("a", 2))
    assert rows[0] is b
    assert rows[2] is not a
