"""What is not there: said at once, and not asked for for ever."""

from __future__ import annotations

import pytest

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from trigdash.backends.base import NotFound
from trigdash.ui.input.commands import ParsedCommand, read
from trigdash.ui.screens.batch import BatchScreen
from trigdash.ui.screens.run import RunScreen

RUN = "run_cms0mxija0000y2k5iaxy00300"
ADDRESS = f"https://cloud.trigger.dev/orgs/acme/projects/jobs/env/prod/runs/{RUN}?span=1#x"


def command(line: str) -> tuple[str, str]:
    asked: ParsedCommand = read(line)
    return asked.command.name, asked.argument


@pytest.mark.parametrize(
    ("line", "opens"),
    [
        (f"run {ADDRESS}", ("run", RUN)),
        (f":run {ADDRESS}", ("run", RUN)),
        (ADDRESS, ("run", RUN)),
        (f"run {RUN}", ("run", RUN)),
        ("batch https://x.y/batches/batch_1/", ("batch", "batch_1")),
        ("https://x.y/batches?id=batch_1", ("batch", "batch_1")),
        ("run https://x.y/nothing", ("run", "https://x.y/nothing")),
    ],
)
def test_the_address_of_a_dashboard_page_opens_what_it_shows(
    line: str, opens: tuple[str, str]
) -> None:
    assert command(line) == opens


def backend_without() -> FakeBackend:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 4))
    for method in ("batch", "trace", "events"):
        backend.answers[method] = lambda _id: NotFound("Not found", status=404)
    backend.answers["query"] = []
    return backend


async def rest(stage: Harness, seconds: int = 300) -> None:
    for _ in range(seconds // 5):
        await stage.clock.advance(5.0)
    await stage.pilot.pause()


@pytest.mark.parametrize("tab", ["overview", "trace", "events"])
async def test_an_unknown_run_is_called_so_and_asked_for_a_few_times(tab: str) -> None:
    backend = backend_without()
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        harness.app.open_detail("run", RUN, tab=tab)
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        await harness.until(lambda: "no such run here" in harness.words())
        await rest(harness)
        asked = [len(backend.asked(method)) for method in ("run", "trace", "events")]
        assert asked[0] == 4
        await rest(harness)
        assert [len(backend.asked(method)) for method in ("run", "trace", "events")] == asked
        await harness.press("ctrl+r")
        await harness.until(lambda: len(backend.asked("run")) > 4)


async def test_an_unknown_batch_is_called_so_and_not_one_that_has_ended() -> None:
    backend = backend_without()
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        harness.app.open_detail("batch", "batch_typo")
        await harness.until(lambda: isinstance(harness.app.screen, BatchScreen))
        await harness.until(lambda: "no such batch: batch_typo" in harness.state)
        head = str(harness.app.screen.query_one("#batch-head").render())
        assert "ended" not in head
        assert "not found" in head
        assert "live" not in harness.bar
        await rest(harness)
        assert len(backend.asked("batch")) == 4


async def test_a_whole_id_in_the_filter_opens_a_run_that_is_not_loaded() -> None:
    backend = backend_without()
    backend.add([run_row(3, id="run_loaded00000000000000000003")])
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("slash", *"run_loaded00000000000000000003", "enter")
        await harness.until(lambda: harness.ids == ["run_loaded00000000000000000003"])
        await harness.press("escape", "slash", *RUN, "enter")
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        assert harness.app.screen.run_id == RUN  # type: ignore[attr-defined]
        await harness.press("escape")
        assert len(harness.ids) == 4
