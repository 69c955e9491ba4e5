"""What resources do beyond a list and one request: hidden values, files, and ways to and fro."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from textual.widgets import Static

from tests.ui.live_harness import LiveHarness, live_app
from tests.ui.world_harness import open_world
from trigdash.backends.operations.project import list_variables
from trigdash.simulator.scenarios.definitions import BUSY
from trigdash.ui.dialogs.action_form import ActionForm
from trigdash.ui.dialogs.choice import Entry
from trigdash.ui.dialogs.confirm import ConfirmDialog
from trigdash.ui.dialogs.dialog import EnvironmentLabel
from trigdash.ui.screens.comparisons import CompareScreen
from trigdash.ui.screens.resource import ResourceScreen
from trigdash.ui.screens.resource_detail import ResourceDetail
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.row_table import RowTable


async def open_list(harness: LiveHarness, name: str) -> RowTable[Any]:
    await harness.until(lambda: harness.app.session.identity is not None)
    await harness.press("colon", *name, "enter")
    await harness.until(lambda: isinstance(harness.app.screen, ResourceScreen))
    return harness.table


def shown(harness: LiveHarness) -> str:
    """The text of the table or the fields in front."""
    screen = harness.app.screen
    widgets = [*screen.query(RowTable), *screen.query(FieldList)]
    return "\n".join(w.render_line(y).text for w in widgets for y in range(w.size.height))


async def test_values_are_hidden_until_v_and_again_once_they_were_left() -> None:
    async with live_app(runs=5) as harness:
        rows = (await harness.backend.call(list_variables(None))).rows
        value = next(row.value for row in rows if not row.is_secret and row.value)
        table = await open_list(harness, "variables")
        await harness.until(lambda: table.rows)
        assert value not in shown(harness)
        await harness.press("v")
        await harness.until(lambda: value in shown(harness))
        await harness.press("1", "colon", *"variables", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, ResourceScreen))
        assert value not in shown(harness)
        name = next(row.name for row in rows if row.value == value)
        harness.app.open_resource("variables", name)
        await harness.until(lambda: isinstance(harness.app.screen, ResourceDetail))
        await harness.until(lambda: "••••" in shown(harness))
        assert value not in shown(harness)
        await harness.press("v")
        await harness.until(lambda: value in shown(harness))


async def test_a_dotenv_file_is_imported_after_its_changes_were_shown(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    async with live_app(runs=5) as harness:
        rows = (await harness.backend.call(list_variables(None))).rows
        held = next(row for row in rows if not row.is_secret)
        file.write_text(f"NEW_ONE=17\n{held.name}=changed\n", encoding="utf-8")
        table = await open_list(harness, "variables")
        await harness.until(lambda: table.rows)
        await harness.press("I")
        await harness.until(lambda: isinstance(harness.app.screen, ActionForm))
        harness.app.screen.query_one(Entry).value = str(file)
        said = lambda: str(harness.app.screen.query_one("#consequence").render())  # noqa: E731
        await harness.until(lambda: "Sets 2 variables" in said())
        assert "NEW_ONE" in said()
        assert f"~ {held.name}" in said()
        assert "17" not in said(), "no value is shown"
        await harness.press("ctrl+s")
        await harness.until(lambda: any("imported" in toast for toast in harness.toasts))
        rows = (await harness.backend.call(list_variables(None))).rows
        assert {row.name: row.value for row in rows}[held.name] == "changed"


async def test_an_action_on_an_environment_is_red_where_that_one_is_production() -> None:
    async with open_world() as harness:
        table = await open_list(harness, "environments")
        await harness.until(lambda: table.rows)
        for place in (EnvironmentLabel("dev"), EnvironmentLabel("prod", production=True)):
            table.select_key(place.environment)
            await harness.press("P")
            await harness.until(lambda: isinstance(harness.app.screen, ConfirmDialog))
            dialog = harness.app.screen
            assert isinstance(dialog, ConfirmDialog)
            assert dialog.place == place
            said = [str(each.render()) for each in dialog.query(Static)]
            assert sum(text.count(f"  {place.environment}\n") for text in said) == 1, "named once"
            await harness.press("escape")
            await harness.until(lambda: isinstance(harness.app.screen, ResourceScreen))


async def test_two_environments_are_compared_by_name() -> None:
    async with open_world() as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.press("colon", *"compare staging", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, CompareScreen))
        await harness.until(lambda: "alike" in harness.words(), "the answer")


async def test_a_batch_is_triggered_from_a_file_and_says_how_far_it_is(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    lines = [{"task": "send-email", "payload": {"n": number}} for number in range(250)]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    async with live_app(runs=5) as harness:
        await open_list(harness, "batches")
        await harness.until(lambda: "Batches  0" in harness.words())
        await harness.press("N")
        await harness.until(lambda: isinstance(harness.app.screen, ActionForm))
        harness.app.screen.query_one(Entry).value = str(file)
        said = lambda: str(harness.app.screen.query_one("#consequence").render())  # noqa: E731
        await harness.until(lambda: "Triggers 250 runs of send-email" in said())
        harness.forget_requests()
        await harness.press("ctrl+s")
        await harness.until(lambda: any("250 items sent" in toast for toast in harness.toasts))
        assert [path.rsplit("/", 1)[-1] for path in harness.writes] == ["batches", *["items"] * 3]
        runs = harness.host.world.env.runs
        await harness.until(lambda: sum(run.batch is not None for run in runs.all) >= 250)


async def test_a_waiting_run_leads_to_its_token_and_the_token_back_to_it() -> None:
    async with live_app(scenario=BUSY, runs=300) as harness:
        from trigdash.backends.operations.inputs import list_tokens

        await harness.until(lambda: harness.app.session.identity is not None)
        tokens = (await harness.backend.call(list_tokens(None))).rows
        token, run_id = next(
            (each, tag)
            for each in tokens  # the youngest first: it waits for longest
            for tag in each.tags
            if each.status == "WAITING" and tag.startswith("run_")
        )
        harness.app.open_detail("run", run_id)
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        await harness.until(lambda: f"waits for token {token.id}" in shown(harness))
        await harness.press("i")
        await harness.until(lambda: isinstance(harness.app.screen, ResourceDetail))
        await harness.until(lambda: run_id in shown(harness))
        fields = harness.app.screen.query_one(FieldList)
        for _ in range(20):
            if fields.field is not None and fields.field.label == "run":
                break
            await harness.press("j")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))


async def test_runs_of_all_environments_are_one_list_and_a_run_opens_where_it_is() -> None:
    async with open_world(runs=60) as harness:
        table = await open_list(harness, "allruns")
        await harness.until(lambda: len({row.environment for row in table.rows}) > 1)
        await harness.press("slash", *"env:stg", "enter")
        await harness.until(lambda: {row.environment for row in table.rows} == {"stg"})
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, RunScreen))
        await harness.until(lambda: harness.app.session.environment_slug == "stg")
        await harness.until(lambda: harness.app.screen.view.run is not None)
