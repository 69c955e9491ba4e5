"""The action log is on screen and on disk, without anything private in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.ui.live_stage import LiveStage, live_stage
from tests.ui.test_actions_live import asked, delayed, narrowed
from trigdash.service.audit import AuditLog
from trigdash.ui.dialogs.ask_replay import AskReplay
from trigdash.ui.dialogs.confirm import Confirm
from trigdash.ui.screens.actions_log import ActionsScreen


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
