"""Queues, watched and steered over real HTTP."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from tests.ui.live_harness import LiveHarness, live_app
from trigdash.model.queue import Queue
from trigdash.presentation.cell import cell_text
from trigdash.presentation.queue_readings import Health, forecast_label
from trigdash.simulator.scenarios.definitions import CALM
from trigdash.simulator.world.scenario import Scenario, ScenarioEvent
from trigdash.ui.dialogs.confirm import ConfirmDialog
from trigdash.ui.dialogs.one_line import OverrideLimitDialog
from trigdash.ui.screens.queue import QueueScreen
from trigdash.ui.screens.queues import QueuesScreen
from trigdash.ui.widgets.line import Line, StatusBar
from trigdash.ui.widgets.queue_pane import QueuePane
from trigdash.ui.widgets.text_panes import Explanation, StateView


async def at_queue(stage: LiveHarness, name: str) -> Queue:
    """The list of queues with one of them highlighted."""
    await stage.until(lambda: stage.app.session.identity is not None)
    await stage.press("2")
    await stage.until(lambda: isinstance(stage.app.screen, QueuesScreen))
    await stage.until(lambda: stage.table.rows, "the queues")
    queue = next(row for row in stage.table.rows if row.name == name)
    assert stage.table.select_key(queue.id)
    await stage.pilot.pause()
    return queue


def shown_queue(stage: LiveHarness, queue_id: str) -> Queue:
    screen = next(s for s in stage.app.screen_stack if isinstance(s, QueuesScreen))
    return next(row for row in screen.table.rows if row.id == queue_id)


async def test_a_queue_is_paused_and_resumed() -> None:
    async with live_app() as harness:
        queue = await at_queue(harness, "send-email")
        await harness.press("P")
        await harness.until(lambda: isinstance(harness.app.screen, ConfirmDialog))
        assert harness.app.screen.has_class("-production")
        await harness.press("y")
        await harness.until(lambda: shown_queue(harness, queue.id).paused)
        await harness.press("P")
        await harness.until(lambda: isinstance(harness.app.screen, ConfirmDialog))
        await harness.press("y")
        await harness.until(lambda: not shown_queue(harness, queue.id).paused)
        assert harness.writes == [f"/api/v1/queues/{queue.id}/pause"] * 2
        assert any("resumed" in toast for toast in harness.toasts)


async def test_a_write_is_for_the_marked_queue_and_for_no_other_than_that() -> None:
    async with live_app() as harness:
        queue = await at_queue(harness, "generate-report")
        await harness.press("space")
        assert harness.table.cursor_row.id != queue.id, "marking goes on to the next row"
        await harness.press("P")
        await harness.until(lambda: isinstance(harness.app.screen, ConfirmDialog))
        assert "generate-report" in str(harness.app.screen.query_one(".said", Static).render())
        await harness.press("escape")
        await harness.until(lambda: isinstance(harness.app.screen, QueuesScreen))
        await harness.press("space", "P")
        await harness.until(lambda: any("one queue at a time" in toast for toast in harness.toasts))
        assert isinstance(harness.app.screen, QueuesScreen)
        assert harness.writes == []


async def test_a_limit_is_overridden_and_the_override_removed() -> None:
    async with live_app() as harness:
        queue = await at_queue(harness, "resize-image")
        base = queue.concurrency_limit
        await harness.press("U")
        await harness.until(lambda: any("not overridden" in toast for toast in harness.toasts))
        await harness.press("L")
        await harness.until(lambda: isinstance(harness.app.screen, OverrideLimitDialog))
        assert "allowed maximum" in str(harness.app.screen.query_one(".said", Static).render())
        await harness.press("9", "9", "9", "9", "9", "enter")
        assert isinstance(harness.app.screen, OverrideLimitDialog)
        await harness.press("ctrl+u", "1", "enter")
        await harness.until(lambda: shown_queue(harness, queue.id).concurrency_limit == 1)
        assert shown_queue(harness, queue.id).concurrency.base == base
        await harness.press("U")
        await harness.until(lambda: isinstance(harness.app.screen, ConfirmDialog))
        await harness.press("y")
        await harness.until(lambda: shown_queue(harness, queue.id).concurrency_limit == base)
        assert [path.rsplit("/", 1)[1] for path in harness.writes] == ["override", "reset"]


async def test_the_filter_narrows_by_name_and_health() -> None:
    async with live_app(scenario=CALM) as harness:
        await at_queue(harness, "send-email")
        await harness.press("slash", *"send kind:task", "enter")
        await harness.until(lambda: [row.name for row in harness.table.rows] == ["send-email"])
        await harness.press("slash", "ctrl+u", *"health:nonsense", "enter")
        assert harness.app.screen.query_one("#filter-hint").plain_text.startswith(
            "   health is one of"
        )


@pytest.mark.parametrize(
    ("status", "words"), [(404, "not offered by this server"), (503, "server says 503")]
)
async def test_metrics_that_are_away_darken_one_line_of_an_opened_queue(
    status: int, words: str
) -> None:
    async with live_app(scenario=CALM, runs=100, speed=5) as harness:
        harness.faults.answer(status, times=None, path="/metrics", body={"error": "unavailable"})
        await at_queue(harness, "send-email")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, QueueScreen))
        line = harness.app.screen.query_one("#queue-metrics", Line)
        await harness.until(lambda: words in line.plain_text)
        await harness.until(lambda: harness.table.rows, "the runs of the queue")
        assert {row.task for row in harness.table.rows} == {"send-email"}
        pane = harness.app.screen.query_one(QueuePane)
        await harness.until(lambda: "send-email task" in pane.plain_text)
        assert "running" in pane.plain_text


async def opened_queue(stage: LiveHarness, name: str) -> QueueScreen:
    """The page of a queue, asked for by its name."""
    await stage.until(lambda: stage.app.session.identity is not None)
    stage.app.open_detail("queue", name)
    await stage.until(lambda: isinstance(stage.app.screen, QueueScreen))
    screen = stage.app.screen
    assert isinstance(screen, QueueScreen)
    return screen


async def test_a_queue_that_does_not_exist_is_said_so_whatever_its_kind() -> None:
    async with live_app() as harness:
        screen = await opened_queue(harness, "no-such-queue-zz")
        state = screen.query_one(StateView)
        await harness.until(lambda: "no such queue: no-such-queue-zz" in state.plain_text)
        assert "no data" in screen.query_one(StatusBar).plain_text
        assert "live" not in screen.query_one(StatusBar).plain_text
        kinds = [f"{path.rpartition('/')[2]}" for _, path in harness.faults.requests]
        assert kinds.count("no-such-queue-zz") >= 2, "as a task's own and as a custom one"
        assert not any("metrics" in path for _, path in harness.faults.requests)
        await harness.press("escape")
        screen = await opened_queue(harness, "custom/also-none")
        await harness.until(
            lambda: "no such queue: also-none" in screen.query_one(StateView).plain_text
        )


@pytest.mark.parametrize("name", ["crm", "custom/crm"])
async def test_a_custom_queue_is_found_by_its_name(name: str) -> None:
    async with live_app(runs=300) as harness:
        screen = await opened_queue(harness, name)
        await harness.until(lambda: "crm custom" in screen.query_one(QueuePane).plain_text)
        await harness.until(lambda: harness.table.rows, "the runs of the queue")
        assert {row.task for row in harness.table.rows} == {"sync-crm"}
        await harness.press("P")
        await harness.until(lambda: isinstance(harness.app.screen, ConfirmDialog))


async def test_a_queue_that_cannot_be_asked_for_says_why() -> None:
    async with live_app() as harness:
        harness.faults.answer(503, times=None, path="/queues/", body={"error": "unavailable"})
        screen = await opened_queue(harness, "crm")
        await harness.until(lambda: "server says 503" in screen.query_one(StateView).plain_text)
        harness.faults.clear()
        await harness.until(lambda: "crm custom" in screen.query_one(QueuePane).plain_text)


PAUSED = Scenario(
    "paused",
    "a paused environment with a few queued runs",
    interval_s=1e9,
    batch_every_s=1e9,
    events=(
        ScenarioEvent(-1, "pause environment"),
        ScenarioEvent(-0.5, "trigger", "send-email", 7),
    ),
)


@pytest.mark.parametrize("width", [80, 140])
async def test_a_paused_environment_is_said_wherever_it_explains_something(width: int) -> None:
    async with live_app(scenario=PAUSED, size=(width, 24)) as harness:
        bar = harness.app.screen.query_one(StatusBar)
        await harness.until(lambda: "environment paused" in cell_text(bar.cells(width)[0]))
        await harness.until(lambda: harness.table.rows)
        explanation = harness.app.screen.query_one(Explanation)
        await harness.until(lambda: "the environment is paused" in explanation.plain_text)
        await harness.press("2")
        await harness.until(
            lambda: isinstance(harness.app.screen, QueuesScreen) and harness.table.rows
        )
        counts = harness.app.screen.query_one("#counts", Line)
        await harness.until(lambda: "environment paused: nothing starts" in counts.plain_text)
        screen = harness.app.screen
        assert isinstance(screen, QueuesScreen)
        assert screen.readings is not None
        queue = next(row for row in harness.table.rows if row.name == "send-email")
        reading = screen.readings.reading_of(queue, harness.app.session.clock.now())
        assert forecast_label(reading)[0] == "environment paused"
        assert reading.health is Health.PAUSED
        assert "environment paused" in cell_text(screen.query_one(StatusBar).cells(width)[0])


async def test_matches_of_a_filter_are_gone_through_round_the_end() -> None:
    async with live_app(runs=200) as harness:
        await harness.until(lambda: harness.app.session.connection is not None)
        await harness.press("2")
        await harness.until(
            lambda: isinstance(harness.app.screen, QueuesScreen) and harness.table.rows
        )
        await harness.press("n", "w")
        assert len(harness.toasts) == 2
        await harness.press("slash", *"send", "enter")
        await harness.until(lambda: 0 < len(harness.table.rows) < 10)
        await harness.press("N")
        assert harness.table.cursor_index == len(harness.table.rows) - 1
        await harness.press("n")
        assert harness.table.cursor_index == 0
