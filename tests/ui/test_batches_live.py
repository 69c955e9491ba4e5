"""Batches over real HTTP: found, opened, believed by their runs, replayed where they failed."""

from __future__ import annotations

from dataclasses import replace

import httpx
from textual.widgets import Static

from tests.ui.live_stage import STILL, LiveStage, live_stage
from trigdash.model.run_filter import RunFilter
from trigdash.simulator.world.scenario import Incident
from trigdash.simulator.world.tasks import Fault
from trigdash.ui.dialogs.bulk_preview import AskBulk
from trigdash.ui.dialogs.bulk_progress import WatchBulk
from trigdash.ui.dialogs.pick import Pick
from trigdash.ui.screens.batch import BatchScreen
from trigdash.ui.screens.batches import BatchesScreen

FAILING = replace(
    STILL,
    incidents=(Incident("charge-invoice", Fault("CardError", "declined", "charge"), -1, 1e9),),
)
"""Every attempt of charge-invoice throws."""


async def triggered(stage: LiveStage, items: list[dict[str, object]]) -> str:
    """The id of a new batch of the old kind, which the server calls PENDING for good."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{stage.host.url}/api/v1/tasks/batch",
            headers={"authorization": f"Bearer {stage.host.secret_key}"},
            json={"items": items},
        )
    assert answer.status_code == 202, answer.text
    stage.forget_requests()
    return str(answer.json()["id"])


def head(stage: LiveStage) -> str:
    return str(stage.app.screen.query_one("#batch-head", Static).render())


async def opened(stage: LiveStage, batch_id: str) -> None:
    """The batch, opened from the list."""
    await stage.until(lambda: stage.app.session.identity is not None)
    await stage.press("3")
    await stage.until(lambda: isinstance(stage.app.screen, BatchesScreen))
    await stage.until(lambda: batch_id in {line.id for line in stage.table.rows}, "the batch")
    assert stage.table.select_key(batch_id)
    await stage.press("enter")
    await stage.until(lambda: isinstance(stage.app.screen, BatchScreen))


async def test_a_batch_is_believed_by_its_runs_and_its_failures_are_replayed() -> None:
    items: list[dict[str, object]] = [
        {"task": "charge-invoice", "options": {"maxAttempts": 1}},
        {"task": "charge-invoice", "options": {"maxAttempts": 1}},
        {"task": "send-email"},
    ]
    async with live_stage(scenario=FAILING, speed=30, runs=5) as stage:
        batch_id = await triggered(stage, items)
        await opened(stage, batch_id)
        await stage.until(lambda: "3 of 3 runs ended" in head(stage), "the end")
        failed = 3 if "3 failed" in head(stage) else 2  # a mail may fail of itself
        assert f"{failed} failed" in head(stage)
        await stage.until(lambda: "still calls it pending" in head(stage))
        await stage.press("R")
        await stage.until(lambda: isinstance(stage.app.screen, Pick))
        await stage.press("right", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        await stage.press(str(failed), "enter")
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        bulk = stage.app.session.connection.bulks[0]
        await stage.until(lambda: bulk.progress.done == failed)
        assert stage.writes == ["/api/v1/bulk-actions"]
        made = await stage.backend.runs(RunFilter(tasks=("charge-invoice",), period="5m"))
        assert len(made.rows) == 4


async def test_what_is_unfinished_in_a_batch_is_cancelled() -> None:
    items: list[dict[str, object]] = [
        {"task": "send-email", "options": {"delay": "1h"}} for _ in range(5)
    ]
    async with live_stage(env="dev") as stage:
        batch_id = await triggered(stage, items)
        await opened(stage, batch_id)
        await stage.until(lambda: len(stage.table.rows) == 5, "its runs")
        await stage.press("C")
        await stage.until(lambda: isinstance(stage.app.screen, Pick))
        await stage.press("right", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        await stage.press("y")
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        await stage.until(lambda: stage.app.session.connection.bulks[0].progress.done == 5)
        await stage.press("escape")
        await stage.until(lambda: "5 canceled" in head(stage))
        await stage.press("C")
        await stage.until(lambda: isinstance(stage.app.screen, Pick))
        assert not stage.app.screen.query(".choice.-run"), "it has ended"
        await stage.press("right", "enter")
        await stage.until(lambda: "nothing to cancel: no run matches" in stage.toasts)
        assert stage.writes == ["/api/v1/bulk-actions"]


async def test_without_a_query_endpoint_the_list_says_where_it_comes_from() -> None:
    async with live_stage(env="dev") as stage:
        batch_id = await triggered(stage, [{"task": "send-email", "options": {"delay": "1h"}}])
        stage.faults.answer(404, times=None, path="/api/v1/query", body={"error": "Not found"})
        await stage.until(lambda: stage.app.session.identity is not None)
        await stage.press("colon", *f"batch {batch_id}", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, BatchScreen))
        await stage.until(lambda: "0 of 1 run ended" in head(stage))
        await stage.press("3")
        await stage.until(lambda: "no list of batches" in stage.words())
        await stage.until(lambda: batch_id in {line.id for line in stage.table.rows})


async def test_a_batch_of_more_runs_than_are_loaded_is_counted_by_the_query_endpoint() -> None:
    items: list[dict[str, object]] = [
        {"task": "send-email", "options": {"delay": "1h"}} for _ in range(150)
    ]
    async with live_stage(env="dev") as stage:
        batch_id = await triggered(stage, items)
        await opened(stage, batch_id)
        await stage.until(lambda: "0 of 150 runs ended   0 running, 150 queued" in head(stage))
        assert "not looked at" not in head(stage)
        assert len(stage.table.rows) < 150
