"""Recoup's list of runs, with the answer that its description shows."""

import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from trigdash.backends import reach_of
from trigdash.backends.base import NotFound, Unreadable, Unsupported
from trigdash.backends.recoup.backend import RecoupBackend, open_backend
from trigdash.backends.target import Secret, Target
from trigdash.model.run_filter import RunFilter
from trigdash.model.status import Kind

PATH = "/api/tasks/runs"
LEAST = {
    "id": "run_least",
    "status": "FROZEN",
    "taskIdentifier": "least-that-is-promised",
    "createdAt": "2023-11-07T05:31:56Z",
    "updatedAt": "2023-11-07T05:31:56Z",
}
WHOLE = LEAST | {
    "id": "run_whole",
    "status": "COMPLETED",
    "createdAt": "2023-11-08T05:31:56Z",
    "tags": ["account:5df987"],
    "env": {"id": "e", "name": "prod", "user": "u"},
    "ttl": None,
    "payload": {"a": 1},
    "output": "done",
    "error": {"message": "", "name": "", "stackTrace": ""},
    "attempts": [],
    "schedule": {"id": "sched_1"},
    "relatedRuns": {},
}


def runs(*items: object) -> Reply:
    return Reply.of({"status": "success", "runs": list(items)})


def recoup(server: FakeServer, **more: object) -> RecoupBackend:
    target = Target(
        backend="recoup",
        api_url=server.url,
        secret_key=Secret("rk_secret"),
        **more,  # type: ignore[arg-type]
    )
    return open_backend(target, FakeClock())


async def test_the_newest_hundred_of_either_vocabulary_newest_first(server: FakeServer) -> None:
    server.answer("GET", PATH, runs(LEAST, WHOLE))
    backend = recoup(server, account="5df987")
    page = await backend.runs(RunFilter())
    assert [row.id for row in page.rows] == ["run_whole", "run_least"]
    assert page.rows[1].status.kind is Kind.WAITING
    assert page.next is None
    assert server.seen[0].params == {"limit": "100", "account_id": "5df987"}
    assert server.seen[0].headers["authorization"] == "Bearer rk_secret"
    await backend.aclose()


async def test_a_limit_that_is_set_is_asked_for_and_told(server: FakeServer) -> None:
    server.answer("GET", PATH, runs())
    backend = recoup(server, limit=30)
    await backend.runs(RunFilter())
    assert server.seen[0].params == {"limit": "30"}
    assert backend.reach == reach_of("recoup", 30)
    await backend.aclose()


async def test_the_header_is_a_setting(server: FakeServer) -> None:
    server.answer("GET", PATH, runs())
    backend = recoup(server, auth_header="x-api-key")
    await backend.runs(RunFilter())
    assert server.seen[0].headers["x-api-key"] == "rk_secret"
    await backend.aclose()


async def test_one_run_is_a_list_of_one(server: FakeServer) -> None:
    server.answer("GET", PATH, runs(WHOLE))
    backend = recoup(server)
    run = await backend.run("run_whole")
    assert run.payload == {"a": 1}
    assert server.seen[0].params == {"runId": "run_whole"}
    with pytest.raises(NotFound):
        await backend.run("run_other")
    await backend.aclose()


async def test_what_a_row_tells_can_be_filtered_here(server: FakeServer) -> None:
    server.answer("GET", PATH, runs(LEAST, WHOLE))
    backend = recoup(server)
    page = await backend.runs(RunFilter(statuses=("COMPLETED",), tags=("account:5df987",)))
    assert [row.id for row in page.rows] == ["run_whole"]
    with pytest.raises(Unsupported, match="queues"):
        await backend.runs(RunFilter(queues=("task/a",)))
    await backend.aclose()


@pytest.mark.parametrize(("asked", "found"), [("FAILED", "failed"), ("WAITING", "frozen")])
async def test_a_status_is_that_word_alone_in_either_vocabulary(
    server: FakeServer, asked: str, found: str
) -> None:
    said = ("FAILED", "CRASHED", "SYSTEM_FAILURE", "FROZEN", "COMPLETED")
    server.answer("GET", PATH, runs(*(LEAST | {"id": w.lower(), "status": w} for w in said)))
    backend = recoup(server)
    page = await backend.runs(RunFilter(statuses=(asked,)))
    assert [row.id for row in page.rows] == [found]
    await backend.aclose()


async def test_it_only_reads(server: FakeServer) -> None:
    backend = recoup(server)
    with pytest.raises(Unsupported, match="read-only"):
        await backend.cancel("run_whole")
    with pytest.raises(Unsupported, match="no trace"):
        await backend.trace("run_whole")
    assert server.seen == []
    await backend.aclose()


async def test_a_body_without_success_is_unreadable(server: FakeServer) -> None:
    server.answer("GET", PATH, Reply.of({"status": "error", "runs": []}))
    backend = recoup(server)
    with pytest.raises(Unreadable):
        await backend.runs(RunFilter())
    await backend.aclose()
