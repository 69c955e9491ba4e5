"""The action log is on screen and on disk, without anything private in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.ui.live_harness import LiveHarness, live_app
from tests.ui.test_actions_live import asked, delayed, narrowed
from trigdash.service.actions.outcome import AuditLog, Outcome, Result
from trigdash.ui.dialogs.confirm import ConfirmDialog, ReplayDialog
from trigdash.ui.screens.actions_log import ActionsScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.text_panes import Explanation, StateView

T0 = datetime(2026, 3, 4, 12, tzinfo=UTC)


def outcomes(stage: LiveHarness) -> Sequence[object]:
    connection = stage.app.session.connection
    assert connection is not None
    return connection.actions.outcomes


async def test_what_was_done_is_listed_with_how_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "actions.jsonl"
    kept = {"audit": AuditLog(path, "work")}
    async with live_app(prepare=delayed, connected_with=kept) as harness:
        row = await narrowed(harness, "tag:first")
        harness.faults.drop(after_acting=True, path="/replay")
        await harness.press("R")
        await asked(harness, ReplayDialog)
        await harness.press("y")
        await harness.until(lambda: len(outcomes(harness)) == 1)
        # The replay has come above by now, or comes yet: the key is for the run in hand.
        await harness.press("C")
        await asked(harness, ConfirmDialog)
        await harness.press("y")
        await harness.until(lambda: len(outcomes(harness)) == 2)
        await harness.press("colon", *"actions", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, ActionsScreen))
        await harness.until(lambda: len(harness.table.rows) == 2)
        listed = {entry.action: (entry.result, entry.target) for entry in harness.table.rows}
        assert listed["replay"] == ("unknown", row.id)
        assert listed["cancel"] == ("done", row.id)
        assert "1 unknown" in harness.words()
        assert str(path) in harness.words()
        assert harness.host.secret_key not in path.read_text(encoding="utf-8")


async def test_a_filter_without_matches_does_not_say_that_nothing_was_done(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "actions.jsonl", "work")
    chosen = {"chosen_by": "task:a", "run_ids": ["run_6", "run_7"]}
    done = Outcome(
        "bulk cancel", "2 runs", Result.DONE, "started", T0, new_id="bulk_1", details=chosen
    )
    log.write(done, "proj/prod")
    async with live_app(connected_with={"audit": log}) as harness:
        await harness.until(lambda: harness.app.session.connection is not None)
        await harness.press("colon", *"actions", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, ActionsScreen))
        await harness.until(lambda: len(harness.table.rows) == 1)
        other = replace(done, new_id="bulk_2", at=T0 + timedelta(seconds=1), details={})
        log.write(other, "proj/prod")
        await harness.until(lambda: len(harness.table.rows) == 2, "what another program did")
        screen = harness.app.screen
        assert isinstance(screen, ActionsScreen)
        screen.apply_line("replay")
        assert "no actions match" in screen.query_one(StateView).plain_text
        screen.apply_line("run_7")
        await harness.until(
            lambda: len(harness.table.rows) == 1, "the bulk that was about this run"
        )
        assert "chosen by task:a   on 2 runs" in screen.query_one(Explanation).plain_text
        screen.apply_line("bulk cancel")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
        assert "bulk:bulk_" in harness.words()
