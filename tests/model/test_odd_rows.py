"""One odd row costs itself: every list of every system, every field, every kind of odd value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.backends.test_recoup_backend import WHOLE
from tests.backends.test_workflow_backend import COMPLETED, DETAIL, FAILED, STEPS
from tests.recorded import recorded
from trigdash.backends.operations.groups import list_batches
from trigdash.backends.recoup.backend import parse_listed
from trigdash.backends.workflow.answers import parse_detail, parse_logs, parse_page
from trigdash.model.bulk import parse_bulks
from trigdash.model.error_group import parse_error_groups
from trigdash.model.event import EventLog, parse_events
from trigdash.model.odd_row import OddRow
from trigdash.model.queue import parse_queues
from trigdash.model.run_page import parse_runs
from trigdash.model.trace import Trace, parse_trace
from trigdash.model.wire import mismatch

BIG = "x" * 10_000_000
ODD: dict[str, str] = {
    "null": "null",
    "a number": "7",
    "a fraction": "0.5",
    "a text": '"odd"',
    "an empty text": '""',
    "a truth": "true",
    "a list": "[1]",
    "an object": '{"a": [null]}',
    "not a number": "NaN",
    "beyond all numbers": "1e400",
    "thousands of digits": "9" * 5_000,
    "a lone surrogate": r'"\ud800"',
    "900 levels": "[" * 900 + "]" * 900,
    "10,000 levels": '{"a":' * 10_000 + "1" + "}" * 10_000,
}
"""Values in the place of any other, as JSON text."""
ABSENT = object()
MARK = "@odd@"


@dataclass(frozen=True)
class Told:
    """What a parser made of an answer: what identifies each row, and how many were odd."""

    rows: list[Any]
    odd: int


@dataclass(frozen=True)
class List_:
    """An answer with rows, and how it is read."""

    answer: dict[str, Any]
    rows: Callable[[dict[str, Any]], list[Any]]
    """The rows within the answer."""
    read: Callable[[bytes], Told]


def page(name: str, *path: str) -> tuple[dict[str, Any], Callable[[dict[str, Any]], list[Any]]]:
    """A recorded answer with three of its rows."""
    answer = json.loads(recorded(name).body)

    def rows(within: dict[str, Any]) -> list[Any]:
        for step in path:
            within = within[step]
        found: Any = within
        assert isinstance(found, list)
        return found

    del rows(answer)[3:]
    return answer, rows


def odd_count(odd: tuple[OddRow, ...]) -> int:
    return len(odd)


def told_runs(parser: Callable[[bytes], Any]) -> Callable[[bytes], Told]:
    def read(body: bytes) -> Told:
        found = parser(body)
        return Told([(row.id, row) for row in found.rows], len(found.odd))

    return read


def told_queues(body: bytes) -> Told:
    found = parse_queues(body)
    return Told([(queue.id, queue) for queue in found.data], len(found.odd))


def told_groups(body: bytes) -> Told:
    return Told([(group.id, group) for group in parse_error_groups(body).data], 0)


def told_bulks(body: bytes) -> Told:
    return Told([(bulk.id, bulk) for bulk in parse_bulks(body)], 0)


def told_batches(body: bytes) -> Told:
    found = list_batches().parser(body)
    return Told([(batch.id, batch) for batch in found.rows], found.unreadable)


def told_trace(body: bytes) -> Told:
    return _spans(parse_trace(body))


def _spans(trace: Trace) -> Told:
    rows = [
        (trace.ids[row], (trace.messages[row], trace.start_ns[row], trace.duration_ns[row]))
        for row in range(len(trace))
    ]
    return Told(rows, trace.unreadable)


def told_events(body: bytes) -> Told:
    return _entries(parse_events(body))


def _entries(log: EventLog) -> Told:
    rows = [
        (log.span[at], (log.messages[at], log.start_ns[at], log.duration_ns[at]))
        for at in range(len(log))
    ]
    return Told(rows, log.unreadable)


def told_steps(parser: Callable[[bytes], Any], name: str) -> Callable[[bytes], Told]:
    def read(body: bytes) -> Told:
        found = parser(body)
        return Told([(step.step_id, step) for step in getattr(found, name)], found.odd_steps)

    return read


BATCHES = [
    {
        "batch_id": f"batch_{number}",
        "runs": 4,
        "succeeded": 4,
        "failed": 0,
        "canceled": 0,
        "queued": 0,
        "first_at": "2026-11-21 22:00:00.000",
        "last_at": f"2026-11-21 22:0{number}:01.500",
        "ended_at": "2026-11-21 22:10:01.500",
    }
    for number in range(3)
]
SPANS = [
    {
        "id": f"00000000000000a{number}",
        "parentId": "00000000000000ff",
        "runId": "run_1",
        "data": {
            "message": f"span {number}",
            "startTime": f"2026-11-21T22:00:0{number}.000Z",
            "duration": 5_000_000,
            "isError": False,
            "isPartial": False,
            "isCancelled": False,
            "level": "TRACE",
            "events": [],
            "attemptNumber": 1,
        },
        "children": [],
    }
    for number in range(1, 4)
]
ROOT = SPANS[0] | {"id": "00000000000000ff", "parentId": None, "children": SPANS}


def rows_at(*path: str) -> Callable[[dict[str, Any]], list[Any]]:
    def rows(within: Any) -> list[Any]:
        for step in path:
            within = within[step]
        assert isinstance(within, list)
        return within

    return rows


LISTS: dict[str, List_] = {
    "runs": List_(*page("runs_list__status_filter_failed", "data"), told_runs(parse_runs)),
    "queues": List_(*page("queues_list__ok", "data"), told_queues),
    "errors": List_(*page("errors_list__ok", "data"), told_groups),
    "bulks": List_(*page("bulk_actions_list__ok", "data"), told_bulks),
    "batches": List_({"format": "json", "results": BATCHES}, rows_at("results"), told_batches),
    "trace": List_(
        {"trace": {"rootSpan": ROOT}}, rows_at("trace", "rootSpan", "children"), told_trace
    ),
    "events": List_(*page("run_events__parent", "events"), told_events),
    "workflow runs": List_(
        {"success": True, "data": [COMPLETED, FAILED, FAILED | {"id": "run_3"}]},
        rows_at("data"),
        told_runs(parse_page),
    ),
    "workflow steps": List_(
        {"success": True, "data": DETAIL},
        rows_at("data", "stepResults"),
        told_steps(parse_detail, "step_results"),
    ),
    "workflow logs": List_(
        {"success": True, "data": {"runId": "run_1", "logs": STEPS}},
        rows_at("data", "logs"),
        told_steps(parse_logs, "logs"),
    ),
    "recoup": List_(
        {"status": "success", "runs": [WHOLE, WHOLE | {"id": "run_2"}, WHOLE | {"id": "run_3"}]},
        rows_at("runs"),
        told_runs(parse_listed),
    ),
}
UNCOUNTED = {"errors", "bulks"}
"""Lists of which nothing is shown as a list."""


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of a row: itself, its fields, and the fields of these."""
    yield path
    if isinstance(value, dict) and len(path) < 3:
        for name, inner in value.items():
            yield from paths(inner, (*path, name))


