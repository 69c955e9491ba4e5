"""Many runs at once, over real HTTP: frozen, confirmed, counted once, resumable."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.widgets import Input, Static

from tests.ui.live_harness import LiveHarness, live_app
from trigdash.backends.base import Backend
from trigdash.clock import SystemClock
from trigdash.config.file_lock import FileLock
from trigdash.config.options import Destination
from trigdash.model.run_filter import RunFilter
from trigdash.service.bulk.journal import BulkJournal
from trigdash.service.bulk.plan import MAX_RUNS, BulkPlan
from trigdash.service.bulk.progress import BulkState
from trigdash.simulator.http.faults import Fault
from trigdash.simulator.http.ratelimit import Rate
from trigdash.ui.dialogs.bulk_preview import BulkPreviewDialog
from trigdash.ui.dialogs.bulk_progress import BulkProgressDialog
from trigdash.ui.dialogs.choice import Choice, Entry
from trigdash.ui.dialogs.collect_runs import CollectRunsDialog
from trigdash.ui.dialogs.confirm import PickDialog
from trigdash.ui.dialogs.leave import AskToLeave
from trigdash.ui.dialogs.save import SaveScreen
from trigdash.ui.dialogs.tags import AddTagsDialog
from trigdash.ui.screens.runs import RunsScreen


async def trigger(backend: Backend, number: int, task: str = "send-email") -> None:
    """Runs that wait for an hour, ten requests at a time."""
    for first in range(0, number, 10):
        await asyncio.gather(
            *(
                backend.trigger(task, {"n": n}, {"delay": "1h", "tags": ["many"]})
                for n in range(first, min(first + 10, number))
            )
        )


async def narrowed(stage: LiveHarness, line: str) -> RunsScreen:
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


def said(stage: LiveHarness, selector: str) -> str:
    return str(stage.app.screen.query_one(selector, Static).render())


async def test_three_hundred_runs_are_canceled_by_filter_after_the_count_is_typed() -> None:
    async with live_app(prepare=lambda backend: trigger(backend, 300)) as harness:
        await narrowed(harness, "tag:many")
        await harness.press("X")
        await harness.until(lambda: isinstance(harness.app.screen, PickDialog))
        await harness.press("right", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        assert harness.app.screen.has_class("-production")
        assert "300 delayed" in " ".join(said(harness, ".said").split())
        await harness.press(*"299", "enter")
        assert harness.app.screen.query_one(".choice.-yes", Choice).disabled
        assert said(harness, ".type-it").startswith("299 is not it.")
        assert harness.writes == []
        await harness.press("backspace", "backspace", "backspace", *"300", *["enter"] * 5)
        # The server may be done with it before the last enter, which then leaves the result.
        connection = harness.app.session.connection
        await harness.until(lambda: connection.bulks)
        bulk = connection.bulks[0]
        await harness.until(lambda: bulk.state is BulkState.ENDED)
        assert (bulk.progress.done, bulk.progress.failed, bulk.progress.left) == (300, 0, 0)
        assert harness.writes == ["/api/v1/bulk-actions"]
        assert await count(harness.backend, tags=("many",), statuses=("CANCELED",)) == 300


async def test_the_list_of_a_preview_is_exported_and_the_question_stays_open(
    tmp_path: Path,
) -> None:
    async with live_app(prepare=lambda backend: trigger(backend, 3)) as harness:
        await narrowed(harness, "tag:many")
        await harness.press("ctrl+a", "C")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        await harness.press("3", "e")
        await harness.until(lambda: isinstance(harness.app.screen, SaveScreen))
        harness.app.screen.query_one("#save-path", Input).value = str(tmp_path / "list.csv")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        assert harness.app.screen.query_one(Entry).value == "3"
        assert any("list.csv" in toast for toast in harness.toasts)
        assert harness.writes == []
    saved = await asyncio.to_thread((tmp_path / "list.csv").read_text)
    head, *rows = saved.splitlines()
    assert head == "id,task,status,created_at,tags"
    assert len(rows) == 3
    assert all(",send-email,DELAYED," in row and row.endswith(",many") for row in rows)


async def test_more_than_a_list_holds_is_left_to_the_server_when_that_is_typed() -> None:
    async with live_app(runs=MAX_RUNS + 2000, rate=Rate(9000, 3000)) as harness:
        matching = await count(harness.backend, statuses=("COMPLETED",))
        assert matching > MAX_RUNS
        await narrowed(harness, "status:completed")
        harness.forget_requests()
        await harness.press("X")
        await harness.until(lambda: isinstance(harness.app.screen, PickDialog))
        await harness.press("right", "right", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        question = harness.app.screen
        assert "more than 5,000 match: counted above are the newest" in said(harness, ".said")
        yes, everything = (question.query_one(f".choice.-{n}", Choice) for n in ("yes", "all"))
        assert yes.disabled
        assert everything.disabled
        await harness.press(*"al", "enter")
        assert everything.disabled
        await harness.press("l")
        await harness.until(lambda: not everything.disabled)
        assert yes.disabled
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        assert (
            harness.app.screen.query_one(".frame").border_title == " Replay all that match in prod "
        )
        bulk = harness.app.session.connection.bulks[0]
        await harness.until(lambda: bulk.progress.done > 0)
        assert bulk.progress.total == matching
        await harness.press("x")
        await harness.until(lambda: bulk.state is BulkState.ABORTED)
        assert bulk.progress.done + bulk.progress.left == matching
        assert [path.rpartition("/")[2] for path in harness.writes] == ["bulk-actions", "abort"]


async def test_who_does_not_want_to_wait_for_all_of_a_list_goes_on_with_what_was_read() -> None:
    async with live_app(prepare=lambda backend: trigger(backend, 250), env="dev") as harness:
        await narrowed(harness, "tag:many")
        slow = harness.faults.add(Fault("GET", "/api/v1/runs", times=None, delay_s=1.0))
        await harness.press("X")
        await harness.until(lambda: isinstance(harness.app.screen, PickDialog))
        await harness.press("right", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, CollectRunsDialog))
        assert harness.app.screen.query_one(".choice.-enough", Choice).disabled
        await harness.until(lambda: "100 runs so far" in said(harness, "#found"))
        await harness.press("g")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        harness.faults.remove(slow)
        assert "were read, the newest: more may match" in said(harness, ".said")
        await harness.press("a")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        bulk = harness.app.session.connection.bulks[0]
        await harness.until(lambda: bulk.state is BulkState.ENDED)
        assert (bulk.progress.done, bulk.progress.total) == (250, 250)
        assert await count(harness.backend, tags=("many",), statuses=("CANCELED",)) == 250


async def test_a_preview_says_which_runs_started_since_it_was_taken() -> None:
    slow = "transcribe-audio"
    async with live_app(prepare=lambda backend: trigger(backend, 3, slow)) as harness:
        screen = await narrowed(harness, "tag:many")
        first = screen.table.rows[0].id
        await harness.press("ctrl+a", "C")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        await harness.backend.reschedule(first, "1s")
        since = harness.app.screen.query_one("#since", Static)
        await harness.until(lambda: since.display, "the note")
        assert str(since.render()) == "● 1 of them started since the preview was taken"


async def test_marked_runs_are_tagged_one_by_one_in_the_background() -> None:
    async with live_app(prepare=lambda backend: trigger(backend, 12), env="dev") as harness:
        await narrowed(harness, "tag:many")
        await harness.press("ctrl+a", "T")
        await harness.until(lambda: isinstance(harness.app.screen, AddTagsDialog))
        await harness.press(*"later,", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        assert not harness.app.screen.query(Entry)
        await harness.press("y")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        await harness.press("escape")
        await harness.until(lambda: "bulk tag" in harness.words(), "the mark in the bar")
        await harness.until(lambda: any("12 done" in toast for toast in harness.toasts))
        assert len(harness.writes) == 12
        assert await count(harness.backend, tags=("later",)) == 12
        assert not harness.table.marked, "what was dealt with is marked no more"


async def test_an_interrupted_bulk_is_resumed_and_nothing_is_done_twice(tmp_path: Path) -> None:
    kept = {"bulk_folder": tmp_path}
    async with live_app(
        prepare=lambda backend: trigger(backend, 12), env="dev", connected_with=kept
    ) as harness:
        await narrowed(harness, "tag:many")
        harness.faults.add(Fault("POST", "/tags", times=None, delay_s=0.15))
        await harness.press("ctrl+a", "T")
        await harness.until(lambda: isinstance(harness.app.screen, AddTagsDialog))
        await harness.press(*"once,", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        await harness.press("y")
        await harness.until(lambda: harness.app.session.connection.bulks)
        bulk = harness.app.session.connection.bulks[0]
        await harness.until(lambda: bulk.progress.done >= 3)
        await harness.press("escape")
        await harness.app.switch(Destination())
        await harness.until(lambda: isinstance(harness.app.screen, AskToLeave))
        await harness.press("y")
        await harness.until(lambda: bulk.state is BulkState.INTERRUPTED)
        harness.faults.clear()
        await harness.until(lambda: harness.app.session.connection is not None)
        await harness.press("B")
        await harness.until(lambda: isinstance(harness.app.screen, PickDialog))
        await harness.press("right", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        resumed = harness.app.session.connection.bulks[0]
        await harness.until(lambda: resumed.state is BulkState.ENDED)
        assert (resumed.progress.done, resumed.progress.left) == (12, 0)
        assert len(harness.writes) == len(set(harness.writes)) == 12


async def test_a_list_that_another_program_took_up_meanwhile_is_left_to_it(tmp_path: Path) -> None:
    left = tmp_path / "20260101T000000000000-cancel.bulk.jsonl"
    BulkJournal.create(BulkPlan("cancel", ("run_1",)), SystemClock().now(), left).release()
    async with live_app(connected_with={"bulk_folder": tmp_path}) as harness:
        await harness.until(
            lambda: any("a bulk action was interrupted" in toast for toast in harness.toasts)
        )
        await harness.press("B")
        await harness.until(lambda: isinstance(harness.app.screen, PickDialog))
        theirs = FileLock.acquire(left)
        assert theirs is not None
        await harness.press("right", "enter")
        words = "nothing is resumed: another trigdash works on this list"
        await harness.until(lambda: words in harness.toasts)
        theirs.release()
        assert harness.writes == []


async def test_failures_are_listed_and_can_be_tried_again() -> None:
    async with live_app(prepare=lambda backend: trigger(backend, 4), env="dev") as harness:
        screen = await narrowed(harness, "tag:many")
        poor = screen.table.rows[1].id
        harness.faults.add(Fault("POST", f"{poor}/tags", status=422, body={"error": "not today"}))
        await harness.press("ctrl+a", "T")
        await harness.until(lambda: isinstance(harness.app.screen, AddTagsDialog))
        await harness.press(*"x,", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        await harness.press("y")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        await harness.until(lambda: "not today" in said(harness, "#failures"))
        await harness.until(
            lambda: harness.app.session.connection.bulks[0].state is BulkState.ENDED
        )
        await harness.pilot.pause(0.6)
        await harness.press("r")
        await harness.until(lambda: len(harness.app.session.connection.bulks) == 1)
        await harness.until(lambda: harness.app.session.connection.bulks[0].progress.done == 1)
        assert harness.writes.count(f"/api/v1/runs/{poor}/tags") == 2


async def test_a_long_list_of_failures_is_scrolled_with_the_keys() -> None:
    async with live_app(prepare=lambda backend: trigger(backend, 20), env="dev") as harness:
        await narrowed(harness, "tag:many")
        harness.faults.answer(422, times=None, path="/tags", body={"error": "not today"})
        await harness.press("ctrl+a", "T")
        await harness.until(lambda: isinstance(harness.app.screen, AddTagsDialog))
        await harness.press(*"x,", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        await harness.press("y")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        await harness.until(lambda: harness.app.session.connection.bulks[0].progress.failed == 20)
        failed = harness.app.screen.query_one("#list")
        await harness.until(lambda: failed.max_scroll_y == 20 - 12, "all of them, in twelve lines")
        await harness.press("j")
        await harness.until(lambda: failed.scroll_offset.y == 1)
        await harness.press("pagedown", "k")
        await harness.until(lambda: failed.scroll_offset.y == 20 - 12 - 1)


async def test_a_bulk_is_aborted_and_what_is_left_stays_as_it_was() -> None:
    async with live_app(prepare=lambda backend: trigger(backend, 8), env="dev") as harness:
        await narrowed(harness, "tag:many")
        harness.faults.add(Fault("POST", "/tags", times=None, delay_s=0.2))
        await harness.press("ctrl+a", "T")
        await harness.until(lambda: isinstance(harness.app.screen, AddTagsDialog))
        await harness.press(*"gone,", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, BulkPreviewDialog))
        await harness.press("y")
        await harness.until(lambda: isinstance(harness.app.screen, BulkProgressDialog))
        bulk = harness.app.session.connection.bulks[0]
        await harness.until(lambda: bulk.progress.done >= 1)
        await harness.press(*["x"] * 4)
        await harness.until(lambda: bulk.state is BulkState.ABORTED)
        progress = bulk.progress
        assert progress.left > 0
        assert await count(harness.backend, tags=("gone",)) == progress.done
