"""Attempts are put together from trace, log and run, whichever tells most."""

import json
from typing import Any

from tests.recorded import recorded
from trigdash.model.attempts import Attempt, AttemptOutcome, attempts_of
from trigdash.model.event import parse_events
from trigdash.model.run import Run, parse_run
from trigdash.model.trace import parse_trace


def run_of(name: str, **more: Any) -> Run:
    return parse_run(json.dumps({**recorded(name).data, **more}).encode())


def seconds(attempt: Attempt) -> float | None:
    length = attempt.length_ns(0)
    return None if length is None else length / 1e9


def test_failed_attempts_have_number_length_error_and_the_delay_before_them() -> None:
    run = run_of("runs_get_v3__failed_trace__api_version")
    trace = parse_trace(recorded("run_trace__failed_trace").body)
    first, second = attempts_of(run, trace)
    assert (first.number, first.outcome, seconds(first)) == (1, AttemptOutcome.FAILED, 0.2)
    assert first.failure is not None
    assert first.failure.headline == "Error: Mail provider rejected the message"
    assert first.delay_ns is None
    assert (second.number, second.outcome, seconds(second)) == (2, AttemptOutcome.FAILED, 0.2)
    assert second.delay_ns == 992_999_936
    assert second.span_id == trace.ids[trace.messages.index("Attempt 2")]


def test_three_attempts_of_a_worker_that_died_are_known_from_the_engines_lines() -> None:
    run = run_of("runs_get_v3__crashed__api_version")
    trace = parse_trace(recorded("run_trace__crashed").body)
    attempts = attempts_of(run, trace, parse_events(recorded("run_events__crashed").body))
    assert [attempt.number for attempt in attempts] == [1, 2, 3]
    assert {attempt.outcome for attempt in attempts} == {AttemptOutcome.FAILED}
    assert [attempt.delay_ns for attempt in attempts] == [None, 1_980_000_000, 2_470_000_128]
    last = attempts[-1]
    assert last.failure is not None
    assert "TASK_PROCESS_EXITED" in last.failure.message
    assert last.end_ns is not None


def test_without_a_trace_the_log_tells_the_attempts() -> None:
    run = run_of("runs_get_v3__failed")
    attempts = attempts_of(run, log=parse_events(recorded("run_events_pgstore__failed").body))
    assert [(a.number, a.outcome, seconds(a)) for a in attempts] == [
        (1, AttemptOutcome.FAILED, 0.1)
    ]
    assert attempts[0].failure is not None


def test_without_trace_and_log_the_run_tells_how_many_there_were() -> None:
    (only,) = attempts_of(run_of("runs_get_v3__failed"))
    assert (only.number, only.outcome, only.start_ns) == (1, AttemptOutcome.FAILED, None)
    assert only.failure is not None
    assert attempts_of(run_of("runs_get_v3__expired")) == ()
    assert attempts_of(run_of("runs_get_v3__delayed")) == ()


def test_a_waiting_run_is_within_its_attempt() -> None:
    run = run_of("runs_get_v3__waiting__api_version")
    (only,) = attempts_of(run, parse_trace(recorded("run_trace__waiting").body))
    assert only.outcome is AttemptOutcome.RUNNING
    assert only.start_ns is not None


def test_an_attempt_that_its_worker_never_closed_ends_with_the_run() -> None:
    run = run_of("runs_get_v3__cancel_exec_done")
    trace = parse_trace(recorded("run_trace__cancel_exec_done").body)
    (only,) = attempts_of(run, trace)
    assert only.outcome is AttemptOutcome.CANCELED
    assert seconds(only) == 440.434


def test_attempts_of_a_child_run_in_the_same_trace_are_not_counted() -> None:
    run = run_of("runs_get_v3__parent__api_version")
    told = recorded("run_trace_pgstore__parent")
    trace = parse_trace(told.body.replace(b"run_cmwr0cdwm0000ng7dkmd59y34", run.id.encode()))
    assert [attempt.number for attempt in attempts_of(run, trace)] == [1]


def test_a_servers_own_list_wins() -> None:
    listed = {
        "id": "attempt_1",
        "status": "FAILED",
        "createdAt": "2026-11-21T22:39:51.000Z",
        "updatedAt": "2026-11-21T22:39:52.000Z",
        "startedAt": "2026-11-21T22:39:51.100Z",
        "completedAt": "2026-11-21T22:39:51.600Z",
        "error": {"message": "no", "name": "Nope"},
    }
    (only,) = attempts_of(run_of("runs_get_v3__failed", attempts=[listed]))
    assert (only.outcome, seconds(only)) == (AttemptOutcome.FAILED, 0.5)
    assert only.failure is not None
    assert only.failure.headline == "Nope: no"


def test_warm_and_cold_starts_are_told_by_the_logs_style() -> None:
    events = recorded("run_events__parent").data["events"]
    events[1]["style"]["variant"] = "warm"
    log = parse_events(json.dumps({"events": events}).encode())
    (only,) = attempts_of(run_of("runs_get_v3__parent__api_version"), log=log)
    assert only.warm is True


