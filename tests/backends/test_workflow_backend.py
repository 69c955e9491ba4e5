"""The workflow Runs API, with the answers that its description shows."""

import json

import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from trigdash.backends.base import BackendError, InvalidRequest, NotFound, Unreadable, Unsupported
from trigdash.backends.target import Secret, Target
from trigdash.backends.workflow.backend import WorkflowBackend, open_backend
from trigdash.model.capability import Capability
from trigdash.model.run_filter import RunFilter
from trigdash.model.span_event import SpanFlag
from trigdash.model.status import Kind

RUN = "run_550e8400-e29b-41d4-a716-446655440000"
KEY = "wk_very_secret"
COMPLETED = {
    "id": RUN,
    "workflowId": "wf_xxx",
    "status": "completed",
    "triggerType": "webhook",
    "startedAt": "2024-01-15T10:30:00.000Z",
    "completedAt": "2024-01-15T10:30:05.000Z",
    "durationMs": 5000,
    "error": None,
    "createdAt": "2024-01-15T10:30:00.000Z",
}
FAILED = COMPLETED | {
    "id": "run_660e8400-e29b-41d4-a716-446655440001",
    "status": "failed",
    "triggerType": "api",
    "createdAt": "2024-01-15T10:25:00.000Z",
    "error": {"code": "STEP_ERROR", "message": "Connection timeout"},
}
STEPS = [
    {
        "stepId": "notify-team",
        "status": "success",
        "startedAt": "2024-01-15T10:30:01.000Z",
        "completedAt": "2024-01-15T10:30:02.000Z",
        "durationMs": 1000,
        "input": {"channel": "#finance"},
        "output": {"ts": "1234567890.123456"},
        "attempt": 1,
    },
    {
        "stepId": "sync-to-crm",
        "status": "error",
        "startedAt": "2024-01-15T10:30:02.000Z",
        "completedAt": "2024-01-15T10:30:05.000Z",
        "durationMs": 3000,
        "input": {"recordId": "123"},
        "output": None,
        "error": {"code": "STEP_ERROR", "message": "API rate limit exceeded"},
        "attempt": 3,
    },
    {"stepId": "tell-finance", "status": "skipped"},
]
DETAIL = FAILED | {"id": RUN, "input": {"type": "invoice.paid"}, "stepResults": STEPS}
RESTARTED = {
    "originalRunId": RUN,
    "newRunId": "run_770e8400-e29b-41d4-a716-446655440002",
    "workflowId": "wf_xxx",
    "restartFromStepId": "sync-to-crm",
    "status": "pending",
    "createdAt": "2024-01-15T10:35:00.000Z",
}
LIST = "/api/v1/runs"


def success(data: object, status: int = 200, **more: object) -> Reply:
    return Reply.of({"success": True, "data": data, **more}, status=status)


def refused(code: str, message: str, status: int) -> Reply:
    error = {"code": code, "message": message}
    return Reply.of({"success": False, "error": error}, status=status)


def workflow(server: FakeServer, **more: object) -> WorkflowBackend:
    target = Target(
        backend="workflow",
        api_url=server.url,
        secret_key=Secret(KEY),
        **more,  # type: ignore[arg-type]
    )
    return open_backend(target, FakeClock())


async def test_a_page_becomes_rows_with_the_key_in_its_own_header(server: FakeServer) -> None:
    server.answer(
        "GET", LIST, success([COMPLETED, FAILED], meta={"cursor": "abc", "hasMore": True})
    )
    backend = workflow(server)
    page = await backend.runs(RunFilter(), after="earlier", size=50)
    assert [row.status.kind for row in page.rows] == [Kind.SUCCEEDED, Kind.FAILED]
    assert page.rows[1].error == "Connection timeout"
    assert page.next == "abc"
    seen = server.seen[0]
    assert seen.headers["x-api-key"] == KEY
    assert "authorization" not in seen.headers
    assert seen.params == {"limit": "50", "cursor": "earlier"}
    await backend.aclose()


