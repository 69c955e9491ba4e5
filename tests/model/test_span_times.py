"""Ends of spans where the server's word needs a second look."""

import json
from typing import Any

from tests.recorded import recorded
from trigdash.model.moment import moment_ns
from trigdash.model.span_times import SpanTimes
from trigdash.model.trace import Trace, parse_trace

MINUTE_NS = 60_000_000_000
NOW_NS = moment_ns("2026-11-21T23:30:00.000Z")


def span(number: int, start: str, duration: int, *children: Any, **more: Any) -> dict[str, Any]:
    run = more.pop("run", "run_a")
    data = {"message": f"s{number}", "startTime": start, "duration": duration, **more}
    return {"id": f"{number}", "runId": run, "data": data, "children": list(children)}


def trace_of(root: dict[str, Any]) -> Trace:
    whole = {"trace": {"traceId": "t", "rootSpan": root, "isTruncated": False}}
    return parse_trace(json.dumps(whole).encode())


def test_a_root_that_claims_about_nothing_after_five_minutes_is_corrected() -> None:
    start = "2026-11-21T22:00:00.000Z"
    trace = trace_of(span(1, start, 1_000_000, span(2, start, 9 * MINUTE_NS)))
    end = moment_ns("2026-11-21T22:09:30.000Z")
    times = SpanTimes(trace, {"run_a": end})
    assert times.length_ns(0, NOW_NS) == 9.5 * MINUTE_NS
    assert times.corrected == {0}
    unknown = SpanTimes(trace)
    assert unknown.length_ns(0, NOW_NS) == 9 * MINUTE_NS


def test_a_short_run_and_a_run_with_a_claim_of_its_own_are_left_alone() -> None:
    start = "2026-11-21T22:00:00.000Z"
    short = trace_of(span(1, start, 1_000_000))
    end = moment_ns("2026-11-21T22:00:02.000Z")
    assert SpanTimes(short, {"run_a": end}).length_ns(0, NOW_NS) == 1_000_000
    crashed = parse_trace(recorded("run_trace__crashed").body)
    times = SpanTimes(crashed, {crashed.runs[0]: NOW_NS})
    assert times.length_ns(0, NOW_NS) == 86_097_000_000
    assert not times.corrected


def test_a_childs_own_spans_do_not_speak_for_another_run() -> None:
    start = "2026-11-21T22:00:00.000Z"
    child = span(2, start, 9 * MINUTE_NS, run="run_b")
    times = SpanTimes(trace_of(span(1, start, 0, child)))
    assert times.length_ns(0, NOW_NS) == 0


def test_partial_spans_grow_while_the_run_lives_and_end_with_it() -> None:
    trace = parse_trace(recorded("run_trace__cancel_exec_done").body)
    live = SpanTimes(trace)
    assert live.is_live
    assert live.is_open(0)
    assert live.end_ns(0, NOW_NS) == NOW_NS
    assert live.bounds_ns(NOW_NS)[1] == NOW_NS
    end = moment_ns("2026-11-21T22:49:18.472Z")
    ended = SpanTimes(trace, {trace.runs[0]: end})
    assert not ended.is_live
    assert ended.end_ns(0, NOW_NS) == end
    assert ended.unclosed == {0, 4, 5}


def test_time_in_the_queue_ends_with_the_first_attempt() -> None:
    trace = parse_trace(recorded("run_trace__failed_trace").body)
    times = SpanTimes(trace)
    assert times.queued_until == {0: moment_ns("2026-11-21T22:48:04.452Z")}
    crashed = SpanTimes(parse_trace(recorded("run_trace__crashed").body))
    assert crashed.queued_until == {0: moment_ns("2026-11-21T22:39:51.507Z")}
    delayed = SpanTimes(parse_trace(recorded("run_trace__delayed").body))
    assert delayed.queued_until == {}


def test_a_run_that_never_began_was_queued_all_along() -> None:
    delayed = parse_trace(recorded("run_trace__delayed").body)
    assert SpanTimes(delayed, {}, {delayed.runs[0]}).queued == {0}
    assert SpanTimes(delayed).queued == set()
    # What has spans of its own was at work, whatever the run's own times say.
    failed = parse_trace(recorded("run_trace__failed_trace").body)
    assert SpanTimes(failed, {}, {failed.runs[0]}).queued == set()


def test_a_run_that_is_still_open_leaves_the_others_corrected() -> None:
    start = "2026-11-21T22:00:00.000Z"
    ended = span(3, start, 1_000_000, span(4, start, 9 * MINUTE_NS, run="run_c"), run="run_c")
    going = span(2, start, 0, run="run_b", isPartial=True)
    times = SpanTimes(trace_of(span(1, start, 0, going, ended, isPartial=True)))
    assert times.open_rows == [0, 1]
    assert times.corrected == {2}
    assert times.length_ns(2, NOW_NS) == 9 * MINUTE_NS


def test_the_last_sign_is_a_beginning_while_the_youngest_span_is_open() -> None:
    early, late = "2026-11-21T22:00:00.000Z", "2026-11-21T22:05:00.000Z"
    going = span(3, late, 0, isPartial=True)
    times = SpanTimes(trace_of(span(1, early, 0, span(2, early, 1_000), going, isPartial=True)))
    assert times.last_sign_ns == moment_ns(late)
    closed = SpanTimes(trace_of(span(1, early, 7 * MINUTE_NS, span(2, late, 1_000))))
    assert closed.last_sign_ns == moment_ns(early) + 7 * MINUTE_NS


def test_a_run_with_anything_but_engine_lines_below_it_was_not_queued_all_along() -> None:
    start = "2026-11-21T22:00:00.000Z"
    line = span(2, start, 100, message="[engine] QUEUED - Run was QUEUED", level="DEBUG")
    log = span(2, start, 0, message="hello", level="INFO")
    queued, working = (trace_of(span(1, start, 0, below, isPartial=True)) for below in (line, log))
    assert SpanTimes(queued, {}, {"run_a"}).queued == {0}
    assert SpanTimes(working, {}, {"run_a"}).queued == set()
