"""Why a run does not move, a key away from it, over real HTTP."""

from __future__ import annotations

from tests.ui.live_harness import LiveHarness, live_app
from trigdash.service.why.check import Finding
from trigdash.service.why.verdict import why
from trigdash.simulator.http.faults import Fault
from trigdash.simulator.scenarios.definitions import INCIDENT
from trigdash.simulator.scenarios.plants import plants_of
from trigdash.ui.screens.queue import QueueScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.screens.why import WhyScreen


async def list_of(harness: LiveHarness, code: str) -> str:
    """The run list with the run of a planted cause alone; its id."""
    run_id = next(each.subject for each in plants_of(harness.host.world) if each.code == code)
    run = next(run for run in harness.host.world.env.runs.all if run.id == run_id)
    await harness.until(lambda: harness.app.session.identity is not None)
    screen = harness.app.screen
    assert isinstance(screen, RunsScreen)
    screen.apply_line(f"tag:{run.tags[0]}")
    await harness.until(lambda: [row.id for row in harness.table.rows] == [run_id], "one row")
    return run_id


async def test_a_key_says_what_holds_a_run_and_its_line_opens_the_queue() -> None:
    async with live_app(scenario=INCIDENT) as harness:
        run_id = await list_of(harness, "queue_paused")
        await harness.press("W")
        await harness.until(lambda: "Queue crm is paused" in harness.words(), "the verdict")
        assert run_id in harness.words()
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, QueueScreen))


async def test_an_opened_run_says_why_too() -> None:
    async with live_app(scenario=INCIDENT) as harness:
        await list_of(harness, "silent")
        await harness.press("enter", "W")
        await harness.until(lambda: isinstance(harness.app.screen, WhyScreen))
        await harness.until(lambda: "has said nothing for" in harness.words(), "the verdict")


async def test_a_key_that_may_not_query_is_told_which_right_is_missing() -> None:
    async with live_app(scenario=INCIDENT) as harness:
        run_id = await list_of(harness, "key_full")
        harness.faults.add(Fault(path="/query", status=403, times=None, body={"error": "No"}))
        await harness.press("W")
        told = "Not known: needs the right read:query: this key may not do that (403: No)"
        await harness.until(lambda: told in harness.words(), "the verdict")
        answer = await why(harness.backend, run_id, harness.app.session.clock.now())
        assert answer.cause is None
        assert answer.verdict.startswith(told)
        known = {check.code: check.finding for check in answer.checks}
        assert known["queue_paused"] is known["queue_full"] is Finding.UNKNOWN
        assert known["environment_paused"] is Finding.RULED_OUT
