"""From a wish about many runs to its end: what is asked, what is sent, what is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend, make_rows
from tests.fakes.bulk_server import FakeBulkServer, ids
from tests.fakes.clock import FakeClock
from tests.ui.writing_desk import ScriptedDesk, words_of
from trigdash.backends.base import CannotReach, InvalidRequest
from trigdash.model.capability import Capability
from trigdash.model.run_filter import RunFilter
from trigdash.service.bulk.bulk import Bulk
from trigdash.service.bulk.journal import BulkJournal
from trigdash.service.bulk.plan import MAX_RUNS, BulkPlan
from trigdash.service.bulk.progress import BulkState
from trigdash.service.connection import Connection
from trigdash.ui.actions.bulk_controller import (
    act_on_matching,
    act_on_rows,
    carry_out,
    open_bulks,
    pick_verb,
    prompt_in_batch,
    watch,
)
from trigdash.ui.actions.run_prompts import prompt_cancel
from trigdash.ui.dialogs.bulk_preview import BulkPreviewDialog
from trigdash.ui.dialogs.bulk_progress import BulkProgressDialog
from trigdash.ui.dialogs.collect_runs import CollectRunsDialog
from trigdash.ui.dialogs.confirm import ConfirmDialog, PickDialog
from trigdash.ui.dialogs.tags import AddTagsDialog

QUEUED = RunFilter(statuses=("QUEUED",))
SINGLES = frozenset(Capability) - {Capability.BULK}


@pytest.fixture
async def connection(
    backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> AsyncIterator[Connection]:
    opened = Connection(backend, clock, bulk_folder=tmp_path)
    yield opened
    await opened.close()


async def gathers(dialog: CollectRunsDialog) -> Any:
    """Answers the dialog that reads runs with all that it reads."""
    return await dialog._gather(lambda found: True)


async def gathers_a_page(dialog: CollectRunsDialog) -> Any:
    """The same for somebody who does not want to wait."""
    return await dialog._gather(lambda found: False)


def plan_of(dialog: BulkPreviewDialog) -> BulkPlan:
    return dialog._preview.plan


def whole_of(dialog: BulkPreviewDialog) -> BulkPlan | None:
    return dialog._preview.whole


# What is asked


async def test_a_filter_that_cannot_be_read_to_its_end_is_said_and_nothing_is_asked_or_sent(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.add(make_rows(range(250), "QUEUED"))
    plain = backend.runs

    async def breaks_off(narrowed: RunFilter, *, after: str | None = None, size: int = 100) -> Any:
        if after is not None:
            raise CannotReach("refused")
        return await plain(narrowed, after=after, size=size)

    backend.runs = breaks_off  # type: ignore[method-assign]
    desk = ScriptedDesk(connection, gathers)
    await act_on_matching(desk, "cancel", QUEUED)
    assert desk.said == ["warning: cannot reach the server (refused); nothing was sent"]
    assert [type(dialog) for dialog in desk.dialogs] == [CollectRunsDialog], "no count is confirmed"
    assert connection.bulks == ()


async def test_who_stops_the_reading_is_asked_nothing_more(connection: Connection) -> None:
    desk = ScriptedDesk(connection, None)
    await act_on_matching(desk, "cancel", QUEUED)
    assert (len(desk.dialogs), desk.said, connection.bulks) == (1, [], ())


@pytest.mark.parametrize(
    ("runs", "is_cut"), [(250, False), (MAX_RUNS, False), (MAX_RUNS + 1, True)]
)
async def test_only_a_list_that_was_cut_offers_to_let_the_server_find_the_rest(
    connection: Connection, backend: FakeBackend, runs: int, is_cut: bool
) -> None:
    backend.add(make_rows(range(runs), "QUEUED"))
    desk = ScriptedDesk(connection, gathers, None)
    await act_on_matching(desk, "cancel", QUEUED)
    asked = desk.dialogs[-1]
    assert isinstance(asked, BulkPreviewDialog)
    assert len(plan_of(asked).run_ids) == min(runs, MAX_RUNS)
    assert plan_of(asked).matching is None
    assert (whole_of(asked) is not None) is is_cut
    assert "more than 5,000 match" in words_of(asked) or not is_cut


async def test_a_list_that_was_cut_short_by_hand_offers_the_rest_too(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.add(make_rows(range(250), "QUEUED"))
    desk = ScriptedDesk(connection, gathers_a_page, None)
    await act_on_matching(desk, "replay", QUEUED)
    asked = desk.dialogs[-1]
    assert isinstance(asked, BulkPreviewDialog)
    whole = whole_of(asked)
    assert whole is not None
    assert whole.matching is not None
    assert (whole.matching.statuses, whole.matching.until) == (("QUEUED",), connection.clock.now())


async def test_where_the_server_has_no_bulk_a_cut_list_stays_a_list(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.capabilities = SINGLES
    backend.add(make_rows(range(250), "QUEUED"))
    desk = ScriptedDesk(connection, gathers_a_page, None)
    await act_on_matching(desk, "cancel", QUEUED)
    asked = desk.dialogs[-1]
    assert isinstance(asked, BulkPreviewDialog)
    assert whole_of(asked) is None
    assert "only these are acted on" in words_of(asked)


@pytest.mark.parametrize(
    ("verb", "rows", "words"),
    [
        ("cancel", make_rows(range(3)), "nothing to cancel: 3 runs matched, and all have ended"),
        ("cancel", [], "nothing to cancel: no run matches"),
        ("replay", [], "nothing to replay: no run matches"),
    ],
)
async def test_nothing_to_act_on_is_said_and_not_asked(
    connection: Connection, backend: FakeBackend, verb: str, rows: Any, words: str
) -> None:
    backend.add(rows)
    desk = ScriptedDesk(connection, gathers)
    narrowed = RunFilter(statuses=("COMPLETED",)) if rows else RunFilter()
    await act_on_matching(desk, verb, narrowed)
    assert (desk.said, len(desk.dialogs)) == ([words], 1)


async def test_every_question_knows_the_key_that_opened_it(
    connection: Connection, backend: FakeBackend
) -> None:
    """Held on, the key must answer none of them."""
    backend.add(make_rows(range(3), "QUEUED"))
    desk = ScriptedDesk(connection, "cancel", gathers, None, opened_by="X")
    await pick_verb(desk, QUEUED)
    row = make_rows(range(1), "QUEUED")[0]
    desk.answers.extend(["run", None, None, ("x",), None, None])
    await prompt_in_batch(desk, "cancel", RunFilter(batch="batch_1"), row, prompt_cancel)
    await act_on_rows(desk, "tag", [row], "1 run")
    await act_on_rows(desk, "tag", [row], "1 run")
    FakeBulkServer(backend)
    bulk = connection.start_bulk(BulkPlan("cancel", ids(range(3))))
    await watch(desk, bulk)
    kinds = [
        PickDialog,
        CollectRunsDialog,
        BulkPreviewDialog,
        PickDialog,
        ConfirmDialog,
        AddTagsDialog,
        AddTagsDialog,
        BulkPreviewDialog,
        BulkProgressDialog,
    ]
    assert [type(dialog) for dialog in desk.dialogs] == kinds
    assert [dialog.opened_by for dialog in desk.dialogs] == ["X"] * len(kinds)


async def test_only_what_the_backend_can_do_is_offered_for_everything_that_matches(
    connection: Connection, backend: FakeBackend
) -> None:
    backend.capabilities = frozenset({Capability.CANCEL, Capability.TAG})
    desk = ScriptedDesk(connection, None)
    await pick_verb(desk, QUEUED)
    [pick] = desk.dialogs
    assert isinstance(pick, PickDialog)
    assert list(pick._choices) == ["cancel", "tag"]


async def test_an_agreement_that_comes_after_its_environment_was_left_starts_nothing(
    connection: Connection,
) -> None:
    rows = make_rows(range(3), "QUEUED")

    def leaves(dialog: BulkPreviewDialog) -> BulkPlan:
        desk.session.connection = None
        return plan_of(dialog)

    desk = ScriptedDesk(connection, leaves)
    await act_on_rows(desk, "cancel", rows, "3 runs")
    assert connection.bulks == ()


# What is said at its end


async def begun(
    desk: ScriptedDesk, connection: Connection, plan: BulkPlan, clock: FakeClock
) -> Bulk:
    """A bulk whose progress is left at once."""
    bulk = connection.start_bulk(plan)
    desk.answers.append(None)
    await carry_out(desk, bulk)
    return bulk


async def test_a_bulk_that_ends_in_the_background_tells_failures_and_lost_answers_as_a_warning(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    ends: dict[str, Any] = {
        "run_000001": CannotReach("cut", outcome_unknown=True),
        "run_000002": InvalidRequest("no", status=400),
    }
    backend.answers["replay"] = lambda run_id: ends.get(run_id, "run_new")
    desk = ScriptedDesk(connection)
    await begun(desk, connection, BulkPlan("replay", ids(range(4))), clock)
    assert desk.said == []
    await clock.advance(60)
    words = "bulk replay ended: 2 done, 1 failed, 1 unknown, not sent again"
    assert desk.said == [f"warning: {words}"]
    assert desk.unmarked == {"run_000000", "run_000003"}, "what failed stays marked"


async def test_a_clean_end_is_no_warning_and_takes_the_marks_away(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    FakeBulkServer(backend)
    desk = ScriptedDesk(connection)
    await begun(desk, connection, BulkPlan("cancel", ids(range(1))), clock)
    await clock.advance(5)
    assert desk.said == ["warning: bulk cancel ended: 0 done, 1 failed"]
    backend.capabilities = SINGLES
    await begun(desk, connection, BulkPlan("cancel", ids(range(3))), clock)
    await clock.advance(5)
    assert desk.said[1:] == ["bulk cancel ended: 3 done"]
    assert desk.unmarked == set(ids(range(3)))


async def test_a_bulk_that_ended_while_it_was_watched_says_its_end_no_second_time(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES

    async def looks_on(dialog: BulkProgressDialog) -> None:
        await clock.advance(10)
        assert dialog._bulk.state is BulkState.ENDED

    desk = ScriptedDesk(connection, looks_on)
    await carry_out(desk, connection.start_bulk(BulkPlan("cancel", ids(range(3)))))
    await clock.advance(10)
    assert (desk.said, desk.unmarked) == ([], set(ids(range(3))))


async def test_a_bulk_that_is_opened_and_left_again_says_its_end_once(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    desk = ScriptedDesk(connection)
    await begun(desk, connection, BulkPlan("cancel", ids(range(30))), clock)
    for _ in range(3):
        desk.answers.append(None)
        await open_bulks(desk)
    await clock.advance(30)
    assert desk.said == ["bulk cancel ended: 30 done"]


async def test_an_abort_from_the_background_is_told(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    desk = ScriptedDesk(connection)
    bulk = await begun(desk, connection, BulkPlan("cancel", ids(range(30))), clock)
    await clock.advance(0.95)
    await bulk.abort()
    await clock.settle()
    done = bulk.progress.done
    assert desk.said == [f"bulk cancel aborted: {done} done, {30 - done} not tried"]
    assert desk.unmarked == set(ids(range(done)))


async def test_a_bulk_whose_environment_was_left_says_nothing_there(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    desk = ScriptedDesk(connection)
    bulk = await begun(desk, connection, BulkPlan("cancel", ids(range(30))), clock)
    desk.session.connection = None
    await bulk.interrupt()
    await asyncio.gather(*desk.workers)
    assert (desk.said, desk.unmarked) == ([], set())


async def test_failures_are_tried_again_as_a_bulk_of_their_own_that_is_seen_to_its_end_too(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    backend.capabilities = SINGLES
    no: dict[str, Any] = {"run_000001": InvalidRequest("no", status=400)}
    backend.answers["add_tags"] = lambda run_id, _: no.get(run_id, "")

    async def tries_again(dialog: BulkProgressDialog) -> str:
        await clock.advance(10)
        no.clear()
        return "retry"

    desk = ScriptedDesk(connection, tries_again, None)
    await carry_out(desk, connection.start_bulk(BulkPlan("tag", ids(range(3)), ("x",), "these")))
    await clock.advance(10)
    assert [target for target, _ in backend.asked("add_tags")] == [*ids(range(3)), "run_000001"]
    assert desk.said == ["bulk tag ended: 1 done"]
    assert desk.unmarked == set(ids(range(3)))


# What was interrupted


async def interrupted(folder: Path, clock: FakeClock, *plans: BulkPlan) -> list[Path]:
    """Lists of bulks that were left undone, the oldest first."""
    paths = [folder / f"2026010{number}T000000000000-cancel.bulk.jsonl" for number in range(1, 9)]
    for path, plan in zip(paths, plans, strict=False):
        BulkJournal.create(plan, clock.now(), path).release()
    return paths[: len(plans)]


async def test_an_interrupted_bulk_is_resumed_let_go_or_decided_about_later(
    connection: Connection, backend: FakeBackend, clock: FakeClock, tmp_path: Path
) -> None:
    backend.capabilities = SINGLES
    await interrupted(tmp_path, clock, *[BulkPlan("cancel", ids(range(n))) for n in (2, 3)])
    later = ScriptedDesk(connection, None)
    await open_bulks(later)
    assert "3 runs" in words_of(later.dialogs[0])
    assert len(connection.interrupted_bulks()) == 2
    lets_go = ScriptedDesk(connection, "drop")
    await open_bulks(lets_go)
    assert len(connection.interrupted_bulks()) == 1, "for good"
    resumes = ScriptedDesk(connection, "resume", None)
    await open_bulks(resumes)
    assert "2 runs" in words_of(resumes.dialogs[0])
    await clock.advance(10)
    assert resumes.said == ["bulk cancel ended: 2 done"]
    assert connection.interrupted_bulks() == []
    nothing = ScriptedDesk(connection, None)
    await open_bulks(nothing)
    assert isinstance(nothing.dialogs[0], BulkProgressDialog), "the last one that ended"


async def test_without_any_bulk_that_is_said(connection: Connection) -> None:
    desk = ScriptedDesk(connection)
    await open_bulks(desk)
    assert desk.said == ["no bulk is under way, and none was interrupted"]
