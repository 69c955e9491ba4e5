"""V2 queues: what holds them is a concurrency limit, named, counted and steered as such."""

from __future__ import annotations

from tests.ui.live_harness import LiveHarness, live_app
from trigdash.backends.operations.queues import get_limit, pause_limit
from trigdash.model.queue import Queue
from trigdash.presentation.queue_readings import Health, health
from trigdash.presentation.queues import limit_label
from trigdash.service.queues.query import Block, block_of
from trigdash.ui.dialogs.action_form import ActionForm
from trigdash.ui.dialogs.choice import Entry
from trigdash.ui.screens.queues import QueuesScreen


async def at_v2_queue(stage: LiveHarness) -> Queue:
    """The list of queues with a V2 one highlighted."""
    await stage.until(lambda: stage.app.session.identity is not None)
    await stage.press("2")
    await stage.until(lambda: isinstance(stage.app.screen, QueuesScreen))
    await stage.until(lambda: stage.table.rows, "the queues")
    queue = next(row for row in stage.table.rows if row.is_v2 and row.limits)
    assert stage.table.select_key(queue.id)
    await stage.pilot.pause()
    return queue


async def test_the_limit_of_a_v2_queue_is_named_beside_it_and_L_acts_on_the_limit() -> None:
    async with live_app() as harness:
        queue = await at_v2_queue(harness)
        assert queue.limits
        name = queue.limits[0].name
        assert name == f"task/{queue.name}"
        assert limit_label(queue).startswith(f"limit {name}: ")
        await harness.press("L")
        await harness.until(lambda: isinstance(harness.app.screen, ActionForm))
        entry = harness.app.screen.query_one("#input-total", Entry)
        entry.value = "0"
        await harness.pilot.pause()
        await harness.press("ctrl+s")
        await harness.until(lambda: _shown(harness, queue.id).concurrency_limit == 0)
        assert harness.writes == [f"/api/v1/concurrency-limits/task/{queue.name}/override"]
        assert (await harness.backend.call(get_limit(name))).total.override == 0
        screen = harness.app.screen
        assert isinstance(screen, QueuesScreen)
        shown = _shown(harness, queue.id)
        assert "overridden" in limit_label(shown)
        assert health(shown, block=block_of(shown, environment_paused=False)) is Health.BLOCKED


async def test_a_paused_limit_holds_its_queue_and_says_so() -> None:
    async with live_app() as harness:
        queue = await at_v2_queue(harness)
        await harness.backend.call(pause_limit(f"task/{queue.name}", True))
        await harness.until(lambda: _shown(harness, queue.id).paused_limit)
        shown = _shown(harness, queue.id)
        assert block_of(shown, environment_paused=False) is Block.PAUSED_LIMIT
        assert limit_label(shown).endswith("(paused)")


def _shown(stage: LiveHarness, queue_id: str) -> Queue:
    screen = next(s for s in stage.app.screen_stack if isinstance(s, QueuesScreen))
    return next(row for row in screen.table.rows if row.id == queue_id)
