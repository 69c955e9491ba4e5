"""A trace from its pages: one node a span, closed and hung by the official client's rules."""

import json
import random
from typing import Any

import pytest

from trigdash.model.attempts import AttemptOutcome, attempts_of
from trigdash.model.run import Run
from trigdash.model.span_event import SpanFlag, SpanKind
from trigdash.model.trace import Trace, parse_trace
from trigdash.model.trace_pages import assemble_trace, parse_trace_page

SECOND = 1_000_000_000


def record(name: str, parent: str | None, second: float, **more: Any) -> dict[str, Any]:
    told = {
        "id": name,
        "runId": "run_a",
        "message": f"span {name}",
        "startTime": f"2026-11-21T22:00:{second:06.3f}Z",
        "duration": SECOND,
        "isError": False,
        "isPartial": False,
        "isCancelled": False,
        "level": "TRACE",
        **more,
    }
    return told if parent is None else {**told, "parentId": parent}


def page(*spans: dict[str, Any], failed: tuple[Any, ...] = (), **pagination: Any) -> bytes:
    told = {"data": spans, "attemptFailures": failed, "pagination": pagination}
    return json.dumps(told).encode()


def assembled(*bodies: bytes) -> Trace:
    pages = [parse_trace_page(body) for body in bodies]
    return assemble_trace([each for each in pages if each is not None], "t")


def tree(trace: Trace) -> list[tuple[int, str]]:
    return list(zip(trace.depth, trace.ids, strict=True))


def flags(trace: Trace, name: str) -> SpanFlag:
    row = trace.row_of(name)
    assert row is not None
    return SpanFlag(trace.flags[row])


def test_spans_hang_below_their_parents_in_order_of_start_whatever_page_they_are_on() -> None:
    trace = assembled(
        page(record("a", None, 0), record("c", "b", 3), next="x"),
        page(record("b", "a", 2), record("e", "a", 1), record("d", "a", 2)),
    )
    assert tree(trace) == [(0, "a"), (1, "e"), (1, "b"), (2, "c"), (1, "d")]
    assert list(trace.subtree_end) == [5, 2, 4, 4, 5]
    assert list(trace.parent) == [-1, 0, 0, 2, 0]


@pytest.mark.parametrize("turned", [False, True])
def test_a_span_that_comes_twice_is_its_finished_record_from_its_earliest_start(
    turned: bool,
) -> None:
    begun = page(record("a", None, 1, isPartial=True, duration=0, attemptNumber=2))
    ended = page(record("a", None, 3, isError=True, message="ended"))
    trace = assembled(*((ended, begun) if turned else (begun, ended)))
    assert trace.messages == ["ended"]
    assert trace.duration_ns[0] == SECOND
    assert trace.start_ns[0] % (60 * SECOND) == SECOND
    assert (trace.attempt[0], flags(trace, "a")) == (2, SpanFlag.ERROR)


def test_open_spans_below_a_canceled_one_are_canceled_when_it_ended() -> None:
    trace = assembled(
        page(
            record("a", None, 0, isCancelled=True, duration=10 * SECOND),
            record("b", "a", 4, isPartial=True, duration=0),
            record("c", "b", 5, isPartial=True, duration=0),
            record("d", "b", 12, isPartial=True, duration=0),
        )
    )
    assert [flags(trace, name) for name in "bcd"] == [SpanFlag.CANCELED] * 3
    assert list(trace.duration_ns) == [10 * SECOND, 6 * SECOND, 5 * SECOND, 0]


def test_open_spans_of_a_failed_attempt_fail_with_it_and_those_of_others_stay_open() -> None:
    trace = assembled(
        page(
            record("a", None, 0, isError=True, duration=10 * SECOND),
            record("b", "a", 1, isPartial=True, attemptNumber=1),
            record("c", "b", 2, isPartial=True, attemptNumber=1),
            record("d", "a", 3, isPartial=True, attemptNumber=2),
            record("e", "a", 3, isPartial=True, attemptNumber=1, runId="run_b"),
            record("log", "a", 3, isPartial=True, attemptNumber=1, level="INFO"),
            failed=({"spanId": "a", "attemptNumber": 1, "runId": "run_a"},),
        )
    )
    assert [flags(trace, name) for name in ("b", "c")] == [SpanFlag.ERROR] * 2
    assert [flags(trace, name) for name in ("d", "e", "log")] == [SpanFlag.PARTIAL] * 3


