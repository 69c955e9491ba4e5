"""A trace as columns: every recorded answer of both stores, and some no server was seen to send."""

import json
from dataclasses import fields
from typing import Any

import pytest

from tests.recorded import Recorded, recorded, successes_of
from trigdash.model.moment import datetime_of
from trigdash.model.span_event import EventStore, SpanFlag, SpanKind
from trigdash.model.trace import Trace, parse_trace

ANSWERS = successes_of("run_trace", "run_trace_pgstore")


def flat(span: dict[str, Any], depth: int = 0) -> list[tuple[int, str, str]]:
    rows = [(depth, span["id"], span["data"]["message"])]
    for child in span["children"]:
        rows += flat(child, depth + 1)
    return rows


def trace_of(name: str) -> Trace:
    return parse_trace(recorded(name).body)


def row_named(trace: Trace, message: str) -> int:
    return trace.messages.index(message)


def span_json(number: int, children: str = "", **data: Any) -> str:
    told = {"message": f"span {number}", "startTime": "2026-11-21T22:00:00.000Z", "duration": 5}
    head = json.dumps({"id": f"{number:016x}", "runId": "run_a", "data": {**told, **data}})
    return f'{head[:-1]},"children":[{children}]}}'


def answer(root: str, **more: Any) -> bytes:
    rest = "".join(f",{json.dumps(key)}:{json.dumps(value)}" for key, value in more.items())
    return f'{{"trace":{{"traceId":"t","rootSpan":{root}{rest}}}}}'.encode()


@pytest.mark.parametrize("told", ANSWERS, ids=lambda told: told.name)
@pytest.mark.parametrize("indent", [None, 1])
def test_a_recorded_trace_becomes_rows_in_pre_order(told: Recorded, indent: int | None) -> None:
    trace = parse_trace(json.dumps(told.data, indent=indent).encode())
    rows = list(zip(trace.depth, trace.ids, trace.messages, strict=True))
    assert rows == flat(told.data["trace"]["rootSpan"])
    assert trace.trace_id == told.data["trace"]["traceId"]
    for row in range(len(trace)):
        assert row < trace.subtree_end[row] <= len(trace)
        assert trace.parent[row] < row


def test_the_two_stores_tell_durations_in_different_units() -> None:
    click, postgres = trace_of("run_trace__failed_trace"), trace_of("run_trace_pgstore__parent")
    assert click.store is EventStore.CLICKHOUSE
    assert postgres.store is EventStore.POSTGRES
    assert click.duration_ns[row_named(click, "Attempt 1")] == 200_000_000
    assert postgres.duration_ns[row_named(postgres, "fetch customer")] == 200_000_000
    assert postgres.duration_ns[0] == 5_326_999_936


def test_a_trace_that_was_cut_says_so() -> None:
    trace = trace_of("run_trace__large_truncated")
    assert trace.truncated
    assert len(trace) == 4_997
    assert not trace_of("run_trace__crashed").truncated
    assert not trace_of("run_trace_pgstore__parent").truncated


def test_engine_lines_waits_attempts_and_runs_are_told_apart() -> None:
    trace = trace_of("run_trace__failed_trace")
    assert len(trace.rows_of_kind(SpanKind.ENGINE)) == 5
    assert len(trace.rows_of_kind(SpanKind.ATTEMPT)) == 2
    assert trace.messages[trace.rows_of_kind(SpanKind.RETRY)[0]] == "Retry #1 delay"
    family = trace_of("run_trace__child_tw")
    runs = family.rows_of_kind(SpanKind.RUN)
    assert [family.messages[row] for row in runs] == ["child-task", "send-email"]
    assert family.run_id(runs[1]).endswith("h64vb9rc")


def test_a_childs_run_has_its_own_span_below_the_waiting_one() -> None:
    trace = trace_of("run_trace_pgstore__parent")
    waiting = row_named(trace, "child-task triggerAndWait()")
    assert trace.kind[waiting] == SpanKind.TRIGGER
    child = next(trace.children(waiting))
    assert trace.kind[child] == SpanKind.RUN
    assert trace.run_id(child) != trace.run_id(0)
    assert list(trace.ancestors(child))[-1] == 0