def changed(listed: List_, path: tuple[Any, ...], value: object) -> bytes:
    """The answer with the value in a place of its second row, as JSON text; or without that."""
    holder = json.loads(json.dumps({"answer": listed.answer}))
    container: Any = listed.rows(holder["answer"])
    *steps, last = (1, *path)
    for step in steps:
        container = container[step]
    if value is not ABSENT:
        container[last] = MARK
        return json.dumps(holder["answer"]).replace(f'"{MARK}"', str(value)).encode()
    if isinstance(container, dict):
        del container[last]
    return json.dumps(holder["answer"]).encode()


@pytest.mark.parametrize("name", LISTS)
def test_an_odd_value_anywhere_in_a_row_leaves_the_others_as_they_are(name: str) -> None:
    listed = LISTS[name]
    whole = listed.read(json.dumps(listed.answer).encode())
    row = listed.rows(listed.answer)[1]
    own = len(whole.rows)
    for path in paths(row):
        for kind, value in [*ODD.items(), ("absent", ABSENT)]:
            told = listed.read(changed(listed, path, value))
            others = [each for each in whole.rows if each in told.rows]
            assert len(others) >= own - 1, f"{path}: {kind} costs other rows"
            lost = own - len(told.rows)
            assert lost in (0, 1), f"{path}: {kind}"
            if lost and name not in UNCOUNTED:
                assert told.odd == 1, f"{path}: {kind} is not told of"