def test_spans_without_a_known_parent_and_those_in_circles_are_further_roots() -> None:
    trace = assembled(
        page(
            record("lost", "elsewhere", 0),
            record("a", None, 1),
            record("x", "y", 2),
            record("y", "x", 3),
            record("below", "y", 4),
        )
    )
    assert tree(trace) == [(0, "a"), (0, "lost"), (0, "x"), (0, "y"), (1, "below")]
    assert trace.rows_of_kind(SpanKind.RUN) == [0], "a lost span opens no run"


def test_a_server_that_sends_the_tree_instead_is_told_by_its_answer() -> None:
    assert parse_trace_page(b'{"trace": {"traceId": "t"}}') is None
    with pytest.raises(ValueError, match="no page"):
        parse_trace_page(b'{"runs": []}')


def test_what_is_no_span_is_counted_and_the_rest_is_read() -> None:
    trace = assembled(page(record("a", None, 0), {"id": 5}, {"id": "b"}, truncated=True))
    assert (trace.ids, trace.unreadable, trace.truncated) == (["a"], 2, True)


def test_an_empty_trace_has_no_spans() -> None:
    assert len(assembled(page())) == 0


def test_attempts_that_only_the_pages_tell_have_failed() -> None:
    run = Run.model_validate(
        {
            "id": "run_a",
            "taskIdentifier": "t",
            "status": "EXECUTING",
            "createdAt": "2026-11-21T22:00:00.000Z",
            "updatedAt": "2026-11-21T22:00:00.000Z",
            "attemptCount": 2,
        }
    )
    failed = ({"spanId": "a", "attemptNumber": 1, "runId": "run_a"},)
    trace = assembled(
        page(
            record("a", None, 0, isPartial=True),
            record("b", "a", 1, isPartial=True, attemptNumber=2, message="Attempt 2"),
            failed=failed,
        )
    )
    outcomes = [attempt.outcome for attempt in attempts_of(run, trace)]
    assert outcomes == [AttemptOutcome.FAILED, AttemptOutcome.RUNNING]


def _random_tree(rng: random.Random, count: int) -> list[dict[str, Any]]:
    spans = [record("s0", None, 0)]
    for number in range(1, count):
        parent = rng.choice(spans)
        name = f"s{number}"
        spans.append(record(name, parent["id"], rng.uniform(0, 59), runId=parent["runId"]))
    return spans


def _nested(spans: list[dict[str, Any]]) -> bytes:
    """The same spans as a server's tree."""
    nodes = {
        each["id"]: {
            "id": each["id"],
            "runId": each["runId"],
            "data": {key: each[key] for key in each if key not in ("id", "parentId", "runId")},
            "children": [],
        }
        for each in spans
    }
    for each in sorted(spans, key=lambda span: (span["startTime"], span["id"])):
        if "parentId" in each:
            nodes[each["parentId"]]["children"].append(nodes[each["id"]])
    trace = {"traceId": "t", "rootSpan": nodes["s0"], "isTruncated": False}
    return json.dumps({"trace": trace}).encode()


@pytest.mark.parametrize("seed", range(20))
def test_pages_give_the_tree_that_the_server_would_send(seed: int) -> None:
    rng = random.Random(seed)
    spans = _random_tree(rng, rng.randint(1, 60))
    whole = parse_trace(_nested(spans))
    rng.shuffle(spans)
    cuts = sorted(rng.sample(range(len(spans)), min(3, len(spans))))
    parts = [spans[a:b] for a, b in zip([0, *cuts], [*cuts, len(spans)], strict=True)]
    trace = assembled(*(page(*part) for part in parts))
    assert (tree(trace), trace.messages) == (tree(whole), whole.messages)
    for column in ("parent", "subtree_end", "start_ns", "duration_ns", "flags", "kind", "level"):
        assert getattr(trace, column) == getattr(whole, column), column
