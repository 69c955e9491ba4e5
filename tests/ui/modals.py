"""Every question that the dashboard asks, ready to be asked: for what holds for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from inspect import getmembers, isfunction
from typing import Any, Final

from textual.screen import Screen

from tests.fakes.backend import FakeBackend, make_rows
from tests.fakes.login import FakeTrial
from trigdash.backends.base import Backend, NotFound
from trigdash.config.login import Answers
from trigdash.model.queue import Queue
from trigdash.presentation.action import ActionSpec
from trigdash.presentation.columns import ColumnChoice
from trigdash.presentation.registry import RESOURCES
from trigdash.presentation.replay_start import FormStart
from trigdash.service.actions.actions import Actions
from trigdash.service.bulk.bulk import Bulk
from trigdash.service.bulk.collect import CollectedRuns
from trigdash.service.bulk.journal import BulkJournal
from trigdash.service.bulk.plan import BulkPlan, preview
from trigdash.service.connection import Connection
from trigdash.service.filters.completion import Completion
from trigdash.ui.app import TrigdashApp
from trigdash.ui.dialogs.action_form import ActionForm
from trigdash.ui.dialogs.bulk_preview import BulkPreviewDialog
from trigdash.ui.dialogs.bulk_progress import BulkProgressDialog
from trigdash.ui.dialogs.collect_runs import CollectRunsDialog
from trigdash.ui.dialogs.columns import ColumnsScreen
from trigdash.ui.dialogs.confirm import ConfirmDialog, PickDialog, ReplayDialog
from trigdash.ui.dialogs.dialog import EnvironmentLabel
from trigdash.ui.dialogs.edit_replay import EditReplayDialog
from trigdash.ui.dialogs.json_form import EditMetadataDialog, RestartDialog
from trigdash.ui.dialogs.leave import AskToLeave
from trigdash.ui.dialogs.one_line import OverrideLimitDialog, RescheduleDialog
from trigdash.ui.dialogs.picker import Option, SortPicker, ThemePicker
from trigdash.ui.dialogs.resource_picker import Offered, ResourcePicker
from trigdash.ui.dialogs.save import SaveScreen, SaveText, SaveValue
from trigdash.ui.dialogs.tags import AddTagsDialog
from trigdash.ui.lifecycle import LeftOnce
from trigdash.ui.screens.command_line import ActionPalette, CommandLine
from trigdash.ui.screens.connect import ConnectScreen
from trigdash.ui.screens.environments import EnvironmentsScreen
from trigdash.ui.screens.help import HelpScreen
from trigdash.ui.screens.palette_hits import PlainHits

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DEV = EnvironmentLabel("dev")
PROD = EnvironmentLabel("prod", production=True)
QUEUE = Queue.model_validate(
    {"id": "queue_1", "name": "send-email", "running": 2, "queued": 5, "concurrencyLimit": 20}
)
ROWS = make_rows(range(1, 4), "QUEUED")

Make = Callable[[TrigdashApp], Screen[Any]]


def _create_schedule() -> ActionSpec[Any]:
    """An action with many inputs."""
    return next(each for each in RESOURCES["schedules"].load().actions if each.on_list)


def _bulk(app: TrigdashApp) -> Bulk:
    """A bulk that has not begun."""
    connection = app.session.connection
    assert isinstance(connection, Connection)
    actions: Actions = connection.actions
    journal = BulkJournal.create(BulkPlan("cancel", ("run_1", "run_2"), label="two"), NOW, None)
    return Bulk(journal, connection.backend, actions, connection.clock)


def _busy(app: TrigdashApp) -> Connection:
    """A connection with a bulk that does not end: the clock stands still."""
    connection = app.session.connection
    assert connection is not None
    connection.start_bulk(BulkPlan("tag", ("run_1", "run_2"), ("x",), "two"))
    return connection


async def _gathering(progress: Callable[[int], bool]) -> CollectedRuns:
    """Reads runs until it is left."""
    progress(1)
    await asyncio.Event().wait()
    return CollectedRuns(tuple(ROWS))


MODALS: Final[Mapping[str, Make]] = {
    "confirm": lambda _: ConfirmDialog("Cancel", DEV, [], safe="keep it", act="cancel"),
    "replay": lambda _: ReplayDialog("Replay", PROD, [], can_edit=True),
    "pick": lambda _: PickDialog("Which", DEV, [], {"this": "this run", "all": "all runs"}),
    "tags": lambda _: AddTagsDialog("Tag", PROD, [], ("here",)),
    "limit": lambda _: OverrideLimitDialog(DEV, QUEUE, 300),
    "reschedule": lambda _: RescheduleDialog("RescheduleDialog", DEV, [], lambda: NOW),
    "metadata": lambda _: EditMetadataDialog("Metadata", DEV, [], {"step": 1}),
    "restart": lambda _: RestartDialog("Restart", PROD, [], {"to": "a"}),
    "edited replay": lambda _: EditReplayDialog(
        "Replay", DEV, FormStart(payload='{"a": 1}', fields={"tags": "x"}), lambda: NOW
    ),
    "sort": lambda _: SortPicker("sort by", [Option("age", "age"), Option("task", "task")]),
    "theme": lambda _: ThemePicker("theme", [Option("a", "a"), Option("b", "b")]),
    "picker": lambda _: ResourcePicker(
        DEV, [Offered(entry) for entry in RESOURCES.values()], opened_by="9"
    ),
    "action": lambda _: ActionForm(_create_schedule(), None, "Create a schedule", DEV, []),
    "bulk": lambda _: BulkPreviewDialog(preview("cancel", ROWS, 5_000), DEV, []),
    "bulk in production": lambda _: BulkPreviewDialog(preview("cancel", ROWS, 5_000), PROD, []),
    "progress": lambda app: BulkProgressDialog(_bulk(app), DEV),
    "gather": lambda _: CollectRunsDialog(DEV, "status:queued", _gathering),
    "command line": lambda _: CommandLine("", _nothing, lambda line: None, ("runs",)),
    "connect": lambda _: ConnectScreen("no key found", ("work",), Answers(), FakeTrial),
    "columns": lambda _: ColumnsScreen(
        {"status": 17, "task": 20, "age": 5}, ColumnChoice(("task",)), lambda _: {}
    ),
    "help": lambda app: HelpScreen(("list", "table", "everywhere"), app.session),
    "save": lambda _: SaveScreen("runs", ("id",), [{"id": "run_1"}]),
    "save text": lambda _: SaveText("now", "all is well"),
    "save value": lambda _: SaveValue("run_1", "$.payload", lambda: "{}", is_text=False),
    "environments": lambda app: EnvironmentsScreen(app.session),
    "leave": lambda app: AskToLeave("quit", DEV, _busy(app)),
    "palette": lambda _: ActionPalette([PlainHits], id="--command-palette"),
}


def _nothing(line: str, at: int) -> Completion:
    return Completion(at, at, ())


def backend_of_three() -> FakeBackend:
    """A backend with three queued runs, which has nothing else."""
    backend = FakeBackend()
    reads = [name for name, _ in getmembers(Backend, isfunction) if name not in ("runs", "aclose")]
    backend.failures = dict.fromkeys(reads, NotFound("Not found", status=404))
    for name in ("identity", "cancel", "add_tags"):
        del backend.failures[name]
    backend.add(ROWS)
    return backend


def all_modals(kind: type[Any] = LeftOnce) -> Iterator[type[Any]]:
    """Every class of question that is asked somewhere: those that nothing is derived from."""
    for each in kind.__subclasses__():
        if each.__subclasses__():
            yield from all_modals(each)
        elif each.__module__.startswith("trigdash."):
            yield each
