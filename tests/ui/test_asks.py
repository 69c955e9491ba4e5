"""The questions before an action on one run, and what comes of their answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend, FakeRun, make_row
from tests.fakes.clock import FakeClock
from tests.ui.writing_desk import ScriptedDesk, words_of
from trigdash.backends.base import CannotReach
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import RunQuery
from trigdash.ui.actions.run_prompts import prompt_metadata
from trigdash.ui.dialogs.confirm import ConfirmDialog
from trigdash.ui.dialogs.json_form import EditMetadataDialog

ROW = make_row(1, "EXECUTING")


@pytest.fixture
def backend() -> FakeBackend:
    backend = FakeBackend()
    backend.add([ROW])
    return backend


@dataclass
class FakeRunWithMetadata(FakeRun):
    metadata: Any = None


def holds(backend: FakeBackend, *metadata: Any) -> None:
    """What the run holds at each look, the last for ever."""
    left = list(metadata)

    def look(_: str) -> FakeRunWithMetadata:
        held = left.pop(0) if len(left) > 1 else left[0]
        return FakeRunWithMetadata(ROW, metadata=held)

    backend.answers["run"] = look


async def test_only_what_was_changed_in_the_metadata_is_sent(
    connection: Connection, backend: FakeBackend
) -> None:
    holds(backend, {"progress": 10, "stage": "a"}, {"progress": 70, "stage": "a"})
    desk = ScriptedDesk(connection, {"progress": 10, "stage": "mine"})
    deed = await prompt_metadata(desk, ROW)
    assert deed is not None
    assert (await deed.start(connection.actions)).done
    assert backend.asked("edit_metadata") == [(ROW.id, {"stage": "mine"}, ())]
    assert [type(dialog) for dialog in desk.dialogs] == [EditMetadataDialog]


@pytest.mark.parametrize("agrees", [True, None])
async def test_a_value_that_changed_meanwhile_is_shown_beside_mine_before_it_is_overwritten(
    connection: Connection, backend: FakeBackend, agrees: bool | None
) -> None:
    holds(backend, {"stage": "a", "n": 1}, {"stage": "theirs", "n": 1})
    desk = ScriptedDesk(connection, {"stage": "mine", "n": 1}, agrees, None)
    deed = await prompt_metadata(desk, ROW)
    question = desk.dialogs[1]
    assert isinstance(question, ConfirmDialog)
    assert 'stage\n  now    "theirs"\n  yours  "mine"' in words_of(question)
    assert (deed is not None) is (agrees is True)
    assert len(desk.dialogs) == (2 if agrees else 3), "who does not agree goes on editing"
    if deed is not None:
        await deed.start(connection.actions)
        assert backend.asked("edit_metadata") == [(ROW.id, {"stage": "mine"}, ())]


async def test_metadata_that_somebody_made_the_same_meanwhile_are_not_sent(
    connection: Connection, backend: FakeBackend
) -> None:
    holds(backend, {"a": 1}, {"a": 2})
    desk = ScriptedDesk(connection, {"a": 2})
    assert await prompt_metadata(desk, ROW) is None
    assert desk.said == ["the metadata are like that already; nothing was sent"]


async def test_what_was_typed_is_not_lost_when_the_server_is_away_at_the_end(
    connection: Connection, backend: FakeBackend
) -> None:
    holds(backend, {"a": 1})

    def type_while_the_server_goes(_: Any) -> dict[str, Any]:
        backend.failure = CannotReach("refused")
        return {"a": 2}

    def type_again_when_it_is_back(dialog: Any) -> Any:
        backend.failure = None
        return dialog._typed_before

    desk = ScriptedDesk(connection, type_while_the_server_goes, type_again_when_it_is_back)
    deed = await prompt_metadata(desk, ROW)
    assert deed is not None
    await deed.start(connection.actions)
    assert backend.asked("edit_metadata") == [(ROW.id, {"a": 2}, ())]


@pytest.mark.parametrize("settled", [False, True])
async def test_metadata_are_not_edited_on_an_old_copy_and_the_run_is_not_polled_on(
    connection: Connection, backend: FakeBackend, clock: FakeClock, settled: bool
) -> None:
    holds(backend, {"a": 1})
    if settled:
        ended = replace(ROW, status_name="COMPLETED")
        backend.answers["run"] = FakeRun(ended, finished_at=clock.now())
    connection.watch(RunQuery(ROW.id), _ignore)
    await clock.settle()
    connection.unwatch(RunQuery(ROW.id), _ignore)
    assert connection.snapshot(RunQuery(ROW.id)).is_final is settled
    backend.failure = CannotReach("refused")
    desk = ScriptedDesk(connection)
    assert await prompt_metadata(desk, ROW) is None
    assert desk.said == ["warning: cannot reach the server (refused); nothing was sent"]
    asked = len(backend.asked("run"))
    await clock.advance(120)
    assert len(backend.asked("run")) == asked
    assert backend.asked("edit_metadata") == []


def _ignore(_: object) -> None:
    pass
