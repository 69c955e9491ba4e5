"""The action log is on screen and on disk, without anything private in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.ui.live_stage import LiveStage, live_stage
from tests.ui.test_actions_live import asked, delayed, narrowed
from trigdash.service.audit import AuditLog
from trigdash.service.outcome import Outcome, Result
from trigdash.ui.dialogs.ask_replay import AskReplay
from trigdash.ui.dialogs.confirm import Confirm
from trigdash.ui.screens.actions_log import ActionsScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.explanation import Explanation
from trigdash.ui.widgets.state_view import StateView

T0 = datetime(2026, 3, 4, 12, tzinfo=UTC)


def outcomes(stage: LiveStage) -> Sequence[object]:
    connection = stage.app.session.connection
    assert connection is not None
    return connection.actions.outcomes


async def test_what_was_done_is_listed_with_how_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "actions.jsonl"
    kept = {"audit": AuditLog(path, "work")}
    async with live_stage(prepare=delayed, connected_with=kept) as stage:
        row = await narrowed(stage, "tag:first")
        stage.faults.drop(after_acting=True, path="/replay")
        await stage.press("R")
        await asked(stage, AskReplay)
        await stage.press("y")
        await stage.until(lambda: len(outcomes(stage)) == 1)
        # The replay has come above by now, or comes yet: the key is for the run in hand.
        await stage.press("C")
        await asked(stage, Confirm)
        await stage.press("y")
        await stage.until(lambda: len(outcomes(stage)) == 2)
        await stage.press("colon", *"actions", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ActionsScreen))
        await stage.until(lambda: len(stage.table.rows) == 2)
        listed = {entry.action: (entry.result, entry.target) for entry in stage.table.rows}
        assert listed["replay"] == ("unknown", row.id)
        assert listed["cancel"] == ("done", row.id)
        assert "1 unknown" in stage.words()
        assert str(path) in stage.words()
        assert stage.host.secret_key not in path.read_text(encoding="utf-8")


async def test_a_filter_without_matches_does_not_say_that_nothing_was_done(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "actions.jsonl", "work")
    chosen = {"chosen_by": "task:a", "run_ids": ["run_6", "run_7"]}
    done = Outcome(
        "bulk cancel", "2 runs", Result.DONE, "started", T0, new_id="bulk_1", details=chosen
    )
    log.write(done, "proj/prod")
    async with live_stage(connected_with={"audit": log}) as stage:
        await stage.until(lambda: stage.app.session.connection is not None)
        await stage.press("colon", *"actions", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ActionsScreen))
        await stage.until(lambda: len(stage.table.rows) == 1)
        other = replace(done, new_id="bulk_2", at=T0 + timedelta(seconds=1), details={})
        log.write(other, "proj/prod")
        await stage.until(lambda: len(stage.table.rows) == 2, "what another program did")
        screen = stage.app.screen
        assert isinstance(screen, ActionsScreen)
        screen.apply_line("replay")
        assert "no actions match" in screen.query_one(StateView).words
        screen.apply_line("run_7")
        await stage.until(lambda: len(stage.table.rows) == 1, "the bulk that was about this run")
        assert "chosen by task:a   on 2 runs" in screen.query_one(Explanation).words
        screen.apply_line("bulk cancel")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, RunsScreen))
        assert "bulk:bulk_" in stage.words()
