"""Each way of being stuck, over real HTTP: the overview says in words what holds the run back."""

from __future__ import annotations

import pytest

from tests.ui.live_harness import LiveHarness, live_app
from tests.ui.run_harness import text_of
from trigdash.simulator.scenarios.definitions import INCIDENT
from trigdash.ui.screens.queue import QueueScreen
from trigdash.ui.widgets.field_list import FieldList


def stuck(stage: LiveHarness, way: str, env: str) -> str:
    """The last run that was triggered to be stuck in some way."""
    runs = stage.host.world.environments[env].runs.all
    tagged = [run for run in runs if f"stuck:{way}" in run.tags and run.parent is None]
    return max(tagged, key=lambda run: run.created_ms).id


def overview(stage: LiveHarness) -> str:
    screen = stage.app.screen
    return "".join(text_of(lines) for lines in screen.query("#overview").results(FieldList))


@pytest.mark.parametrize(
    ("env", "told"),
    [
        (
            "prod",
            {
                "queue-paused": "its queue crm is paused",
                "ttl": "its queue crm is paused",
                "limit-zero": "its queue moderate-comment has a limit of 0",
                "queue-full": "its queue indexing is full: 2 of 2 running",
                "key-full": "its concurrency key customer_stuck is full: 1 of 1 running",
                "silent": "in SELECT * FROM invoices   nothing new in its trace for",
                "dequeued": "a worker was found for it and has not begun",
                "token": "waiting in wait.forToken()   no change for",
                "child": "1 of 3 child runs not over",
                "retry": "waits to try again: attempt 1 failed",
                "delayed": "starts in",
                "no-version": "waits for a version that knows this task to be deployed",
            },
        ),
        ("stg", {"environment-paused": "the environment is paused"}),
    ],
)
async def test_a_stuck_run_says_why(env: str, told: dict[str, str]) -> None:
    async with live_app(scenario=INCIDENT, env=env) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        for way, words in told.items():
            harness.app.open_detail("run", stuck(harness, way, env))
            await harness.until(lambda words=words: words in overview(harness), f"{way}: {words}")
            await harness.press("escape")


async def test_enter_on_what_holds_a_run_opens_its_queue() -> None:
    async with live_app(scenario=INCIDENT) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        harness.app.open_detail("run", stuck(harness, "queue-paused", "prod"))
        await harness.until(lambda: "is paused" in overview(harness))
        fields = harness.app.screen.query_one("#overview", FieldList)
        while fields.field is None or fields.field.label != "held by":
            await harness.press("j")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, QueueScreen))
        await harness.until(lambda: "crm custom" in harness.words())
