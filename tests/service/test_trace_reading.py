"""A trace that the server cuts is read on by pages, one poll each, and then shown whole."""

from typing import Any

import pytest

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from tests.model.test_trace import answer, span_json
from tests.model.test_trace_pages import page, record
from trigdash.backends.base import CannotReach, InvalidRequest, ServerError
from trigdash.backends.operation import Operation
from trigdash.model.trace import Trace, parse_trace
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import TraceQuery
from trigdash.service.runs.trace_reading import NEEDS_ROOT, whole_trace

QUERY = TraceQuery("run_1")
CUT = parse_trace(answer(span_json(1), isTruncated=True))
PAGES = {
    None: page(record("a", None, 0), record("b", "a", 1), next="two"),
    "two": page(record("c", "a", 2), next="three"),
    "three": page(record("d", "c", 3)),
}


def paged(operation: Operation[Any]) -> Any:
    return operation.parser(PAGES[dict(operation.params).get("page[after]")])


@pytest.fixture
def cut(backend: FakeBackend) -> FakeBackend:
    backend.answers |= {"trace": CUT, "call": paged}
    return backend


async def test_a_cut_trace_is_shown_while_its_pages_are_read_and_then_whole(
    connection: Connection, cut: FakeBackend, clock: FakeClock
) -> None:
    seen: list[Trace] = []
    connection.watch(QUERY, lambda snapshot: seen.append(snapshot.data))
    await clock.advance(1)
    reading = [each for each in seen if each and each.pages and each.pages.is_under_way]
    assert [each.pages.spans for each in reading if each.pages] == [0, 2, 3]
    assert all(each == CUT for each in reading), "the cut tree stays in view"
    whole = connection.snapshot(QUERY).data
    assert whole is not None
    assert (whole.ids, whole.truncated) == (["a", "b", "c", "d"], False)


async def test_a_whole_trace_is_read_again_by_pages_in_one_go(
    connection: Connection, cut: FakeBackend, clock: FakeClock
) -> None:
    connection.watch(QUERY, lambda _: None)
    await clock.advance(1)
    whole = connection.snapshot(QUERY).data
    trees, pages = len(cut.asked("trace")), len(cut.asked("call"))
    await clock.advance(3)
    assert connection.snapshot(QUERY).data is whole, "equal pages keep the object"
    assert len(cut.asked("trace")) == trees
    assert len(cut.asked("call")) == pages + 3


async def test_a_page_that_does_not_come_is_asked_for_again_where_reading_stood(
    connection: Connection, cut: FakeBackend, clock: FakeClock
) -> None:
    failed: list[bool] = []

    def once(operation: Operation[Any]) -> Any:
        after = dict(operation.params).get("page[after]")
        if after == "two" and not failed:
            failed.append(True)
            return CannotReach()
        return paged(operation)

    cut.answers["call"] = once
    connection.watch(QUERY, lambda _: None)
    await clock.advance(10)
    whole = connection.snapshot(QUERY).data
    assert whole is not None
    assert len(whole) == 4


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (InvalidRequest("Paging is only supported for runs at the root", status=400), NEEDS_ROOT),
        (ServerError("isn't supported", status=501), ""),
        (None, ""),
    ],
)
async def test_a_server_without_pages_keeps_the_cut_tree_and_is_not_asked_again(
    connection: Connection, cut: FakeBackend, clock: FakeClock, told: Any, why: str
) -> None:
    cut.answers["call"] = lambda _: told
    connection.watch(QUERY, lambda _: None)
    await clock.advance(30)
    data = connection.snapshot(QUERY).data
    assert data is not None
    assert data.truncated
    assert data.pages is not None
    assert data.pages.refused == why
    assert len(cut.asked("call")) == 1


async def test_a_command_reads_all_pages_and_says_how_far_it_is(cut: FakeBackend) -> None:
    progress: list[int] = []
    trace = await whole_trace(cut, "run_1", progress.append)  # type: ignore[arg-type]
    assert (len(trace), progress) == (4, [2, 3])