@pytest.mark.parametrize("name", LISTS)
def test_a_text_of_ten_million_letters_leaves_the_others_as_they_are(name: str) -> None:
    listed = LISTS[name]
    whole = listed.read(json.dumps(listed.answer).encode())
    fields = [name for name, value in listed.rows(listed.answer)[1].items() if value]
    for field in fields[:3]:
        told = listed.read(changed(listed, (field,), f'"{BIG}"'))
        assert len([row for row in whole.rows if row in told.rows]) >= len(whole.rows) - 1


@pytest.mark.parametrize("name", ["runs", "queues", "workflow runs"])
@pytest.mark.parametrize("value", ["7", '"odd"', "[1]", '{"next": 7}', '{"cursor": []}'])
def test_an_odd_place_to_go_on_is_told_and_never_taken_for_the_end(name: str, value: str) -> None:
    paging = {"workflow runs": "meta"}.get(name, "pagination")
    parser: Callable[[bytes], Any] = {
        "runs": parse_runs,
        "queues": parse_queues,
        "workflow runs": parse_page,
    }[name]
    answer = json.dumps(LISTS[name].answer | {paging: MARK}).replace(f'"{MARK}"', value)
    found = parser(answer.encode())
    assert len(LISTS[name].read(answer.encode()).rows) == 3
    if value not in ('{"next": 7}', '{"cursor": []}'):
        assert found.is_cut


def test_an_odd_field_that_may_be_absent_is_left_out_and_named() -> None:
    body = changed(LISTS["runs"], ("costInCents",), '"a lot"')
    found = parse_runs(body)
    assert len(found.rows) == 3
    [odd] = found.odd
    assert odd == OddRow(found.rows[1].id, ("costInCents",), is_shown=True)


def test_an_odd_field_that_must_be_known_costs_its_row_by_its_id() -> None:
    listed = LISTS["runs"]
    run_id = listed.rows(listed.answer)[1]["id"]
    found = parse_runs(changed(listed, ("createdAt",), "null"))
    assert run_id not in {row.id for row in found.rows}
    assert found.odd == (OddRow(run_id, ("createdAt",)),)
    queue_id = LISTS["queues"].rows(LISTS["queues"].answer)[1]["id"]
    paused = parse_queues(changed(LISTS["queues"], ("paused",), '"perhaps"'))
    assert paused.odd == (OddRow(queue_id, ("paused",)),)


def test_rows_without_an_id_are_told_apart() -> None:
    answer = json.loads(json.dumps(LISTS["runs"].answer))
    answer["data"] += [None, {"id": 7}, {"id": "x" * 300}]
    assert [odd.key for odd in parse_runs(json.dumps(answer).encode()).odd] == ["?0", "?1", "?2"]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "body", ["", "null", "7", "[]", '"text"', "{", "<html>", '{"data": 7}', '{"data": "rows"}', "@"]
)
def test_an_answer_without_its_list_is_refused_in_words_of_our_own(name: str, body: str) -> None:
    text = body if body != "@" else json.dumps(LISTS[name].answer)[:-20]
    try:
        told = LISTS[name].read(text.encode())
    except ValueError as problem:
        words = mismatch(problem, text.encode())
        assert not set(words) & set("<>'{}=")
        assert not re.search(r"None|dict|tuple|NoneType|pydantic|Expecting|isoformat|line 1", words)
    else:
        assert told.rows == []


@pytest.mark.parametrize(
    ("change", "unreadable"),
    [
        ({"duration": None}, 0),
        ({"duration": "7"}, 0),
        ({"duration": "long"}, 1),
        ({"duration": -1}, 1),
        ({"message": None}, 0),
        ({"message": 7}, 1),
        ({"startTime": "soon"}, 1),
        ({"attemptNumber": "x", "style": 5, "events": 7, "level": None}, 0),
    ],
)
def test_an_entry_of_a_log_is_odd_where_what_it_says_is_lost(
    change: dict[str, Any], unreadable: int
) -> None:
    entries = [
        {"spanId": f"{n:x}", "message": "m", "startTime": str(10**18 + n), "duration": n}
        for n in range(3)
    ]
    entries[1] |= change
    assert parse_events(json.dumps({"events": entries}).encode()).unreadable == unreadable
