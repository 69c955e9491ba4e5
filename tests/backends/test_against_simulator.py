"""The Trigger.dev backend against the simulator, over real HTTP: the contract of both."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.clock import RunningClock
from trigdash.backends import open_backend
from trigdash.backends.base import Backend, BadKey, NotFound, polling
from trigdash.backends.operations.groups import list_batches
from trigdash.backends.target import Secret, Target
from trigdash.commands.doctor import Verdict, examine
from trigdash.model.capability import Capability
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow
from trigdash.model.status import FILTERABLE, Kind
from trigdash.simulator.http.host import SimulatorHost


@pytest.fixture(scope="module", params=["clickhouse", "postgres"])
def trace_store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def simulator(trace_store: str) -> AsyncIterator[SimulatorHost]:
    async with SimulatorHost(
        seed=7, runs=250, trace_store=trace_store, clock=RunningClock()
    ) as host:
        yield host


@pytest.fixture
def target(simulator: SimulatorHost) -> Target:
    return Target(api_url=simulator.url, secret_key=Secret(simulator.secret_key), rate_share=1.0)


@pytest.fixture
async def backend(target: Target) -> AsyncIterator[Backend]:
    opened = open_backend(target, RunningClock())
    yield opened
    await opened.aclose()


async def all_rows(backend: Backend, narrowed: RunFilter, size: int = 100) -> list[RunRow]:
    rows: list[RunRow] = []
    after = None
    while True:
        page = await backend.runs(narrowed, after=after, size=size)
        rows += page.rows
        if page.next is None:
            return rows
        after = page.next


async def of_kind(backend: Backend, kind: Kind) -> RunRow:
    rows = await all_rows(backend, RunFilter())
    return next(row for row in rows if row.status.kind is kind)


async def test_paging_finds_every_run_once_newest_first(backend: Backend) -> None:
    rows = await all_rows(backend, RunFilter(), size=40)
    ids = [row.id for row in rows]
    assert len(ids) == len(set(ids)) >= 200
    created = [row.created_ms for row in rows]
    assert created == sorted(created, reverse=True)
    assert {row.status_name for row in rows} <= set(FILTERABLE)


async def test_filters_narrow_to_what_they_say(backend: Backend) -> None:
    rows = await all_rows(backend, RunFilter())
    task = rows[0].task
    for row in await all_rows(backend, RunFilter(tasks=(task,))):
        assert row.task == task
    finished = await all_rows(backend, RunFilter(statuses=("COMPLETED", "FAILED")))
    assert {row.status_name for row in finished} <= {"COMPLETED", "FAILED"}
    tagged = next(row for row in rows if row.tags)
    found = await all_rows(backend, RunFilter(tags=tagged.tags[:1]))
    assert tagged.id in {row.id for row in found}
    assert await all_rows(backend, RunFilter(batch="batch_unknown")) == []


async def test_a_run_opens_with_trace_events_and_spans(backend: Backend) -> None:
    row = await of_kind(backend, Kind.SUCCEEDED)
    run = await backend.run(row.id)
    assert (run.id, run.task_identifier, run.status_name) == (row.id, row.task, row.status_name)
    assert run.row().created_ms == row.created_ms
    trace = await backend.trace(row.id)
    await backend.events(row.id)
    span = await backend.span(row.id, trace.ids[0])
    assert span.span_id == trace.ids[0]


async def test_a_failed_run_says_why(backend: Backend) -> None:
    row = next(row for row in await all_rows(backend, RunFilter(statuses=("FAILED",))))
    run = await backend.run(row.id)
    assert run.error is not None
    assert run.error.message


async def test_what_does_not_exist_is_not_found(backend: Backend) -> None:
    for ask in (
        backend.run("run_nothere"),
        backend.trace("run_nothere"),
        backend.batch("batch_nothere"),
        backend.queue("nothere", "custom"),
        backend.bulk("bulk_nothere"),
        backend.cancel("run_nothere"),
        backend.replay("run_nothere"),
    ):
        with pytest.raises(NotFound):
            await ask


async def test_queues_with_their_figures(backend: Backend) -> None:
    page = await backend.queues()
    assert page.pagination.count == len(page.data) > 0
    queue = page.data[0]
    assert (await backend.queue(queue.id, "id")).name == queue.name
    figures = await backend.queue_metrics(queue.name, queue.kind, "1h")
    assert figures.period == "1h"


async def test_queue_settings_really_change(backend: Backend) -> None:
    queue = (await backend.queues()).data[0]
    assert (await backend.pause_queue(queue.id, True)).paused
    assert not (await backend.pause_queue(queue.id, False)).paused
    assert (await backend.override_limit(queue.id, 3)).concurrency.override == 3
    assert (await backend.reset_limit(queue.id)).concurrency.override is None


async def test_actions_really_act(backend: Backend) -> None:
    started = await backend.trigger("send-email", {"to": "a@example.test"}, {"delay": "1h"})
    new = started.id
    assert (await backend.run(new)).status_name == "DELAYED"
    await backend.reschedule(new, "2h")
    assert "1 new tag" in await backend.add_tags(new, ["mine"])
    await backend.edit_metadata(new, {"a": 1, "b": {"c": 2}}, ())
    await backend.edit_metadata(new, {"d": 4}, ("b",))
    run = await backend.run(new)
    assert "mine" in run.tags
    assert run.metadata == {"a": 1, "d": 4}
    assert run.payload == {"to": "a@example.test"}
    await backend.cancel(new)
    await backend.cancel(new)
    assert (await backend.run(new)).status_name == "CANCELED"
    again = await backend.replay(new)
    assert again != new
    assert (await backend.run(again)).task_identifier == "send-email"


async def test_batches_are_found_and_opened(backend: Backend) -> None:
    found = (await backend.call(list_batches())).rows
    assert found
    batch = await backend.batch(found[0].id)
    assert batch.run_count >= found[0].runs > 0
    rows = await all_rows(backend, RunFilter(batch=batch.id))
    assert {row.id for row in rows} <= set(batch.runs)


async def test_a_bulk_action_runs_over_its_filter(backend: Backend) -> None:
    ids = [row.id for row in (await backend.runs(RunFilter(), size=2)).rows]
    bulk_id = await backend.start_bulk("replay", ids, None)
    bulk = await backend.bulk(bulk_id)
    assert bulk.kind == "REPLAY"
    assert bulk.counts.total == 2


async def test_error_groups_and_queries(backend: Backend) -> None:
    groups = await backend.error_groups()
    assert all(group.id.startswith("error_") for group in groups)
    rows = await backend.query("SELECT status, count() AS n FROM runs GROUP BY status")
    assert {"status", "n"} <= rows[0].keys()


async def test_the_key_knows_its_place(backend: Backend, simulator: SimulatorHost) -> None:
    here = await backend.identity()
    assert (here.project_ref, here.environment) == (simulator.project, simulator.env)
    assert here.url("runs", "run_1")


async def test_a_token_opens_every_environment(simulator: SimulatorHost) -> None:
    for slug in ("dev", "stg", "prod"):
        by_token = Target(
            api_url=simulator.url,
            access_token=Secret(simulator.access_token),
            project=simulator.project,
            environment=slug,
        )
        backend = open_backend(by_token, RunningClock())
        assert (await backend.identity()).environment == slug
        assert {"dev", "stg", "prod"} <= {one.slug for one in await backend.environments()}
        assert simulator.project in {one.external_ref for one in await backend.projects()}
        assert Capability.ENVIRONMENTS in backend.capabilities
        await backend.aclose()


async def test_a_wrong_key_is_refused(simulator: SimulatorHost) -> None:
    wrong = Target(api_url=simulator.url, secret_key=Secret("tr_prod_nobodyhasthis000000000"))
    backend = open_backend(wrong, RunningClock())
    with pytest.raises(BadKey):
        await backend.runs(RunFilter())
    await backend.aclose()


async def test_the_rate_limit_is_watched(backend: Backend) -> None:
    token = polling.set(True)
    await backend.runs(RunFilter())
    polling.reset(token)
    budget = backend.budget
    assert budget.limit == 750
    assert budget.remaining is not None
    assert budget.spent == 1
    assert budget.slowdown == 1
    assert not budget.stopped


async def test_the_doctor_is_content(target: Target, backend: Backend) -> None:
    findings = [finding async for finding in examine(target, backend, RunningClock())]
    assert [one.line() for one in findings if one.verdict is not Verdict.OK] == []
