"""Queues, watched and steered over real HTTP."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from tests.ui.live_stage import LiveStage, live_stage
from trigdash.model.queue import Queue
from trigdash.simulator.scenarios.definitions import CALM
from trigdash.simulator.world.scenario import Scenario, ScenarioEvent
from trigdash.ui.cells import cell_text
from trigdash.ui.dialogs.confirm import Confirm
from trigdash.ui.dialogs.limit import OverrideLimit
from trigdash.ui.queue_health import Health
from trigdash.ui.queue_readings import outlook_words
from trigdash.ui.screens.queue import QueueScreen
from trigdash.ui.screens.queues import QueuesScreen
from trigdash.ui.widgets.explanation import Explanation
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.queue_pane import QueuePane
from trigdash.ui.widgets.state_view import StateView
from trigdash.ui.widgets.status_bar import StatusBar


async def at_queue(stage: LiveStage, name: str) -> Queue:
    """The list of queues with one of them highlighted."""
    await stage.until(lambda: stage.app.session.identity is not None)
    await stage.press("2")
    await stage.until(lambda: isinstance(stage.app.screen, QueuesScreen))
    await stage.until(lambda: stage.table.rows, "the queues")
    queue = next(row for row in stage.table.rows if row.name == name)
    assert stage.table.select_key(queue.id)
    await stage.pilot.pause()
    return queue


def shown_queue(stage: LiveStage, queue_id: str) -> Queue:
    screen = next(s for s in stage.app.screen_stack if isinstance(s, QueuesScreen))
    return next(row for row in screen.table.rows if row.id == queue_id)


async def test_a_queue_is_paused_and_resumed() -> None:
    async with live_stage() as stage:
        queue = await at_queue(stage, "send-email")
        await stage.press("P")
        await stage.until(lambda: isinstance(stage.app.screen, Confirm))
        assert stage.app.screen.has_class("-production")
        await stage.press("y")
        await stage.until(lambda: shown_queue(stage, queue.id).paused)
        await stage.press("P")
        await stage.until(lambda: isinstance(stage.app.screen, Confirm))
        await stage.press("y")
        await stage.until(lambda: not shown_queue(stage, queue.id).paused)
        assert stage.writes == [f"/api/v1/queues/{queue.id}/pause"] * 2
        assert any("resumed" in toast for toast in stage.toasts)


async def test_a_write_is_for_the_marked_queue_and_for_no_other_than_that() -> None:
    async with live_stage() as stage:
        queue = await at_queue(stage, "generate-report")
        await stage.press("space")
        assert stage.table.cursor_row.id != queue.id, "marking goes on to the next row"
        await stage.press("P")
        await stage.until(lambda: isinstance(stage.app.screen, Confirm))
        assert "generate-report" in str(stage.app.screen.query_one(".said", Static).render())
        await stage.press("escape")
        await stage.until(lambda: isinstance(stage.app.screen, QueuesScreen))
        await stage.press("space", "P")
        await stage.until(lambda: any("one queue at a time" in toast for toast in stage.toasts))
        assert isinstance(stage.app.screen, QueuesScreen)
        assert stage.writes == []


async def test_a_limit_is_overridden_and_the_override_removed() -> None:
    async with live_stage() as stage:
        queue = await at_queue(stage, "resize-image")
        base = queue.concurrency_limit
        await stage.press("U")
        await stage.until(lambda: any("not overridden" in toast for toast in stage.toasts))
        await stage.press("L")
        await stage.until(lambda: isinstance(stage.app.screen, OverrideLimit))
        assert "allowed maximum" in str(stage.app.screen.query_one(".said", Static).render())
        await stage.press("9", "9", "9", "9", "9", "enter")
        assert isinstance(stage.app.screen, OverrideLimit)
        await stage.press("ctrl+u", "1", "enter")
        await stage.until(lambda: shown_queue(stage, queue.id).concurrency_limit == 1)
        assert shown_queue(stage, queue.id).concurrency.base == base
        await stage.press("U")
        await stage.until(lambda: isinstance(stage.app.screen, Confirm))
        await stage.press("y")
        await stage.until(lambda: shown_queue(stage, queue.id).concurrency_limit == base)
        assert [path.rsplit("/", 1)[1] for path in stage.writes] == ["override", "reset"]


async def test_the_filter_narrows_by_name_and_health() -> None:
    async with live_stage(scenario=CALM) as stage:
        await at_queue(stage, "send-email")
        await stage.press("slash", *"send kind:task", "enter")
        await stage.until(lambda: [row.name for row in stage.table.rows] == ["send-email"])
        await stage.press("slash", "ctrl+u", *"health:nonsense", "enter")
        assert stage.app.screen.query_one("#filter-hint").words.startswith("   health is one of")


@pytest.mark.parametrize(
    ("status", "words"), [(404, "not offered by this server"), (503, "server says 503")]
)
async def test_metrics_that_are_away_darken_one_line_of_an_opened_queue(
    status: int, words: str
) -> None:
    async with live_stage(scenario=CALM, runs=100, speed=5) as stage:
        stage.faults.answer(status, times=None, path="/metrics", body={"error": "unavailable"})
        await at_queue(stage, "send-email")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, QueueScreen))
        line = stage.app.screen.query_one("#queue-metrics", Line)
        await stage.until(lambda: words in line.words)
        await stage.until(lambda: stage.table.rows, "the runs of the queue")
        assert {row.task for row in stage.table.rows} == {"send-email"}
        pane = stage.app.screen.query_one(QueuePane)
        await stage.until(lambda: "send-email task" in pane.words)
        assert "running" in pane.words


async def opened_queue(stage: LiveStage, name: str) -> QueueScreen:
    """The page of a queue, asked for by its name."""
    await stage.until(lambda: stage.app.session.identity is not None)
    stage.app.open_detail("queue", name)
    await stage.until(lambda: isinstance(stage.app.screen, QueueScreen))
    screen = stage.app.screen
    assert isinstance(screen, QueueScreen)
    return screen


async def test_a_queue_that_does_not_exist_is_said_so_whatever_its_kind() -> None:
    async with live_stage() as stage:
        screen = await opened_queue(stage, "no-such-queue-zz")
        state = screen.query_one(StateView)
        await stage.until(lambda: "no such queue: no-such-queue-zz" in state.words)
        assert "no data" in screen.query_one(StatusBar).words
        assert "live" not in screen.query_one(StatusBar).words
        kinds = [f"{path.rpartition('/')[2]}" for _, path in stage.faults.requests]
        assert kinds.count("no-such-queue-zz") >= 2, "as a task's own and as a custom one"
        assert not any("metrics" in path for _, path in stage.faults.requests)
        await stage.press("escape")
        screen = await opened_queue(stage, "custom/also-none")
        await stage.until(lambda: "no such queue: also-none" in screen.query_one(StateView).words)


@pytest.mark.parametrize("name", ["crm", "custom/crm"])
async def test_a_custom_queue_is_found_by_its_name(name: str) -> None:
    async with live_stage(runs=300) as stage:
        screen = await opened_queue(stage, name)
        await stage.until(lambda: "crm custom" in screen.query_one(QueuePane).words)
        await stage.until(lambda: stage.table.rows, "the runs of the queue")
        assert {row.task for row in stage.table.rows} == {"sync-crm"}
        await stage.press("P")
        await stage.until(lambda: isinstance(stage.app.screen, Confirm))


async def test_a_queue_that_cannot_be_asked_for_says_why() -> None:
    async with live_stage() as stage:
        stage.faults.answer(503, times=None, path="/queues/", body={"error": "unavailable"})
        screen = await opened_queue(stage, "crm")
        await stage.until(lambda: "server says 503" in screen.query_one(StateView).words)
        stage.faults.clear()
        await stage.until(lambda: "crm custom" in screen.query_one(QueuePane).words)


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
    async with live_stage(scenario=PAUSED, size=(width, 24)) as stage:
        bar = stage.app.screen.query_one(StatusBar)
        await stage.until(lambda: "environment paused" in cell_text(bar.cells(width)[0]))
        await stage.until(lambda: stage.table.rows)
        explanation = stage.app.screen.query_one(Explanation)
        await stage.until(lambda: "the environment is paused" in explanation.words)
        await stage.press("2")
        await stage.until(lambda: isinstance(stage.app.screen, QueuesScreen) and stage.table.rows)
        counts = stage.app.screen.query_one("#counts", Line)
        await stage.until(lambda: "environment paused: nothing starts" in counts.words)
        screen = stage.app.screen
        assert isinstance(screen, QueuesScreen)
        assert screen.readings is not None
        queue = next(row for row in stage.table.rows if row.name == "send-email")
        reading = screen.readings.of(queue, stage.app.session.clock.now())
        assert outlook_words(reading)[0] == "environment paused"
        assert reading.health is Health.PAUSED
        assert "environment paused" in cell_text(screen.query_one(StatusBar).cells(width)[0])


async def test_matches_of_a_filter_are_gone_through_round_the_end() -> None:
    async with live_stage(runs=200) as stage:
        await stage.until(lambda: stage.app.session.connection is not None)
        await stage.press("2")
        await stage.until(lambda: isinstance(stage.app.screen, QueuesScreen) and stage.table.rows)
        await stage.press("n", "w")
        assert len(stage.toasts) == 2
        await stage.press("slash", *"send", "enter")
        await stage.until(lambda: 0 < len(stage.table.rows) < 10)
        await stage.press("N")
        assert stage.table.cursor_index == len(stage.table.rows) - 1
        await stage.press("n")
        assert stage.table.cursor_index == 0