async def test_the_last_page_has_no_cursor_even_when_the_server_sends_one(
    server: FakeServer,
) -> None:
    server.answer("GET", LIST, success([COMPLETED], meta={"cursor": "abc", "hasMore": False}))
    backend = workflow(server)
    assert (await backend.runs(RunFilter())).next is None
    await backend.aclose()


async def test_one_status_is_the_servers_to_filter_and_several_are_ours(
    server: FakeServer,
) -> None:
    server.answer("GET", LIST, success([COMPLETED, FAILED | {"status": "timeout"}]))
    backend = workflow(server)
    await backend.runs(RunFilter(statuses=("FAILED", "CRASHED"), tasks=("wf_xxx",)))
    assert server.seen[0].params == {"limit": "100", "status": "failed", "workflowId": "wf_xxx"}
    page = await backend.runs(RunFilter(statuses=("FAILED", "TIMED_OUT")))
    assert "status" not in server.seen[1].params
    assert [row.status_name for row in page.rows] == ["timeout"]
    await backend.aclose()


async def test_a_time_window_ends_the_paging_where_it_begins(server: FakeServer) -> None:
    server.answer("GET", LIST, success([COMPLETED], meta={"cursor": "older", "hasMore": True}))
    backend = workflow(server)
    page = await backend.runs(RunFilter(period="24h"))
    assert page.rows == ()
    assert page.next is None
    await backend.aclose()


async def test_a_filter_that_nothing_can_answer_is_refused_before_anything_is_sent(
    server: FakeServer,
) -> None:
    backend = workflow(server)
    with pytest.raises(Unsupported, match="the workflow API cannot filter by tags"):
        await backend.runs(RunFilter(tags=("vip",)))
    assert server.seen == []
    await backend.aclose()


async def test_steps_are_told_as_a_trace_below_the_workflow(server: FakeServer) -> None:
    server.answer("GET", f"{LIST}/{RUN}", success(DETAIL))
    backend = workflow(server)
    trace = await backend.trace(RUN)
    assert trace.messages == ["wf_xxx", "notify-team", "sync-to-crm", "tell-finance"]
    assert list(trace.depth) == [0, 1, 1, 1]
    assert trace.duration_ns[2] == 3_000_000_000
    assert trace.has(2, SpanFlag.ERROR)
    failure = trace.events[2][0].failure
    assert failure is not None
    assert failure.headline == "STEP_ERROR: API rate limit exceeded"
    # A skipped step tells no time: it stands where the one before it ended.
    assert trace.start_ns[3] == trace.start_ns[2] + 3_000_000_000
    await backend.aclose()


async def test_a_step_opens_with_its_input_output_and_attempt(server: FakeServer) -> None:
    server.answer("GET", f"{LIST}/{RUN}", success(DETAIL))
    backend = workflow(server)
    trace = await backend.trace(RUN)
    span = await backend.span(RUN, trace.ids[1])
    assert span.message == "notify-team"
    assert span.properties["input"] == {"channel": "#finance"}
    assert span.properties["output"] == {"ts": "1234567890.123456"}
    with pytest.raises(NotFound):
        await backend.span(RUN, "0" * 16)
    await backend.aclose()


async def test_the_log_lists_the_same_steps_with_the_same_ids(server: FakeServer) -> None:
    logs = {"runId": RUN, "workflowId": "wf_xxx", "status": "failed", "logs": STEPS}
    server.answer("GET", f"{LIST}/{RUN}/logs", success(logs))
    server.answer("GET", f"{LIST}/{RUN}", success(DETAIL))
    backend = workflow(server)
    log = await backend.events(RUN)
    trace = await backend.trace(RUN)
    assert list(log.messages) == ["notify-team", "sync-to-crm", "tell-finance"]
    assert [log.span_id(entry) for entry in range(3)] == trace.ids[1:]
    assert log.has(1, SpanFlag.ERROR)
    await backend.aclose()