def engine_lines(*told: tuple[str, str]) -> bytes:
    """A trace of a run of which the engine alone tells: time and message of each line."""
    run_id = recorded("runs_get_v3__queued").data["id"]
    data = {"isError": False, "isPartial": False, "isCancelled": False, "events": []}
    lines = [
        {
            "id": f"{number:016x}",
            "runId": run_id,
            "data": data
            | {"message": f"[engine] {message}", "level": "DEBUG", "duration": 100}
            | {"startTime": f"2026-11-21T22:39:{second}.000Z"},
            "children": [],
        }
        for number, (second, message) in enumerate(told, 1)
    ]
    root = data | {"message": "task", "level": "TRACE", "duration": 0, "isPartial": True}
    root |= {"startTime": "2026-11-21T22:39:00.000Z"}
    span = {"id": "f" * 16, "runId": run_id, "data": root, "children": lines}
    return json.dumps({"trace": {"traceId": "t", "rootSpan": span, "isTruncated": False}}).encode()


def test_an_attempt_that_was_requeued_is_over_while_the_run_waits_for_the_next() -> None:
    body = engine_lines(
        ("10", "EXECUTING - Attempt created, starting execution"),
        ("25", "QUEUED - Requeued due to a stalled worker"),
    )
    (only,) = attempts_of(run_of("runs_get_v3__queued", attemptCount=1), parse_trace(body))
    assert (only.outcome, seconds(only)) == (AttemptOutcome.FAILED, 15.0)


def test_nothing_is_known_of_an_attempt_of_a_queued_run_without_a_trace() -> None:
    (only,) = attempts_of(run_of("runs_get_v3__queued", attemptCount=1))
    assert only.outcome is AttemptOutcome.UNKNOWN
    (working,) = attempts_of(run_of("runs_get_v3__queued", attemptCount=1, status="EXECUTING"))
    assert working.outcome is AttemptOutcome.RUNNING


def test_only_the_runs_own_finished_delays_are_its_delays() -> None:
    told = recorded("run_trace__failed_trace").data
    run = run_of("runs_get_v3__failed_trace__api_version")

    def delays(**changes: Any) -> list[int | None]:
        changed = json.loads(json.dumps(told))
        for child in changed["trace"]["rootSpan"]["children"]:
            if child["data"]["message"].startswith("Retry #"):
                child["runId"] = changes.get("runId", child["runId"])
                child["data"]["isPartial"] = changes.get("isPartial", False)
                child["data"]["message"] = changes.get("message", child["data"]["message"])
        trace = parse_trace(json.dumps(changed).encode())
        return [attempt.delay_ns for attempt in attempts_of(run, trace)]

    assert delays() == [None, 992_999_936]
    assert delays(runId="run_other") == [None, None]
    assert delays(isPartial=True) == [None, None]
    assert delays(message="Retry soon") == [None, None]


def test_an_attempt_has_a_length_once_it_began_and_while_it_runs_or_when_it_ended() -> None:
    assert Attempt(1, AttemptOutcome.RUNNING).length_ns(9) is None
    assert Attempt(1, AttemptOutcome.UNKNOWN, start_ns=4).length_ns(9) is None
    assert Attempt(1, AttemptOutcome.RUNNING, start_ns=4).length_ns(9) == 5
    assert Attempt(1, AttemptOutcome.FAILED, start_ns=4, end_ns=6).length_ns(9) == 2


def engine(number: int, message: str) -> dict[str, Any]:
    data = {
        "message": f"[engine] {message}",
        "startTime": f"2026-11-21T22:00:0{number}.000Z",
        "duration": 100,
        "level": "DEBUG",
    }
    return {"id": f"{number:016x}", "runId": "run_q", "data": data, "children": []}


def engine_trace(*lines: str) -> Any:
    root = engine(0, "").copy()
    root["data"] = {**root["data"], "message": "task", "level": "TRACE", "isPartial": True}
    root["children"] = [engine(number, line) for number, line in enumerate(lines, 1)]
    return parse_trace(json.dumps({"trace": {"traceId": "t", "rootSpan": root}}).encode())


def test_an_attempt_that_was_requeued_is_over_while_its_run_waits_for_the_next() -> None:
    waiting = {"id": "run_q", "finishedAt": None, "attemptCount": 1, "error": None}
    run = run_of("runs_get_v3__failed", status="QUEUED", **waiting)
    (requeued,) = attempts_of(run, engine_trace("Attempt created", "Requeued: worker died"))
    assert requeued.outcome is AttemptOutcome.FAILED
    assert requeued.end_ns is not None
    (running,) = attempts_of(
        run_of("runs_get_v3__failed", status="EXECUTING", **waiting),
        engine_trace("Attempt created", "Dequeued"),
    )
    assert running.outcome is AttemptOutcome.RUNNING


def test_an_attempt_of_which_nothing_is_known_runs_only_where_its_run_does() -> None:
    told = {"finishedAt": None, "attemptCount": 1, "error": None}
    for status, outcome in (
        ("QUEUED", AttemptOutcome.UNKNOWN),
        ("EXECUTING", AttemptOutcome.RUNNING),
    ):
        (only,) = attempts_of(run_of("runs_get_v3__failed", status=status, **told))
        assert only.outcome is outcome, status
