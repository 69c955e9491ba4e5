"""The same questions to every system, over real HTTP, about the same simulated world."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from tests.fakes.clock import RunningClock
from trigdash.backends import BACKENDS, open_backend, reach_of, supported_filters_of
from trigdash.backends.base import Backend, BackendError, BadKey, NotFound, Unsupported
from trigdash.backends.target import Secret, Target
from trigdash.model.capability import Capability
from trigdash.model.run_filter import RunFilter
from trigdash.model.status import Kind, status
from trigdash.simulator.http.host import SimulatorHost

EVERYTHING = RunFilter(period="2w")


@pytest.fixture
async def host() -> AsyncIterator[SimulatorHost]:
    async with SimulatorHost(runs=400, seed=11, clock=RunningClock()) as running:
        yield running


@dataclass
class System:
    """One system under question."""

    name: str
    target: Target
    backend: Backend

    @property
    def everything(self) -> RunFilter:
        return EVERYTHING if self.name == "trigger" else RunFilter()


def target(host: SimulatorHost, name: str, **more: object) -> Target:
    url, key = {
        "trigger": (host.url, host.secret_key),
        "workflow": (host.workflow_url, host.workflow.key),
        "recoup": (host.recoup_url, host.recoup.key),
    }[name]
    facts: dict[str, object] = {"backend": name, "api_url": url, "secret_key": Secret(key)}
    return Target(**(facts | more))  # type: ignore[arg-type]


@pytest.fixture(params=sorted(BACKENDS))
async def system(host: SimulatorHost, request: pytest.FixtureRequest) -> AsyncIterator[System]:
    name = request.param
    chosen = target(host, name)
    backend = open_backend(chosen, RunningClock())
    yield System(name, chosen, backend)
    await backend.aclose()


async def test_lists_the_newest_runs_first(system: System) -> None:
    page = await system.backend.runs(system.everything, size=50)
    created = [row.created_ms for row in page.rows]
    assert len(created) >= 50
    assert created == sorted(created, reverse=True)
    assert all(row.status.kind is not Kind.UNKNOWN for row in page.rows)


async def test_goes_on_to_older_runs_or_says_that_it_cannot(system: System) -> None:
    page = await system.backend.runs(system.everything, size=20)
    if Capability.PAGING not in system.backend.capabilities:
        assert page.next is None
        assert "newest 100" in system.backend.disabled_reason(Capability.PAGING)
        return
    older = await system.backend.runs(system.everything, after=page.next, size=20)
    assert older.rows[0].created_ms <= page.rows[-1].created_ms
    assert {row.id for row in page.rows}.isdisjoint(row.id for row in older.rows)


async def test_filters_by_status(system: System) -> None:
    narrowed = RunFilter(statuses=("COMPLETED",))
    page = await system.backend.runs(narrowed, size=20)
    assert page.rows
    assert {row.status.kind for row in page.rows} == {Kind.SUCCEEDED}


async def test_takes_every_status_that_it_names_and_refuses_what_it_says(system: System) -> None:
    narrowing = supported_filters_of(system.name)
    for name in narrowing.statuses:
        page = await system.backend.runs(RunFilter(statuses=(name,)), size=20)
        assert {row.status.word for row in page.rows} <= {status(name).word}
    for refused in narrowing.refused:
        value = False if refused == "is_test" else "x" if refused[-1] != "s" else ("x",)
        with pytest.raises(Unsupported, match="cannot filter by"):
            await system.backend.runs(RunFilter(**{refused: value}))
    assert reach_of(system.name) == system.backend.reach


async def test_opens_what_it_lists(system: System) -> None:
    page = await system.backend.runs(system.everything, size=20)
    row = next(row for row in page.rows if row.status.is_final)
    run = await system.backend.run(row.id)
    assert (run.id, run.task_identifier, run.status) == (row.id, row.task, row.status)


async def test_tells_the_trace_and_its_spans_or_says_that_it_cannot(system: System) -> None:
    page = await system.backend.runs(RunFilter(statuses=("COMPLETED",)), size=20)
    run_id = page.rows[0].id
    if Capability.TRACE not in system.backend.capabilities:
        with pytest.raises(Unsupported, match="no trace"):
            await system.backend.trace(run_id)
        return
    trace = await system.backend.trace(run_id)
    assert len(trace) > 1
    span = await system.backend.span(run_id, trace.ids[1])
    assert span.message == trace.messages[1]
    assert len(await system.backend.events(run_id)) > 0


async def test_an_unknown_run_is_not_found(system: System) -> None:
    with pytest.raises(NotFound):
        await system.backend.run("run_doesnotexist")


async def test_a_wrong_key_is_refused_in_words(host: SimulatorHost, system: System) -> None:
    wrong = target(host, system.name, secret_key=Secret("tr_prod_wrong"))
    backend = open_backend(wrong, FakeClock())
    with pytest.raises(BadKey) as caught:
        await backend.runs(RunFilter())
    assert "does not accept this key" in caught.value.message()
    await backend.aclose()


async def test_a_server_that_is_gone_cannot_be_reached(host: SimulatorHost, system: System) -> None:
    gone = target(host, system.name, api_url="http://127.0.0.1:9")
    backend = open_backend(gone, FakeClock())
    with pytest.raises(BackendError, match="no connection"):
        await backend.runs(RunFilter())
    await backend.aclose()


async def test_every_capability_is_there_or_has_a_reason(system: System) -> None:
    for capability in Capability:
        if capability not in system.backend.capabilities:
            assert len(system.backend.disabled_reason(capability)) > 10


async def test_cancels_what_is_unfinished_or_says_that_it_cannot(
    host: SimulatorHost, system: System
) -> None:
    unfinished = RunFilter(statuses=("QUEUED", "EXECUTING", "WAITING"))
    page = await system.backend.runs(unfinished, size=50)
    row = page.rows[0]
    if Capability.CANCEL not in system.backend.capabilities:
        with pytest.raises(Unsupported, match="read-only"):
            await system.backend.cancel(row.id)
        return
    await system.backend.cancel(row.id)
    assert (await system.backend.run(row.id)).status.kind is Kind.CANCELED


async def test_starts_a_failed_run_again_in_its_own_way(system: System) -> None:
    page = await system.backend.runs(RunFilter(statuses=("FAILED",)), size=20)
    offered = system.backend.capabilities
    row = page.rows[0]
    if Capability.REPLAY in offered:
        new = await system.backend.replay(row.id)
    elif Capability.RETRY in offered:
        new = await system.backend.retry(row.id)
    else:
        with pytest.raises(Unsupported):
            await system.backend.replay(row.id)
        return
    run = await system.backend.run(new)
    assert run.task_identifier == row.task
    assert new != row.id


async def test_a_restart_keeps_the_steps_before_and_takes_the_changed_input(
    host: SimulatorHost,
) -> None:
    backend = open_backend(target(host, "workflow"), RunningClock())
    page = await backend.runs(RunFilter(statuses=("COMPLETED",)), size=50)
    for row in page.rows:
        trace = await backend.trace(row.id)
        if len(trace) > 2:
            break
    step = trace.messages[2]
    new = await backend.restart(row.id, step, {"retryCount": 1})
    kept = await backend.trace(new)
    assert kept.messages[1] == trace.messages[1]
    run = await backend.run(new)
    assert run.payload["retryCount"] == 1
    with pytest.raises(BackendError, match="Step not found: nope"):
        await backend.restart(row.id, "nope", None)
    await backend.aclose()


@pytest.mark.parametrize("name", sorted(BACKENDS))
async def test_a_key_is_never_shown_however_a_server_quotes_it(
    server: FakeServer, name: str
) -> None:
    key = "Live/Key=0123456789"
    backend = open_backend(
        Target(backend=name, api_url=server.url, secret_key=Secret(key)), FakeClock()
    )
    for reply in (
        Reply(302, b"", {"Location": f"https://login.test/?key={key}"}),
        Reply(302, b"", {"Location": f"https://login.test/?key={quote(key, safe='')}"}),
        Reply.of({"error": f"no such key: {key}"}, status=400),
    ):
        for path in ("/api/v1/runs", "/api/tasks/runs"):
            server.answer("GET", path, reply)
        with pytest.raises(BackendError) as caught:
            await backend.runs(RunFilter())
        assert "***" in caught.value.message()
        assert "Live" not in caught.value.message()
    await backend.aclose()
