"""How it looks: a dozen pictures at a fixed size, seed and clock.

After a change that is meant: `pytest tests/ui/test_looks.py --snapshot-update`, then look at the
difference of each picture before it is kept.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.app import App

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from tests.ui.harness import Harness, open_app, run_row
from tests.ui.live_harness import STILL
from tests.ui.run_harness import RecordedRun, open_run
from trigdash.backends import open_backend
from trigdash.backends.base import CannotReach
from trigdash.backends.target import Secret, Target
from trigdash.config.options import UiSettings
from trigdash.model.run_row import RunRow
from trigdash.service.connection import Connection
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.ui.screens.queues import QueuesScreen
from trigdash.ui.widgets.run_pane import RunPane

FAILED = RecordedRun("runs_get_v3__failed_trace__api_version", "run_trace__failed_trace")

Look = Callable[[App[int]], None]


@pytest.fixture
def look(snapshot: SnapshotAssertion) -> Look:
    """Compare what an app shows with the picture that was kept of it."""
    kept = snapshot.use_extension(SVGImageExtension)

    def compare(app: App[int]) -> None:
        assert app.export_screenshot() == kept

    return compare


@pytest.fixture(autouse=True)
def _in_one_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are shown as the machine's clock has them."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def some_runs() -> list[RunRow]:
    """One or more of each kind of run."""
    waiting = {"started_ms": None, "version": None}
    failed = run_row(21, "FAILED", task="charge-invoice", error="Card declined", attempts=3)
    failed = replace(failed, finished_ms=failed.created_ms + 12_400)
    listed = [
        run_row(4, "EXECUTING", task="transcribe-audio", tags=("media", "org_7")),
        run_row(9, "QUEUED", task="resize-image", **waiting),
        run_row(15, "WAITING", task="approve-refund", tags=("billing",)),
        failed,
        run_row(48, "CRASHED", task="render-chart"),
        run_row(75, "DELAYED", task="send-email", **waiting),
        run_row(90, "EXPIRED", task="send-email", **waiting),
        run_row(190, "CANCELED", task="sync-crm"),
        run_row(200, "TIMED_OUT", task="index-documents"),
        run_row(260, "PENDING_VERSION", task="nightly-report", **waiting),
    ]
    return listed + [completed(300 + 7 * each) for each in range(40)]


def completed(number: int) -> RunRow:
    row = run_row(number, cost_cents=0.0042)
    took_ms = 640 + 37 * (number % 90)
    return replace(
        row, id=f"run_cms0mxija0000y2k5iaxy{number:05}", finished_ms=row.created_ms + took_ms
    )


@asynccontextmanager
async def with_runs(
    size: tuple[int, int], settings: UiSettings | None = None
) -> AsyncIterator[Harness]:
    backend = FakeBackend()
    backend.add(some_runs())
    async with open_app(backend, settings, size) as harness:
        await harness.until(lambda: len(harness.ids) == 50)
        harness.runs.show_time(harness.clock.now())
        yield harness


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_runs(look: Look, size: tuple[int, int]) -> None:
    async with with_runs(size) as harness:
        await harness.press("j", "j", "j")
        look(harness.app)


async def test_runs_on_a_wide_terminal(look: Look) -> None:
    async with with_runs((200, 40)) as harness:
        await harness.press("j", "j", "j")
        await harness.until(
            lambda: "Card declined" in harness.app.screen.query_one(RunPane).plain_text
        )
        look(harness.app)


async def test_runs_on_a_light_ground_narrowed_to_a_text_and_marked(look: Look) -> None:
    async with with_runs((120, 30), UiSettings(server="127.0.0.1", theme="light")) as harness:
        await harness.press("slash", *"send", "enter", "space", "space", "n")
        look(harness.app)


async def test_a_filter_that_is_wrong(look: Look) -> None:
    async with with_runs((80, 24)) as harness:
        await harness.press("slash", *"statsu:failed", "enter")
        await harness.until(lambda: "no field" in harness.hint())
        harness.filter.query_one("#filter-prompt").blur()
        await harness.pilot.pause()
        look(harness.app)


async def test_loading(look: Look) -> None:
    backend = FakeBackend()
    async with open_app(backend, size=(80, 24), opening=_never) as harness:
        await harness.pilot.pause()
        look(harness.app)


async def _never(_profile: str | None, _environment: str | None) -> None:
    await FakeClock().wait(1)


async def test_no_data(look: Look) -> None:
    backend = FakeBackend(failure=CannotReach("no connection"))
    async with open_app(backend, size=(80, 24)) as harness:
        await harness.until(lambda: "no data" in harness.bar)
        await harness.until(lambda: "cannot reach" in harness.state)
        harness.runs.query_one("#places").refresh()
        await harness.pilot.pause()
        look(harness.app)


async def test_stale(look: Look) -> None:
    async with with_runs((100, 24)) as harness:
        harness.backend.failure = CannotReach("no connection")
        await harness.poll(3)
        await harness.until(lambda: "reconnecting" in harness.bar)
        look(harness.app)


async def test_no_runs(look: Look) -> None:
    async with open_app(FakeBackend(), size=(80, 24)) as harness:
        await harness.until(lambda: "no runs" in harness.state)
        await harness.until(lambda: "acme-jobs" in harness.bar)
        look(harness.app)


async def test_a_failed_run(look: Look) -> None:
    async with open_run(FAILED, size=(120, 40)) as harness:
        await harness.see("attempt 2")
        look(harness.app)


async def test_the_trace_of_a_failed_run(look: Look) -> None:
    async with open_run(FAILED, "trace", size=(120, 40)) as harness:
        await harness.see("Attempt 2")
        await harness.press("j", "j")
        look(harness.app)


async def test_a_question_before_something_is_done_in_production(look: Look) -> None:
    async with with_runs((120, 30), UiSettings(environment="prod")) as harness:
        await harness.press("C")
        await harness.until(lambda: len(harness.app.screen_stack) == 2)
        await harness.pilot.pause()
        look(harness.app)


async def test_queues(look: Look) -> None:
    clock = FakeClock()
    host = SimulatorHost(scenario=STILL, runs=300, clock=clock, rate=Rate(0, 0))

    async def opening(_profile: str | None, _environment: str | None) -> Connection:
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key))
        return Connection(open_backend(target, clock), clock)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(host)
        harness = await stack.enter_async_context(open_app(size=(120, 30), opening=opening))
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.press("2")
        await harness.until(
            lambda: isinstance(harness.app.screen, QueuesScreen) and harness.table.rows
        )
        look(harness.app)