def test_flags_attempts_times_and_exceptions_survive() -> None:
    trace = trace_of("run_trace__failed_trace")
    attempt = trace.rows_of_kind(SpanKind.ATTEMPT)[1]
    assert trace.has(attempt, SpanFlag.ERROR)
    assert trace.attempt[attempt] == 2
    assert datetime_of(trace.start_ns[attempt]).isoformat() == "2026-11-21T22:48:06.030000+00:00"
    exception = trace.events[attempt][0].failure
    assert exception is not None
    assert exception.headline == "Error: Mail provider rejected the message"
    assert exception.stack[0] == "    at sendEmail (file:///app/src/trigger/email.ts:42:11)"
    assert trace.has(0, SpanFlag.ERROR)
    assert trace_of("run_trace__executing_partial").has(0, SpanFlag.PARTIAL)
    assert trace_of("run_trace__cancelled").has(0, SpanFlag.CANCELED)


@pytest.mark.parametrize("separator", ['"children":[', '"children" : ['])
def test_a_trace_may_nest_deeper_than_the_interpreters_stack(separator: str) -> None:
    levels = 5_000
    heads = "".join(span_json(number)[:-2] for number in range(levels))
    body = answer(heads + "]}" * levels, isTruncated=False).replace(
        b'"children":[', separator.encode()
    )
    trace = parse_trace(body)
    assert len(trace) == levels
    assert max(trace.depth) == levels - 1
    assert trace.subtree_end[0] == levels
    assert len(list(trace.ancestors(levels - 1))) == levels - 1


def test_a_property_called_children_does_not_confuse_the_walk() -> None:
    inner = span_json(2, properties={"children": [{"a": 1}], "x": '"children":['})
    body = answer(span_json(1, f"{inner},{span_json(3)}", taskSlug="t"))
    trace = parse_trace(body)
    assert trace.messages == ["span 1", "span 2", "span 3"]
    assert list(trace.depth) == [0, 1, 1]


def test_members_in_another_order_and_unknown_ones_are_read_as_well() -> None:
    body = b"""{"warning": [1, {}], "trace": {"isTruncated": true, "rootSpan":
      {"children": [{"children": [], "later": null, "id": "b", "runId": "run_b",
        "data": {"message": "B", "startTime": "2026-11-21T22:00:00Z", "duration": 7}}],
       "id": "a", "data": {"message": "A", "startTime": "2026-11-21T22:00:00+00:00"},
       "runId": "run_a"}, "traceId": "t"}}"""
    trace = parse_trace(body)
    assert trace.messages == ["A", "B"]
    assert list(trace.duration_ns) == [0, 7]
    assert trace.truncated
    assert trace.run_id(1) == "run_b"


def test_control_characters_never_enter_a_message() -> None:
    trace = parse_trace(answer(span_json(1, message="a\x1b]52;c;eA==\x07\nb\x9b2J\u202e")))
    assert trace.messages[0].isprintable()
    assert "⏎ b" in trace.messages[0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"trace":[]}',
        b'{"trace":{"rootSpan":{"id":1',
        b"\xff\xfe{",
        b'{"trace":{"rootSpan":{"data":3,"children":[]}}}',
        b'{"trace":{"rootSpan":{"children":[1',
    ],
)
def test_an_answer_that_is_no_trace_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever sentence: the backend words it
        parse_trace(body)


def test_values_of_the_wrong_kind_count_as_untold() -> None:
    odd = span_json(1, duration="long", attemptNumber=2**40, level="LOUD", events={"a": 1})
    trace = parse_trace(answer(f"{odd[:-2]}{span_json(2, duration=float('inf'))}]}}"))
    assert list(trace.duration_ns) == [0, 0]
    assert list(trace.attempt) == [0, 0]


def test_times_that_no_calendar_holds_are_read_as_the_nearest_that_fits() -> None:
    late = span_json(2, startTime="9999-12-31T23:59:59.999Z", duration=10**30)
    trace = parse_trace(answer(span_json(1, late, startTime="0001-01-01T00:00:00Z")))
    assert [datetime_of(ns).year for ns in trace.start_ns] == [1970, 2200]


