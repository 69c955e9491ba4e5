"""The Trigger.dev backend against recorded answers over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.backends.conftest import KEY
from tests.backends.fake_server import FakeClock, FakeServer, Reply
from tests.fakes.clock import START
from tests.recorded import recorded, successes_of
from trigdash.backends import open_backend
from trigdash.backends.base import (
    Backend,
    BadKey,
    InvalidRequest,
    NotFound,
    TooWide,
    Unreadable,
    Unsupported,
)
from trigdash.backends.operations.groups import batch_results, list_batches
from trigdash.backends.operations.queues import list_queues
from trigdash.backends.target import Secret, Target
from trigdash.model.capability import Capability
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.cell import cell_text
from trigdash.presentation.list_states import failed_lines
from trigdash.service.cache.store import Problem

TOKEN = "tr_pat_testonly000000000000000000000000000000000"
PROJECT = "proj_testacmejobs0000000000"


async def test_runs_come_as_slim_rows_with_their_cursor(
    server: FakeServer, backend: Backend
) -> None:
    forward = [one for one in successes_of("runs_list") if "back" not in one.name]
    answer = max(forward, key=lambda one: len(one.data["data"]))
    server.answer("GET", "/api/v1/runs", Reply.of(answer))

    page = await backend.runs(RunFilter(), after="opaque", size=500)

    sent = answer.data["data"]
    assert [row.id for row in page.rows] == [item["id"] for item in sent]
    assert [row.status_name for row in page.rows] == [item["status"] for item in sent]
    assert page.rows[0].environment == sent[0]["env"]["name"]
    assert page.next == answer.data["pagination"].get("next")
    assert server.seen[0].params == {"page[size]": "100", "page[after]": "opaque"}
    assert server.seen[0].headers["x-trigger-api-version"] == "2025-07-16"


async def test_a_page_asked_backwards_is_turned_newest_first(
    server: FakeServer, backend: Backend
) -> None:
    answer = recorded("runs_list__walk_100_back_from_page3")
    server.answer("GET", "/api/v1/runs", Reply.of(answer))
    page = await backend.runs(RunFilter())
    created = [row.created_ms for row in page.rows]
    assert created == sorted(created, reverse=True)


async def test_every_filter_travels_as_the_api_writes_it(
    server: FakeServer, backend: Backend
) -> None:
    server.answer("GET", "/api/v1/runs", Reply.of({"data": [], "pagination": {}}))
    narrowed = RunFilter(
        statuses=("FAILED", "CRASHED"),
        tasks=("a", "b"),
        tags=("user_1",),
        versions=("20261121.1",),
        queues=("task/a", "video"),
        batch="batch_1",
        schedule="sched_1",
        bulk_action="bulk_1",
        error="error_1",
        machines=("micro",),
        regions=("eu",),
        is_test=False,
        since=datetime(2026, 11, 21, 22, 0, 0, 5000, tzinfo=UTC),
        until=datetime(2026, 11, 21, 23, tzinfo=UTC),
        text="never sent",
    )
    await backend.runs(narrowed, size=25)
    await backend.runs(replace(narrowed, period="24h"), size=25)

    params = server.seen[0].params
    assert params == {
        "page[size]": "25",
        "filter[status]": "FAILED,CRASHED",
        "filter[taskIdentifier]": "a,b",
        "filter[tag]": "user_1",
        "filter[version]": "20261121.1",
        "filter[queue]": "task/a,video",
        "filter[machine]": "micro",
        "filter[region]": "eu",
        "filter[batch]": "batch_1",
        "filter[schedule]": "sched_1",
        "filter[bulkAction]": "bulk_1",
        "filter[error]": "error_1",
        "filter[isTest]": "false",
        "filter[createdAt][from]": "1795298400005",
        "filter[createdAt][to]": "1795302000000",
    }
    assert server.seen[1].params["filter[createdAt][period]"] == "24h"
    assert "filter[createdAt][from]" not in server.seen[1].params


async def test_the_same_bytes_give_the_same_objects(server: FakeServer, backend: Backend) -> None:
    first, second = successes_of("runs_list")[:2]
    server.answer("GET", "/api/v1/runs", Reply.of(first), Reply.of(first), Reply.of(second))
    before = await backend.runs(RunFilter())
    assert await backend.runs(RunFilter()) is before
    assert await backend.runs(RunFilter()) is not before


async def test_a_run_is_opened_with_its_error_and_its_relatives(
    server: FakeServer, backend: Backend
) -> None:
    failed = next(one for one in successes_of("runs_get_v3") if "error" in one.data)
    server.answer("GET", "/api/v3/runs/run_1", Reply.of(failed))
    run = await backend.run("run_1")
    assert run.error is not None
    assert run.error.message.split("\n")[0] == failed.data["error"]["message"].split("\n")[0]
    assert run.row().error == run.error.message.split("\n", 1)[0]
    assert run.row().attempts == failed.data["attemptCount"]


async def test_an_id_cannot_leave_its_place_in_the_path(
    server: FakeServer, backend: Backend
) -> None:
    with pytest.raises(NotFound):
        await backend.run("../../v1/whoami?x=#")
    assert server.paths() == ["GET /api/v3/runs/..%2F..%2Fv1%2Fwhoami%3Fx%3D%23"]


async def test_an_answer_of_another_shape_says_where_and_never_what(
    server: FakeServer, backend: Backend
) -> None:
    server.answer("GET", "/api/v3/runs/run_1", Reply.of({"id": "x", "status": {"a": "private"}}))
    with pytest.raises(Unreadable) as caught:
        await backend.run("run_1")
    assert "taskIdentifier" in caught.value.message()
    assert "private" not in caught.value.message()
    assert caught.value.__cause__ is None


async def test_queues_and_their_figures(server: FakeServer, backend: Backend) -> None:
    queues, metrics = successes_of("queues_list"), successes_of("queues_metrics")
    listed = max(queues, key=lambda one: len(one.data["data"]))
    server.answer("GET", "/api/v1/queues", Reply.of(listed))
    server.answer("GET", "/api/v1/queues/a%252Fb/metrics", Reply.of(metrics[0]))
    page = await backend.queues(page=2)
    assert [queue.name for queue in page.data] == [one["name"] for one in listed.data["data"]]
    assert server.seen[0].params == {"page": "2", "perPage": "100"}
    figures = await backend.queue_metrics("a/b", "custom", "1h")
    assert figures.peak_queued == metrics[0].data["peakQueued"]
    assert server.seen[1].params == {"type": "custom", "period": "1h"}


async def test_batches_are_gathered_from_recent_runs(server: FakeServer, backend: Backend) -> None:
    rows = [
        {"batch_id": "new", "runs": 1, "failed": 1, "last_at": "2026-11-21 23:00:00"},
        {
            "batch_id": "batch_old",
            "runs": 5,
            "succeeded": 2,
            "first_at": "2026-11-21 21:59:00",
            "last_at": "2026-11-21 22:00:01.500",
            "ended_at": "2026-11-21 22:00:09.250",
        },
        {"batch_id": "", "runs": 1},
    ]
    rows[0]["ended_at"] = ""
    server.answer("POST", "/api/v1/query", Reply.of({"format": "json", "results": rows}))
    found = await backend.call(list_batches())
    assert found.unreadable == 1, "a batch without an id"
    newest, oldest = found.rows
    assert (newest.id, newest.runs, newest.failed, newest.running) == ("batch_new", 1, 1, 0)
    assert (oldest.runs, oldest.succeeded, oldest.running) == (5, 2, 3), "the rest goes on"
    assert oldest.first_at == datetime(2026, 11, 21, 21, 59, tzinfo=UTC)
    assert oldest.last_at == datetime(2026, 11, 21, 22, 0, 1, 500_000, tzinfo=UTC)
    assert oldest.ended_at == datetime(2026, 11, 21, 22, 0, 9, 250_000, tzinfo=UTC)
    assert newest.ended_at is None


async def test_a_server_without_queries_says_so(server: FakeServer, backend: Backend) -> None:
    server.answer("POST", "/api/v1/query", Reply.of(recorded("query__err_unknown_table")))
    with pytest.raises(InvalidRequest):
        await backend.call(list_batches())


async def test_a_key_learns_where_it_is_and_the_identity_does_not_hold_it(
    server: FakeServer, backend: Backend
) -> None:
    server.answer("GET", "/api/v1/whoami", Reply.of(recorded("whoami_v1__secret_key")))
    here = await backend.identity()
    assert (here.project_ref, here.environment) == (PROJECT, "prod")
    assert here.is_production
    assert KEY not in repr(here)
    assert here.url("runs", "run_1") == (
        f"{server.url}/orgs/acme-test-org-04e9/projects/acme-jobs-20tW/env/prod/runs/run_1"
    )
    assert [one.slug for one in await backend.environments()] == ["prod"]
    assert [one.external_ref for one in await backend.projects()] == [PROJECT]
    assert Capability.ENVIRONMENTS not in backend.capabilities


async def test_a_token_finds_the_environments_key_once(
    server: FakeServer, target: Target, clock: FakeClock
) -> None:
    server.answer(
        "GET",
        f"/api/v1/projects/{PROJECT}/staging",
        Reply.of(recorded("project_env_get__staging_pat")),
    )
    server.answer("GET", "/api/v1/runs", Reply.of({"data": [], "pagination": {}}))
    server.answer(
        "GET",
        f"/api/v1/projects/{PROJECT}/environments",
        Reply.of(recorded("project_environments__pat")),
    )
    by_token = replace(
        target,
        secret_key=None,
        access_token=Secret(TOKEN),
        project=PROJECT,
        environment="stg",
    )
    backend = open_backend(by_token, clock)
    await backend.runs(RunFilter())
    await backend.runs(RunFilter())
    slugs = [one.slug for one in await backend.environments()]
    await backend.aclose()

    assert slugs == ["dev", "stg", "preview", "prod"]
    assert Capability.ENVIRONMENTS in backend.capabilities
    found = recorded("project_env_get__staging_pat").data["apiKey"]
    sent = [one.headers["authorization"].removeprefix("Bearer ") for one in server.seen]
    assert sent == [TOKEN, found, found, TOKEN, TOKEN]  # the last one: preview branches


NEW_KEY = "tr_stg_regenerated00000000000"


def of_key(key: str) -> Reply:
    return Reply.of({**recorded("project_env_get__staging_pat").data, "apiKey": key})


@pytest.fixture
async def by_token(server: FakeServer, target: Target, clock: FakeClock) -> AsyncIterator[Backend]:
    """A backend that finds its key with a token; the first one is refused from the start."""
    where = f"/api/v1/projects/{PROJECT}/staging"
    server.answer("GET", where, of_key("tr_stg_old0000000000000"), of_key(NEW_KEY))
    asked = replace(
        target, secret_key=None, access_token=Secret(TOKEN), project=PROJECT, environment="stg"
    )
    backend = open_backend(asked, clock)
    yield backend
    await backend.aclose()


def keys_sent(server: FakeServer) -> list[str]:
    return [one.headers["authorization"].removeprefix("Bearer ") for one in server.seen]


REFUSED = Reply.of({"error": "Invalid API key"}, status=401)


async def test_a_key_that_was_regenerated_is_fetched_anew(
    server: FakeServer, by_token: Backend
) -> None:
    server.answer("GET", "/api/v1/runs", REFUSED, Reply.of({"data": [], "pagination": {}}))
    assert (await by_token.runs(RunFilter())).rows == ()
    assert (await by_token.runs(RunFilter())).rows == ()
    old = "tr_stg_old0000000000000"
    assert keys_sent(server) == [TOKEN, old, TOKEN, NEW_KEY, NEW_KEY]


async def test_a_write_that_was_refused_for_its_key_is_sent_with_the_new_one(
    server: FakeServer, by_token: Backend
) -> None:
    server.answer("POST", "/api/v1/runs/run_1/replay", REFUSED, Reply.of({"id": "run_2"}))
    assert await by_token.replay("run_1") == "run_2"
    assert keys_sent(server)[-1] == NEW_KEY


async def test_requests_that_are_refused_together_fetch_the_key_once(
    server: FakeServer, by_token: Backend
) -> None:
    done = Reply.of({"data": [], "pagination": {}})
    server.answer("GET", "/api/v1/runs", REFUSED, REFUSED, REFUSED, done)
    await asyncio.gather(*(by_token.runs(RunFilter(tags=(tag,))) for tag in "abc"))
    assert keys_sent(server).count(TOKEN) == 2


async def test_a_key_that_is_still_refused_is_reported(
    server: FakeServer, by_token: Backend
) -> None:
    server.answer("GET", "/api/v1/runs", REFUSED)
    for _ in range(2):
        with pytest.raises(BadKey):
            await by_token.runs(RunFilter())
    assert keys_sent(server).count(NEW_KEY) == 2, "refused, and the same one found again"


async def test_a_token_that_is_refused_itself_leaves_the_key_refused(
    server: FakeServer, by_token: Backend
) -> None:
    where = f"/api/v1/projects/{PROJECT}/staging"
    server.answer("GET", where, of_key("tr_stg_old0000000000000"), REFUSED)
    server.answer("GET", "/api/v1/runs", REFUSED)
    with pytest.raises(BadKey):
        await by_token.runs(RunFilter())


async def test_a_key_that_was_given_is_not_replaced(server: FakeServer, backend: Backend) -> None:
    server.answer("GET", "/api/v1/runs", REFUSED)
    with pytest.raises(BadKey):
        await backend.runs(RunFilter())
    assert len(server.seen) == 1


@pytest.mark.parametrize("branch", [None, "feature/x"])
async def test_a_preview_key_without_a_branch_is_told_that_it_needs_one(
    server: FakeServer, target: Target, clock: FakeClock, branch: str | None
) -> None:
    refusal = recorded("whoami_v1__preview_no_branch")
    assert "branch" not in refusal.body.decode()
    server.answer("GET", "/api/v1/whoami", Reply.of(refusal))
    preview = replace(target, secret_key=Secret("tr_preview_testonly00000000"), branch=branch)
    backend = open_backend(preview, clock)
    with pytest.raises(BadKey) as caught:
        await backend.identity()
    await backend.aclose()
    needed = "a preview key needs a branch, by --branch or TRIGGER_PREVIEW_BRANCH"
    expected = "401" if branch else f"401: {needed}"
    assert caught.value.message() == f"the server does not accept this key ({expected})"


async def test_the_results_of_a_batch_tell_how_its_runs_ended(
    server: FakeServer, backend: Backend
) -> None:
    canceled = recorded("run_result__cancel_exec").data
    done = {"ok": True, "id": "run_1", "taskIdentifier": "t", "output": "[1]", "outputType": "json"}
    path = "/api/v1/batches/batch_1/results"
    server.answer("GET", path, Reply.of({"id": "batch_1", "items": [canceled, done]}))
    results = await backend.call(batch_results("batch_1"))
    assert [(row.id, row.ok) for row in results.rows] == [(canceled["id"], False), ("run_1", True)]
    assert [row.error for row in results.rows] == [canceled["error"], None]
    assert results.rows[1].output == "[1]"
    server.answer("GET", path, Reply.of(recorded("batch_results__real_dev")))
    assert (await backend.call(batch_results("batch_1"))).rows == ()


async def test_a_token_alone_says_what_else_is_needed(
    target: Target, clock: FakeClock, server: FakeServer
) -> None:
    backend = open_backend(replace(target, secret_key=None, access_token=Secret(TOKEN)), clock)
    with pytest.raises(Unsupported, match="a project and an environment"):
        await backend.runs(RunFilter())
    await backend.aclose()
    assert server.seen == []


async def test_the_branch_travels_with_every_request(
    server: FakeServer, target: Target, clock: FakeClock
) -> None:
    server.answer("GET", "/api/v1/runs", Reply.of({"data": [], "pagination": {}}))
    backend = open_backend(replace(target, branch="feature/x"), clock)
    await backend.runs(RunFilter())
    await backend.aclose()
    assert server.seen[0].headers["x-trigger-branch"] == "feature/x"


@pytest.mark.parametrize("field", ["tags", "tasks", "versions", "regions", "queues", "machines"])
async def test_a_filter_value_with_a_comma_is_refused_unsent(
    server: FakeServer, backend: Backend, field: str
) -> None:
    with pytest.raises(Unsupported, match=r"with a comma"):
        await backend.runs(RunFilter(**{field: ("order:1,2",)}))
    assert server.seen == []


async def test_a_list_that_is_too_wide_asks_for_a_narrower_window(
    server: FakeServer, backend: Backend
) -> None:
    said = {"error": "This query is too expensive. Use a narrower time window."}
    server.answer("GET", "/api/v1/runs", Reply.of(said, 422))
    with pytest.raises(TooWide) as caught:
        await backend.runs(RunFilter())
    assert "narrow the time window, such as since:1h" in caught.value.message()
    assert len(server.seen) == 1, "it is not sent again"
    problem = Problem(caught.value.message(), START, None, type(caught.value).__name__)
    offered = [cell_text(line) for line in failed_lines(problem, START)]
    assert any("z narrows the time window" in line for line in offered)


async def test_two_lists_that_ask_alike_and_read_unlike_get_a_value_each(
    server: FakeServer, backend: Backend
) -> None:
    """The queues of the dashboard and the declared list of queues share one address."""
    listed = max(successes_of("queues_list"), key=lambda one: len(one.data["data"]))
    server.answer("GET", "/api/v1/queues", Reply.of(listed))
    pages, listings = [], []
    for _ in range(2):
        pages.append(await backend.queues(1, 100))
        listings.append(await backend.call(list_queues(None)))
    assert [queue.id for queue in pages[0].data] == [queue.id for queue in listings[0].rows]
    assert pages[0] is pages[1], "equal bytes are not parsed again"
    assert listings[0] is listings[1]
