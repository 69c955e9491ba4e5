"""Many runs at once, over real HTTP: frozen, confirmed, counted once, resumable."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.widgets import Input, Static

from tests.ui.live_stage import LiveStage, live_stage
from trigdash.backends.base import Backend
from trigdash.clock import SystemClock
from trigdash.config import Destination
from trigdash.model.run_filter import RunFilter
from trigdash.service.bulk_journal import BulkJournal
from trigdash.service.bulk_plan import MAX_RUNS, BulkPlan
from trigdash.service.bulk_progress import BulkState
from trigdash.service.claim import Claim
from trigdash.simulator.http.faults import Fault
from trigdash.simulator.http.ratelimit import Rate
from trigdash.ui.dialogs.bulk_preview import AskBulk
from trigdash.ui.dialogs.bulk_progress import WatchBulk
from trigdash.ui.dialogs.choice import Choice
from trigdash.ui.dialogs.entry import Entry
from trigdash.ui.dialogs.gather import GatherRuns
from trigdash.ui.dialogs.pick import Pick
from trigdash.ui.dialogs.tags import AddTags
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.screens.save import SaveScreen


async def trigger(backend: Backend, number: int, task: str = "send-email") -> None:
    """Runs that wait for an hour, ten requests at a time."""
    for first in range(0, number, 10):
        await asyncio.gather(
            *(
                backend.trigger(task, {"n": n}, {"delay": "1h", "tags": ["many"]})
                for n in range(first, min(first + 10, number))
            )
        )


async def narrowed(stage: LiveStage, line: str) -> RunsScreen:
    await stage.until(lambda: stage.app.session.identity is not None)
    screen = stage.app.screen
    assert isinstance(screen, RunsScreen)
    screen.apply_line(line)
    await stage.until(lambda: stage.table.rows, f"a run for {line}")
    return screen


async def count(backend: Backend, **narrowed: object) -> int:
    """How many runs a filter matches on the server."""
    found, after = 0, None
    while True:
        page = await backend.runs(RunFilter(**narrowed), after=after, size=100)  # type: ignore[arg-type]
        found, after = found + len(page.rows), page.next
        if after is None:
            return found


def said(stage: LiveStage, selector: str) -> str:
    return str(stage.app.screen.query_one(selector, Static).render())


async def test_three_hundred_runs_are_cancelled_by_filter_after_the_count_is_typed() -> None:
    async with live_stage(prepare=lambda backend: trigger(backend, 300)) as stage:
        await narrowed(stage, "tag:many")
        await stage.press("X")
        await stage.until(lambda: isinstance(stage.app.screen, Pick))
        await stage.press("right", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        assert stage.app.screen.has_class("-production")
        assert "300 delayed" in " ".join(said(stage, ".said").split())
        await stage.press(*"299", "enter")
        assert stage.app.screen.query_one(".choice.-yes", Choice).disabled
        assert said(stage, ".type-it").startswith("299 is not it.")
        assert stage.writes == []
        await stage.press("backspace", "backspace", "backspace", *"300", *["enter"] * 5)
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        bulk = stage.app.session.connection.bulks[0]
        await stage.until(lambda: bulk.state is BulkState.ENDED)
        assert (bulk.progress.done, bulk.progress.failed, bulk.progress.left) == (300, 0, 0)
        assert stage.writes == ["/api/v1/bulk-actions"]
        assert await count(stage.backend, tags=("many",), statuses=("CANCELED",)) == 300


async def test_the_list_of_a_preview_is_exported_and_the_question_stays_open(
    tmp_path: Path,
) -> None:
    async with live_stage(prepare=lambda backend: trigger(backend, 3)) as stage:
        await narrowed(stage, "tag:many")
        await stage.press("ctrl+a", "C")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        await stage.press("3", "e")
        await stage.until(lambda: isinstance(stage.app.screen, SaveScreen))
        stage.app.screen.query_one("#save-path", Input).value = str(tmp_path / "list.csv")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        assert stage.app.screen.query_one(Entry).value == "3"
        assert any("list.csv" in toast for toast in stage.toasts)
        assert stage.writes == []
    saved = await asyncio.to_thread((tmp_path / "list.csv").read_text)
    head, *rows = saved.splitlines()
    assert head == "id,task,status,created_at,tags"
    assert len(rows) == 3
    assert all(",send-email,DELAYED," in row and row.endswith(",many") for row in rows)


async def test_more_than_a_list_holds_is_left_to_the_server_when_that_is_typed() -> None:
    async with live_stage(runs=MAX_RUNS + 2000, rate=Rate(9000, 3000)) as stage:
        matching = await count(stage.backend, statuses=("COMPLETED",))
        assert matching > MAX_RUNS
        await narrowed(stage, "status:completed")
        stage.forget_requests()
        await stage.press("X")
        await stage.until(lambda: isinstance(stage.app.screen, Pick))
        await stage.press("right", "right", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        question = stage.app.screen
        assert "more than 5,000 match: counted above are the newest" in said(stage, ".said")
        yes, everything = (question.query_one(f".choice.-{n}", Choice) for n in ("yes", "all"))
        assert yes.disabled
        assert everything.disabled
        await stage.press(*"al", "enter")
        assert everything.disabled
        await stage.press("l")
        await stage.until(lambda: not everything.disabled)
        assert yes.disabled
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        assert (
            stage.app.screen.query_one(".frame").border_title == " Replay all that match in prod "
        )
        bulk = stage.app.session.connection.bulks[0]
        await stage.until(lambda: bulk.progress.done > 0)
        assert bulk.progress.total == matching
        await stage.press("x")
        await stage.until(lambda: bulk.state is BulkState.ABORTED)
        assert bulk.progress.done + bulk.progress.left == matching
        assert [path.rpartition("/")[2] for path in stage.writes] == ["bulk-actions", "abort"]


async def test_who_does_not_want_to_wait_for_all_of_a_list_goes_on_with_what_was_read() -> None:
    async with live_stage(prepare=lambda backend: trigger(backend, 250), env="dev") as stage:
        await narrowed(stage, "tag:many")
        slow = stage.faults.add(Fault("GET", "/api/v1/runs", times=None, delay_s=1.0))
        await stage.press("X")
        await stage.until(lambda: isinstance(stage.app.screen, Pick))
        await stage.press("right", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, GatherRuns))
        assert stage.app.screen.query_one(".choice.-enough", Choice).disabled
        await stage.until(lambda: "100 runs so far" in said(stage, "#found"))
        await stage.press("g")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        stage.faults.remove(slow)
        assert "were read, the newest: more may match" in said(stage, ".said")
        await stage.press("a")
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        bulk = stage.app.session.connection.bulks[0]
        await stage.until(lambda: bulk.state is BulkState.ENDED)
        assert (bulk.progress.done, bulk.progress.total) == (250, 250)
        assert await count(stage.backend, tags=("many",), statuses=("CANCELED",)) == 250


async def test_a_preview_says_which_runs_started_since_it_was_taken() -> None:
    slow = "transcribe-audio"
    async with live_stage(prepare=lambda backend: trigger(backend, 3, slow)) as stage:
        screen = await narrowed(stage, "tag:many")
        first = screen.table.rows[0].id
        await stage.press("ctrl+a", "C")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        await stage.backend.reschedule(first, "1s")
        since = stage.app.screen.query_one("#since", Static)
        await stage.until(lambda: since.display, "the note")
        assert str(since.render()) == "● 1 of them started since the preview was taken"


async def test_marked_runs_are_tagged_one_by_one_in_the_background() -> None:
    async with live_stage(prepare=lambda backend: trigger(backend, 12), env="dev") as stage:
        await narrowed(stage, "tag:many")
        await stage.press("ctrl+a", "T")
        await stage.until(lambda: isinstance(stage.app.screen, AddTags))
        await stage.press(*"later,", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        assert not stage.app.screen.query(Entry)
        await stage.press("y")
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        await stage.press("escape")
        await stage.until(lambda: "bulk tag" in stage.words(), "the mark in the bar")
        await stage.until(lambda: any("12 done" in toast for toast in stage.toasts))
        assert len(stage.writes) == 12
        assert await count(stage.backend, tags=("later",)) == 12
        assert not stage.table.marked, "what was dealt with is marked no more"


async def test_an_interrupted_bulk_is_resumed_and_nothing_is_done_twice(tmp_path: Path) -> None:
    kept = {"bulk_folder": tmp_path}
    async with live_stage(
        prepare=lambda backend: trigger(backend, 12), env="dev", connected_with=kept
    ) as stage:
        await narrowed(stage, "tag:many")
        stage.faults.add(Fault("POST", "/tags", times=None, delay_s=0.15))
        await stage.press("ctrl+a", "T")
        await stage.until(lambda: isinstance(stage.app.screen, AddTags))
        await stage.press(*"once,", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        await stage.press("y")
        await stage.until(lambda: stage.app.session.connection.bulks)
        bulk = stage.app.session.connection.bulks[0]
        await stage.until(lambda: bulk.progress.done >= 3)
        await stage.app.switch(Destination())
        await stage.until(lambda: bulk.state is BulkState.INTERRUPTED)
        stage.faults.clear()
        await stage.until(lambda: stage.app.session.connection is not None)
        await stage.press("B")
        await stage.until(lambda: isinstance(stage.app.screen, Pick))
        await stage.press("right", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        resumed = stage.app.session.connection.bulks[0]
        await stage.until(lambda: resumed.state is BulkState.ENDED)
        assert (resumed.progress.done, resumed.progress.left) == (12, 0)
        assert len(stage.writes) == len(set(stage.writes)) == 12


async def test_a_list_that_another_program_took_up_meanwhile_is_left_to_it(tmp_path: Path) -> None:
    left = tmp_path / "20260101T000000000000-cancel.bulk.jsonl"
    BulkJournal.begin(BulkPlan("cancel", ("run_1",)), SystemClock().now(), left).release()
    async with live_stage(connected_with={"bulk_folder": tmp_path}) as stage:
        await stage.until(lambda: any("a bulk was interrupted" in toast for toast in stage.toasts))
        await stage.press("B")
        await stage.until(lambda: isinstance(stage.app.screen, Pick))
        theirs = Claim.take(left)
        assert theirs is not None
        await stage.press("right", "enter")
        words = "nothing is resumed: another trigdash works on this list"
        await stage.until(lambda: words in stage.toasts)
        theirs.release()
        assert stage.writes == []


async def test_failures_are_listed_and_can_be_tried_again() -> None:
    async with live_stage(prepare=lambda backend: trigger(backend, 4), env="dev") as stage:
        screen = await narrowed(stage, "tag:many")
        poor = screen.table.rows[1].id
        stage.faults.add(Fault("POST", f"{poor}/tags", status=422, body={"error": "not today"}))
        await stage.press("ctrl+a", "T")
        await stage.until(lambda: isinstance(stage.app.screen, AddTags))
        await stage.press(*"x,", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        await stage.press("y")
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        await stage.until(lambda: "not today" in said(stage, "#failures"))
        await stage.until(lambda: stage.app.session.connection.bulks[0].state is BulkState.ENDED)
        await stage.pilot.pause(0.6)
        await stage.press("r")
        await stage.until(lambda: len(stage.app.session.connection.bulks) == 1)
        await stage.until(lambda: stage.app.session.connection.bulks[0].progress.done == 1)
        assert stage.writes.count(f"/api/v1/runs/{poor}/tags") == 2


async def test_a_long_list_of_failures_is_scrolled_with_the_keys() -> None:
    async with live_stage(prepare=lambda backend: trigger(backend, 20), env="dev") as stage:
        await narrowed(stage, "tag:many")
        stage.faults.answer(422, times=None, path="/tags", body={"error": "not today"})
        await stage.press("ctrl+a", "T")
        await stage.until(lambda: isinstance(stage.app.screen, AddTags))
        await stage.press(*"x,", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        await stage.press("y")
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        await stage.until(lambda: stage.app.session.connection.bulks[0].progress.failed == 20)
        failed = stage.app.screen.query_one("#list")
        await stage.until(lambda: failed.max_scroll_y == 20 - 12, "all of them, in twelve lines")
        await stage.press("j")
        await stage.until(lambda: failed.scroll_offset.y == 1)
        await stage.press("pagedown", "k")
        await stage.until(lambda: failed.scroll_offset.y == 20 - 12 - 1)


async def test_a_bulk_is_aborted_and_what_is_left_stays_as_it_was() -> None:
    async with live_stage(prepare=lambda backend: trigger(backend, 8), env="dev") as stage:
        await narrowed(stage, "tag:many")
        stage.faults.add(Fault("POST", "/tags", times=None, delay_s=0.2))
        await stage.press("ctrl+a", "T")
        await stage.until(lambda: isinstance(stage.app.screen, AddTags))
        await stage.press(*"gone,", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, AskBulk))
        await stage.press("y")
        await stage.until(lambda: isinstance(stage.app.screen, WatchBulk))
        bulk = stage.app.session.connection.bulks[0]
        await stage.until(lambda: bulk.progress.done >= 1)
        await stage.press(*["x"] * 4)
        await stage.until(lambda: bulk.state is BulkState.ABORTED)
        progress = bulk.progress
        assert progress.left > 0
        assert await count(stage.backend, tags=("gone",)) == progress.done
