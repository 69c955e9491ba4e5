"""Batches over real HTTP: found, opened, believed by their runs, replayed where they failed."""

from __future__ import annotations

from dataclasses import replace

import httpx
from textual.widgets import Static

from tests.ui.live_harness import STILL, LiveHarness, live_app
from trigdash.model.run_filter import RunFilter
from trigdash.simulator.world.scenario import Incident
from trigdash.simulator.world.tasks import TaskError
from trigdash.ui.dialogs.bulk_preview import BulkPreviewDialog
from trigdash.ui.dialogs.bulk_progress import BulkProgressDialog
from trigdash.ui.dialogs.confirm import PickDialog
from trigdash.ui.screens.batch import BatchScreen
from trigdash.ui.screens.resource import ResourceScreen

FAILING = replace(
    STILL,
    incidents=(Incident("charge-invoice", TaskError("CardError", "declined", "charge"), -1, 1e9),),
)
"""Every attempt of charge-invoice throws."""


async def triggered(stage: LiveHarness, items: list[dict[str, object]]) -> str:
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


def head(stage: LiveHarness) -> str:
    return str(stage.app.screen.query_one("#batch-head", Static).render())


async def opened(stage: LiveHarness, batch_id: str) -> None:
    """The batch, opened from the list."""
    await stage.until(lambda: stage.app.session.identity is not None)
    await stage.press("3")
    await stage.until(lambda: isinstance(stage.app.screen, ResourceScreen))
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
    async with live_app(scenario=FAILING, speed=30, runs=5) as harness:
        batch_id = await triggered(harness, items)
        await opened(harness, batch_id)
        await harness.until(lambda: "3 of 3 runs ended" in head(harness), "the end")
        failed = 3 if "3 failed" in head(harness) else 2  # a mail may fail of itself
        assert f"{failed} failed" in head(harness)
        await harness.until(lambda: "still calls it pending" in head(harness))
        await harness.press("R")
        await harness.until(lambda: isinstance(harness.app.screen, PickDialog))
        await harness.press("right", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        await harness.press(str(failed), "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        bulk = harness.app.session.connection.bulks[0]
        await harness.until(lambda: bulk.progress.done == failed)
        assert harness.writes == ["/api/v1/bulk-actions"]
        made = await harness.backend.runs(RunFilter(tasks=("charge-invoice",), period="5m"))
        assert len(made.rows) == 4


async def test_what_is_unfinished_in_a_batch_is_cancelled() -> None:
    items: list[dict[str, object]] = [
        {"task": "send-email", "options": {"delay": "1h"}} for _ in range(5)
    ]
    async with live_app(env="dev") as harness:
        batch_id = await triggered(harness, items)
        await opened(harness, batch_id)
        await harness.until(lambda: len(harness.table.rows) == 5, "its runs")
        await harness.press("C")
        await harness.until(lambda: isinstance(harness.app.screen, PickDialog))
        await harness.press("right", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        await harness.press("y")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        await harness.until(lambda: harness.app.session.connection.bulks[0].progress.done == 5)
        await harness.press("escape")
        await harness.until(lambda: "5 canceled" in head(harness))
        await harness.press("C")
        await harness.until(lambda: isinstance(harness.app.screen, PickDialog))
        assert not harness.app.screen.query(".choice.-run"), "it has ended"
        await harness.press("right", "enter")
        await harness.until(lambda: "nothing to cancel: no run matches" in harness.toasts)
        assert harness.writes == ["/api/v1/bulk-actions"]


async def test_without_a_query_endpoint_the_list_says_where_it_comes_from() -> None:
    async with live_app(env="dev") as harness:
        batch_id = await triggered(harness, [{"task": "send-email", "options": {"delay": "1h"}}])
        harness.faults.answer(404, times=None, path="/api/v1/query", body={"error": "Not found"})
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.press("colon", *f"batch {batch_id}", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BatchScreen))
        await harness.until(lambda: "0 of 1 run ended" in head(harness))
        await harness.press("3")
        await harness.until(lambda: "no list of batches" in harness.words())
        await harness.until(lambda: batch_id in {line.id for line in harness.table.rows})


async def test_a_batch_of_more_runs_than_are_loaded_is_counted_by_the_query_endpoint() -> None:
    items: list[dict[str, object]] = [
        {"task": "send-email", "options": {"delay": "1h"}} for _ in range(150)
    ]
    async with live_app(env="dev") as harness:
        batch_id = await triggered(harness, items)
        await opened(harness, batch_id)
        await harness.until(lambda: "0 of 150 runs ended   0 running, 150 queued" in head(harness))
        assert "not looked at" not in head(harness)
        assert len(harness.table.rows) < 150