async def test_an_opened_run_tells_input_error_and_attempts(server: FakeServer) -> None:
    server.answer("GET", f"{LIST}/{RUN}", success(DETAIL))
    backend = workflow(server)
    run = await backend.run(RUN)
    assert run.payload == {"type": "invoice.paid"}
    assert not run.has_output
    assert run.error is not None
    assert run.error.name == "STEP_ERROR"
    assert run.attempt_count == 3
    await backend.aclose()


@pytest.mark.parametrize("told", [{"restartedFromRunId": RUN}, {"restartedFromRunId": None}, {}])
async def test_a_restarted_run_names_the_run_that_it_was_made_from(
    server: FakeServer, told: dict[str, str | None]
) -> None:
    origin = told.get("restartedFromRunId")
    made = DETAIL | {"id": "run_770e8400-e29b-41d4-a716-446655440002"} | told
    server.answer("GET", f"{LIST}/{made['id']}", success(made))
    server.answer("GET", LIST, success([COMPLETED | told]))
    backend = workflow(server)
    run = await backend.run(str(made["id"]))
    assert run.restarted_from_run_id == origin
    assert run.row().restarted_from == origin
    (row,) = (await backend.runs(RunFilter())).rows
    assert row.restarted_from == origin
    await backend.aclose()


async def test_retry_and_restart_return_the_new_run(server: FakeServer) -> None:
    server.answer("POST", f"{LIST}/{RUN}/retry", success(RESTARTED, status=202))
    server.answer("POST", f"{LIST}/{RUN}/restart", success(RESTARTED, status=202))
    backend = workflow(server)
    assert await backend.retry(RUN) == RESTARTED["newRunId"]
    assert await backend.restart(RUN, "sync-to-crm", {"retryCount": 1}) == RESTARTED["newRunId"]
    assert server.seen[1].json == {"fromStepId": "sync-to-crm", "overrideInput": {"retryCount": 1}}
    await backend.aclose()


async def test_a_lost_answer_to_a_retry_is_unknown_and_sent_once(server: FakeServer) -> None:
    server.answer("POST", f"{LIST}/{RUN}/retry", Reply(hang_up=True))
    backend = workflow(server)
    with pytest.raises(BackendError) as caught:
        await backend.retry(RUN)
    assert caught.value.outcome_unknown
    assert len(server.seen) == 1
    await backend.aclose()


async def test_refusals_carry_the_servers_own_words(server: FakeServer) -> None:
    words = "Can only cancel running or pending runs"
    server.answer("POST", f"{LIST}/{RUN}/cancel", refused("INVALID_STATE", words, 400))
    server.answer("GET", f"{LIST}/{RUN}", refused("NOT_FOUND", "Run not found", 404))
    backend = workflow(server)
    with pytest.raises(InvalidRequest, match=words):
        await backend.cancel(RUN)
    with pytest.raises(NotFound, match="Run not found"):
        await backend.run(RUN)
    await backend.aclose()


async def test_a_success_that_says_it_is_none_is_unreadable(server: FakeServer) -> None:
    server.answer("GET", LIST, Reply(body=json.dumps({"success": False, "data": []}).encode()))
    backend = workflow(server)
    with pytest.raises(Unreadable):
        await backend.runs(RunFilter())
    await backend.aclose()


async def test_a_read_only_profile_writes_nothing(server: FakeServer) -> None:
    backend = workflow(server, read_only=True)
    with pytest.raises(Unsupported, match="read-only"):
        await backend.cancel(RUN)
    assert Capability.CANCEL not in backend.capabilities
    assert server.seen == []
    await backend.aclose()


async def test_what_the_system_lacks_is_said_in_words(server: FakeServer) -> None:
    backend = workflow(server)
    with pytest.raises(Unsupported, match="no queues"):
        await backend.queues()
    with pytest.raises(Unsupported, match="retry and restart"):
        await backend.replay(RUN)
    await backend.aclose()