def test_a_span_that_no_run_is_told_of_belongs_to_none() -> None:
    root = json.loads(span_json(1, span_json(2)))
    del root["runId"]
    trace = parse_trace(answer(json.dumps(root)))
    assert [trace.run_id(row) for row in range(2)] == ["", "run_a"]
    del root["children"][0]["runId"]
    trace = parse_trace(answer(json.dumps(root)))
    assert [trace.run_id(row) for row in range(2)] == ["", ""]


def test_a_trace_without_a_root_has_no_rows() -> None:
    trace = parse_trace(b'{"trace":{"traceId":"t","rootSpan":null,"isTruncated":false}}')
    assert len(trace) == 0


def test_equal_answers_make_equal_traces() -> None:
    assert trace_of("run_trace__crashed") == trace_of("run_trace__crashed")
    assert trace_of("run_trace__crashed") != trace_of("run_trace__waiting")


@pytest.mark.parametrize("told", ANSWERS, ids=lambda told: told.name)
def test_the_quick_way_through_ordinary_spans_reads_what_the_thorough_one_reads(
    told: Recorded,
) -> None:
    quick, thorough = (
        parse_trace(json.dumps(told.data, separators=separators).encode())
        for separators in ((",", ":"), (", ", ": "))
    )
    for column in fields(Trace):
        if column.name != "digest":
            assert getattr(quick, column.name) == getattr(thorough, column.name), column.name


def test_escapes_are_undone_wherever_they_stand() -> None:
    told = json.loads(ANSWERS[0].body)
    told["trace"]["rootSpan"]["data"]["message"] = 'say "hi"\n\u001b[31m'
    trace = parse_trace(json.dumps(told, separators=(",", ":")).encode())
    assert trace.messages[0] == 'say "hi" ⏎ '


def test_only_the_root_span_of_an_answer_is_read_as_spans() -> None:
    told = recorded("run_trace__failed_trace").data["trace"]
    other = {"id": "other", "runId": "run_other", "data": told["rootSpan"]["data"], "children": []}
    before = {"summary": other, **told}
    after = {**told, "linkedSpan": other}
    plain = parse_trace(json.dumps({"trace": told}).encode())
    for more in (before, after):
        trace = parse_trace(json.dumps({"trace": more}).encode())
        assert trace.ids == plain.ids
        assert trace.trace_id == plain.trace_id


@pytest.mark.parametrize("after", [b"x", b"{}", b"]", b'{"trace":{}}'])
def test_an_answer_with_something_after_its_end_is_no_whole_trace(after: bytes) -> None:
    body = ANSWERS[0].body
    assert len(parse_trace(body + b" \n"))
    with pytest.raises(ValueError, match=r"."):
        parse_trace(body + after)


def test_what_else_the_envelope_holds_is_no_span() -> None:
    other = {"meta": {"id": "x", "data": {"message": "no span"}, "children": []}, "list": [{}]}
    trace = parse_trace(answer(span_json(1), **other))
    before = json.dumps(other)[1:-1]
    first = f'{{"trace":{{{before},"traceId":"t","rootSpan":{span_json(1)}}},"next":{{}}}}'
    assert trace.messages == parse_trace(first.encode()).messages == ["span 1"]


def test_a_number_that_nobody_means_is_read_as_none_and_counted() -> None:
    for told in ("1" + "0" * 309, "1e308", "-1e300", "NaN", "1e999", "9" * 5_000):
        body = answer(span_json(1, children=span_json(2))).replace(
            b'"duration": 5', b'"duration": @'
        )
        trace = parse_trace(body.replace(b"@", told.encode(), 1).replace(b"@", b"5"))
        assert list(trace.duration_ns) == [0, 5], told
        assert trace.unreadable == 1


def test_odd_flags_and_ids_are_not_taken_for_what_they_look_like() -> None:
    body = answer(span_json(1, isError="false", isPartial=0, isCancelled=[]))
    body = body.replace(b'"runId": "run_a"', b'"runId": null')
    trace = parse_trace(body)
    assert trace.flags[0] == 0
    assert trace.runs == ()
    assert trace.run_id(0) == ""
